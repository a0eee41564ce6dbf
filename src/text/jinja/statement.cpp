#include "text/jinja/statement.hpp"

#include <algorithm>

#include "text/jinja/spelling.hpp"

namespace evoke::text::jinja {

namespace {

/// What a statement, or a round of a loop, costs beside what it computes.
constexpr std::size_t statement_units = 128;

}  // namespace

Flow Statement::run(Scope& scope, Output& output) const {
    try {
        Effort::spend(statement_units);
        return execute(scope, output);
    } catch (const RenderError& error) {
        throw LocatedError{line_, error.what()};
    }
}

Flow Block::run(Scope& scope, Output& output) const {
    for (const auto& statement : statements_) {
        if (const Flow flow = statement->run(scope, output); flow != Flow::on) return flow;
    }
    return Flow::on;
}

std::string Block::text_inside(Scope& outer) const {
    Output output;
    const auto scope = Scope::make(outer.shared_from_this());
    run(*scope, output);
    return std::move(output.text);
}

Flow Data::execute(Scope&, Output& output) const {
    output.write(text);
    return Flow::on;
}

Flow Print::execute(Scope& scope, Output& output) const {
    output.write(to_text(expression->evaluate(scope)));
    return Flow::on;
}

Flow If::execute(Scope& scope, Output& output) const {
    for (const auto& [condition, block] : branches) {
        if (condition->evaluate(scope).truth()) return block.run(scope, output);
    }
    return otherwise.run(scope, output);
}

namespace {

void bind_names(Scope& scope, const std::vector<std::string>& names, bool unpack,
                const Value& value) {
    if (!unpack) {
        scope.set(names.front(), value);
        return;
    }
    require_defined(value);
    const auto parts = iterate(value);
    if (parts.size() != names.size()) {
        throw RenderError{std::to_string(parts.size()) + " values for " +
                          std::to_string(names.size()) + " names"};
    }
    for (std::size_t i = 0; i < names.size(); ++i) scope.set(names[i], parts[i]);
}

Value cycle(std::size_t index, const Arguments& arguments) {
    if (arguments.positional.empty()) throw RenderError{"cycle needs something to cycle through"};
    return arguments.positional[index % arguments.positional.size()];
}

/// The `loop` of round `index`.
Value loop_of(const std::vector<Value>& items, std::size_t index, std::int64_t depth) {
    auto loop = std::make_shared<Namespace>();
    Dict& members = loop->members;
    const auto set = [&](const char* name, Value value) {
        members.items.emplace_back(name, std::move(value));
    };
    set("index", index + 1);
    set("index0", index);
    set("first", index == 0);
    set("last", index + 1 == items.size());
    set("length", items.size());
    set("revindex", items.size() - index);
    set("revindex0", items.size() - index - 1);
    set("depth", depth);
    set("depth0", depth - 1);
    set("previtem", index > 0 ? items[index - 1] : Value{Undefined{"loop.previtem"}});
    set("nextitem",
        index + 1 < items.size() ? items[index + 1] : Value{Undefined{"loop.nextitem"}});
    set("cycle",
        Function{"cycle", [index](const Arguments& arguments) { return cycle(index, arguments); }});
    return loop;
}

/// Names the variable that cannot be looped over: a template that insists on tools says so.
std::vector<Value> items_of(const Expression& iterable, const Scope& scope) {
    const Value value = iterable.evaluate(scope);
    try {
        return iterate(value);
    } catch (const RenderError& error) {
        const auto* variable = dynamic_cast<const Name*>(&iterable);
        if (variable == nullptr) throw;
        throw RenderError{"'" + variable->name + "': " + error.what()};
    }
}

}  // namespace

std::vector<Value> For::chosen(Scope& scope) const {
    std::vector<Value> items = items_of(*iterable, scope);
    if (!condition) return items;
    std::vector<Value> kept;
    for (Value& item : items) {
        const auto inner = Scope::make(scope.shared_from_this());
        bind_names(*inner, targets, unpack, item);
        if (condition->evaluate(*inner).truth()) kept.push_back(std::move(item));
    }
    return kept;
}

Flow For::execute(Scope& scope, Output& output) const {
    const std::vector<Value> items = chosen(scope);
    if (items.empty()) return otherwise.run(*Scope::make(scope.shared_from_this()), output);
    for (std::size_t i = 0; i < items.size(); ++i) {
        Effort::spend(statement_units);
        const auto round = Scope::make(scope.shared_from_this());
        // The depth counts loops that call themselves, which this subset does not have.
        round->set("loop", loop_of(items, i, 1));
        bind_names(*round, targets, unpack, items[i]);
        if (body.run(*round, output) == Flow::leave_loop) break;
    }
    return Flow::on;
}

Flow Set::execute(Scope& scope, Output&) const {
    const Value result = value->evaluate(scope);
    if (!member) {
        bind_names(scope, targets, unpack, result);
        return Flow::on;
    }
    const Value target = scope.get(targets.front());
    Namespace* space = target.name_space();
    if (space == nullptr) throw RenderError{"'" + targets.front() + "' is not a namespace"};
    space->set(*member, result);
    return Flow::on;
}

Flow Capture::execute(Scope& scope, Output& output) const {
    Value result{body.text_inside(scope)};
    for (const auto& filter : filters) {
        result = filter->filter(result, filter->arguments.evaluate(scope));
    }
    if (target) {
        scope.set(*target, result);
    } else {
        output.write(to_text(result));
    }
    return Flow::on;
}

Flow With::execute(Scope& scope, Output& output) const {
    const auto inner = Scope::make(scope.shared_from_this());
    for (const auto& [name, value] : values) inner->set(name, value->evaluate(scope));
    return body.run(*inner, output);
}

Flow Macro::execute(Scope& scope, Output&) const {
    // The scope holds the macro, so the macro must not keep the scope alive.
    scope.set(name, Function{name, [this, weak = scope.weak_from_this()](const Arguments& given) {
                                 const auto defined_in = weak.lock();
                                 if (!defined_in) {
                                     throw RenderError{"the macro '" + name +
                                                       "' is called after its scope has ended"};
                                 }
                                 return call(defined_in, given);
                             }});
    return Flow::on;
}

namespace {

/// Macros may call themselves, but not for ever.
class CallDepth {
public:
    CallDepth() {
        if (++depth > limit) {
            --depth;
            throw RenderError{"macros call each other too deeply"};
        }
    }
    ~CallDepth() { --depth; }
    CallDepth(const CallDepth&) = delete;
    CallDepth& operator=(const CallDepth&) = delete;

private:
    static constexpr int limit = 100;
    static thread_local int depth;
};
thread_local int CallDepth::depth = 0;

}  // namespace

Value Macro::call(const std::shared_ptr<Scope>& scope, const Arguments& given) const {
    const CallDepth guard;
    if (given.positional.size() > parameters.size()) {
        throw RenderError{"the macro '" + name + "' takes at most " +
                          std::to_string(parameters.size()) + " arguments"};
    }
    for (const auto& named : given.named) {
        const bool known =
            std::any_of(parameters.begin(), parameters.end(),
                        [&](const auto& parameter) { return parameter.first == named.first; });
        if (!known)
            throw RenderError{"the macro '" + name + "' has no argument '" + named.first + "'"};
    }
    const auto inner = Scope::make(scope);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto& [parameter, fallback] = parameters[i];
        if (const Value* value = given.find(i, parameter)) {
            inner->set(parameter, *value);
        } else {
            inner->set(parameter, fallback ? fallback->evaluate(*inner) : Undefined{parameter});
        }
    }
    Output output;
    body.run(*inner, output);
    return std::move(output.text);
}

Flow Jump::execute(Scope&, Output&) const {
    return flow;
}

Flow Group::execute(Scope& scope, Output& output) const {
    return body.run(scope, output);
}

}  // namespace evoke::text::jinja
