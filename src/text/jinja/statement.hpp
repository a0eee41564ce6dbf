#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/jinja/effort.hpp"
#include "text/jinja/expression.hpp"

namespace evoke::text::jinja {

/// A RenderError with the line where it happened.
class LocatedError : public std::runtime_error {
public:
    LocatedError(std::size_t line, const std::string& message)
        : std::runtime_error{"line " + std::to_string(line) + ": " + message} {}
};

/// How a statement ends: break and continue leave the statements around them.
enum class Flow { on, leave_loop, next_round };

/// What is written so far.
struct Output {
    std::string text;

    /// Throws RenderError when it becomes too long.
    void write(std::string_view more) { grow(text, more); }
};

class Statement {
public:
    explicit Statement(std::size_t line) : line_{line} {}
    virtual ~Statement() = default;
    /// Throws LocatedError.
    Flow run(Scope& scope, Output& output) const;

protected:
    /// Throws RenderError.
    virtual Flow execute(Scope& scope, Output& output) const = 0;

private:
    std::size_t line_;
};

class Block {
public:
    void add(std::unique_ptr<const Statement> statement) {
        statements_.push_back(std::move(statement));
    }
    Flow run(Scope& scope, Output& output) const;
    /// What the block writes, in a scope of its own inside `outer`.
    [[nodiscard]] std::string text_inside(Scope& outer) const;

private:
    std::vector<std::unique_ptr<const Statement>> statements_;
};

struct Data final : Statement {
    Data(std::size_t line, std::string t) : Statement{line}, text{std::move(t)} {}
    Flow execute(Scope& scope, Output& output) const override;
    std::string text;
};

struct Print final : Statement {
    using Statement::Statement;
    Flow execute(Scope& scope, Output& output) const override;
    ExpressionPtr expression;
};

struct If final : Statement {
    using Statement::Statement;
    Flow execute(Scope& scope, Output& output) const override;
    std::vector<std::pair<ExpressionPtr, Block>> branches;
    Block otherwise;
};

struct For final : Statement {
    using Statement::Statement;
    Flow execute(Scope& scope, Output& output) const override;
    std::vector<std::string> targets;
    bool unpack = false;  ///< "a, b": also when there is but one name before the comma
    ExpressionPtr iterable;
    ExpressionPtr condition;  ///< may be missing
    Block body;
    Block otherwise;

private:
    [[nodiscard]] std::vector<Value> chosen(Scope& scope) const;
};

/// set name = value, set a, b = value, set space.name = value
struct Set final : Statement {
    using Statement::Statement;
    Flow execute(Scope& scope, Output& output) const override;
    std::vector<std::string> targets;
    bool unpack = false;
    std::optional<std::string> member;  ///< of the namespace called targets[0]
    ExpressionPtr value;
};

/// set name … endset, filter … endfilter: what is between, through filters.
struct Capture final : Statement {
    using Statement::Statement;
    Flow execute(Scope& scope, Output& output) const override;
    std::optional<std::string> target;  ///< missing: it is written
    std::vector<std::unique_ptr<const FilterCall>> filters;
    Block body;
};

struct With final : Statement {
    using Statement::Statement;
    Flow execute(Scope& scope, Output& output) const override;
    std::vector<std::pair<std::string, ExpressionPtr>> values;
    Block body;
};

struct Macro final : Statement {
    using Statement::Statement;
    Flow execute(Scope& scope, Output& output) const override;
    std::string name;
    std::vector<std::pair<std::string, ExpressionPtr>> parameters;  ///< default may be missing
    Block body;

private:
    [[nodiscard]] Value call(const std::shared_ptr<Scope>& scope, const Arguments& given) const;
};

struct Jump final : Statement {
    Jump(std::size_t line, Flow f) : Statement{line}, flow{f} {}
    Flow execute(Scope& scope, Output& output) const override;
    Flow flow;
};

/// A tag pair that only has a scope of its own ({% generation %}).
struct Group final : Statement {
    using Statement::Statement;
    Flow execute(Scope& scope, Output& output) const override;
    Block body;
};

}  // namespace evoke::text::jinja
