#include "text/jinja/expression.hpp"

#include "text/jinja/effort.hpp"
#include "text/jinja/operators.hpp"

namespace evoke::text::jinja {

// Operands are evaluated from left to right, each before the next begins: a macro may change a
// namespace. C++ leaves the order of a call's arguments open.

namespace {

/// What an operand costs beside its content.
constexpr std::size_t operand_units = 32;

Value copy_of(Value value) {
    Effort::spend(operand_units + (value.is_string() ? value.string()->size() : 0));
    return value;
}

}  // namespace

Value Literal::evaluate(const Scope&) const {
    return copy_of(value);
}

Value Name::evaluate(const Scope& scope) const {
    return copy_of(scope.get(name));
}

Value ListLiteral::evaluate(const Scope& scope) const {
    List list{{}, kind};
    for (const auto& item : items) list.items.push_back(item->evaluate(scope));
    return list;
}

Value DictLiteral::evaluate(const Scope& scope) const {
    Dict dict;
    for (const auto& [key, value] : items) {
        const Value name = key->evaluate(scope);
        dict.set(name, value->evaluate(scope));
    }
    return dict;
}

Value Attribute::evaluate(const Scope& scope) const {
    return attribute(target->evaluate(scope), name);
}

Value Subscript::evaluate(const Scope& scope) const {
    const Value value = target->evaluate(scope);
    return item(value, key->evaluate(scope));
}

Value Slice::evaluate(const Scope& scope) const {
    const auto bound = [&](const ExpressionPtr& expression) {
        return expression ? expression->evaluate(scope) : Value{None{}};
    };
    const Value value = target->evaluate(scope);
    const Value first = bound(start);
    const Value last = bound(stop);
    return slice(value, first, last, bound(step));
}

Arguments ArgumentList::evaluate(const Scope& scope) const {
    Arguments arguments;
    for (const auto& value : positional) arguments.positional.push_back(value->evaluate(scope));
    for (const auto& [name, value] : named) {
        arguments.named.emplace_back(name, value->evaluate(scope));
    }
    return arguments;
}

Value Call::evaluate(const Scope& scope) const {
    const Value callee = target->evaluate(scope);
    require_defined(callee);
    const Function* function = callee.function();
    if (function == nullptr) {
        throw RenderError{std::string{callee.type_name()} + " cannot be called"};
    }
    return function->call(arguments.evaluate(scope));
}

Value FilterCall::evaluate(const Scope& scope) const {
    const Value value = input->evaluate(scope);
    return filter(value, arguments.evaluate(scope));
}

Value TestCall::evaluate(const Scope& scope) const {
    const Value value = input->evaluate(scope);
    return test(value, arguments.evaluate(scope));
}

Value Unary::evaluate(const Scope& scope) const {
    const Value value = operand->evaluate(scope);
    if (op == UnaryOperator::logical_not) return !value.truth();
    require_defined(value);
    if (!value.is_number()) {
        throw RenderError{"the sign of a " + std::string{value.type_name()} + " has no meaning"};
    }
    if (op == UnaryOperator::plus) return value;
    if (value.is_float()) return -value.as_double();
    return combine(BinaryOperator::subtract, 0, value);
}

Value Binary::evaluate(const Scope& scope) const {
    Value first = left->evaluate(scope);
    if (op == BinaryOperator::logical_and) return first.truth() ? right->evaluate(scope) : first;
    if (op == BinaryOperator::logical_or) return first.truth() ? first : right->evaluate(scope);
    return combine(op, first, right->evaluate(scope));
}

Value Compare::evaluate(const Scope& scope) const {
    Value left = first->evaluate(scope);
    for (const auto& [comparison, expression] : rest) {
        Value right = expression->evaluate(scope);
        if (!compare(comparison, left, right)) return false;
        left = std::move(right);
    }
    return true;
}

Value Conditional::evaluate(const Scope& scope) const {
    if (condition->evaluate(scope).truth()) return value->evaluate(scope);
    return otherwise ? otherwise->evaluate(scope) : Value{Undefined{"the else of an inline if"}};
}

}  // namespace evoke::text::jinja
