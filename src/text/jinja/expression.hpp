#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/jinja/filters.hpp"
#include "text/jinja/scope.hpp"

namespace evoke::text::jinja {

class Expression {
public:
    virtual ~Expression() = default;
    /// Throws RenderError.
    [[nodiscard]] virtual Value evaluate(const Scope& scope) const = 0;
};
using ExpressionPtr = std::unique_ptr<const Expression>;

struct Literal final : Expression {
    explicit Literal(Value v) : value{std::move(v)} {}
    Value evaluate(const Scope& scope) const override;
    Value value;
};

struct Name final : Expression {
    explicit Name(std::string n) : name{std::move(n)} {}
    Value evaluate(const Scope& scope) const override;
    std::string name;
};

struct ListLiteral final : Expression {
    Value evaluate(const Scope& scope) const override;
    std::vector<ExpressionPtr> items;
    List::Kind kind = List::Kind::list;
};

struct DictLiteral final : Expression {
    Value evaluate(const Scope& scope) const override;
    std::vector<std::pair<ExpressionPtr, ExpressionPtr>> items;
};

/// target.name
struct Attribute final : Expression {
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr target;
    std::string name;
};

/// target[key]
struct Subscript final : Expression {
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr target;
    ExpressionPtr key;
};

/// target[start:stop:step]; any of the three may be missing.
struct Slice final : Expression {
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr target;
    ExpressionPtr start;
    ExpressionPtr stop;
    ExpressionPtr step;
};

struct ArgumentList {
    [[nodiscard]] Arguments evaluate(const Scope& scope) const;
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
};

struct Call final : Expression {
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr target;
    ArgumentList arguments;
};

/// input|filter(arguments)
struct FilterCall final : Expression {
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr input;  ///< of a filter block: null, and never evaluated
    Filter filter = nullptr;
    ArgumentList arguments;
};

/// input is test(arguments)
struct TestCall final : Expression {
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr input;
    Test test = nullptr;
    ArgumentList arguments;
};

enum class UnaryOperator { negate, plus, logical_not };
struct Unary final : Expression {
    Value evaluate(const Scope& scope) const override;
    UnaryOperator op = UnaryOperator::logical_not;
    ExpressionPtr operand;
};

enum class BinaryOperator {
    add,
    subtract,
    multiply,
    divide,
    floor_divide,
    modulo,
    power,
    concatenate,
    logical_and,
    logical_or,
};
struct Binary final : Expression {
    Value evaluate(const Scope& scope) const override;
    BinaryOperator op = BinaryOperator::add;
    ExpressionPtr left;
    ExpressionPtr right;
};

enum class Comparison { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in };
/// a < b <= c: each with its neighbour.
struct Compare final : Expression {
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr first;
    std::vector<std::pair<Comparison, ExpressionPtr>> rest;
};

/// value if condition else otherwise
struct Conditional final : Expression {
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr condition;
    ExpressionPtr value;
    ExpressionPtr otherwise;  ///< may be missing
};

}  // namespace evoke::text::jinja
