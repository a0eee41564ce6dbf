#include <array>

#include "text/jinja/parser.hpp"

namespace evoke::text::jinja {

namespace {

/// Brackets in brackets: far beyond any real template, far below what the stack holds.
constexpr int deepest = 100;
constexpr int longest_chain = 2000;

class Deeper {
public:
    Deeper(int& depth, const TokenReader& reader) : depth_{depth} {
        if (++depth_ > deepest) reader.fail("the expression is nested too deeply");
    }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

private:
    int& depth_;
};

ExpressionPtr binary(BinaryOperator op, ExpressionPtr left, ExpressionPtr right) {
    auto node = std::make_unique<Binary>();
    node->op = op;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
}

ExpressionPtr negated(ExpressionPtr operand) {
    auto node = std::make_unique<Unary>();
    node->op = UnaryOperator::logical_not;
    node->operand = std::move(operand);
    return node;
}

}  // namespace

ExpressionPtr ExpressionParser::expression() {
    return conditional();
}
ExpressionPtr ExpressionParser::expression_before_if() {
    return logical_or();
}

void ExpressionParser::count_link() {
    if (++links_ > longest_chain) reader_.fail("the expression is nested too deeply");
}

ExpressionPtr ExpressionParser::tuple_or_expression() {
    ExpressionPtr first = expression();
    if (!reader_.sees_sign(",")) return first;
    auto tuple = std::make_unique<ListLiteral>();
    tuple->kind = List::Kind::tuple;
    tuple->items.push_back(std::move(first));
    while (reader_.accept_sign(",")) {
        const bool end = reader_.sees(TokenKind::expression_end) ||
                         reader_.sees(TokenKind::statement_end) || reader_.sees_sign(")");
        if (end) break;
        tuple->items.push_back(expression());
    }
    return tuple;
}

ExpressionPtr ExpressionParser::conditional() {
    if (depth_ == 0) links_ = 0;
    const Deeper guard{depth_, reader_};
    ExpressionPtr value = logical_or();
    while (reader_.accept_name("if")) {
        count_link();
        auto node = std::make_unique<Conditional>();
        node->condition = logical_or();
        node->value = std::move(value);
        if (reader_.accept_name("else")) node->otherwise = conditional();
        value = std::move(node);
    }
    return value;
}

ExpressionPtr ExpressionParser::logical_or() {
    ExpressionPtr left = logical_and();
    while (reader_.accept_name("or")) {
        count_link();
        left = binary(BinaryOperator::logical_or, std::move(left), logical_and());
    }
    return left;
}

ExpressionPtr ExpressionParser::logical_and() {
    ExpressionPtr left = logical_not();
    while (reader_.accept_name("and")) {
        count_link();
        left = binary(BinaryOperator::logical_and, std::move(left), logical_not());
    }
    return left;
}

ExpressionPtr ExpressionParser::logical_not() {
    if (!reader_.accept_name("not")) return comparison();
    const Deeper guard{depth_, reader_};
    return negated(logical_not());
}

ExpressionPtr ExpressionParser::comparison() {
    static constexpr std::array<std::pair<std::string_view, Comparison>, 6> signs{{
        {"==", Comparison::equal},
        {"!=", Comparison::not_equal},
        {"<", Comparison::less},
        {"<=", Comparison::less_equal},
        {">", Comparison::greater},
        {">=", Comparison::greater_equal},
    }};
    ExpressionPtr first = sum();
    auto node = std::make_unique<Compare>();
    const auto next = [&]() -> std::optional<Comparison> {
        for (const auto& [sign, comparison] : signs) {
            if (reader_.accept_sign(sign)) return comparison;
        }
        if (reader_.accept_name("in")) return Comparison::in;
        const bool not_in = reader_.sees_name("not") && reader_.peek(1).kind == TokenKind::name &&
                            reader_.peek(1).text == "in";
        if (!not_in) return std::nullopt;
        reader_.take();
        reader_.take();
        return Comparison::not_in;
    };
    while (const auto comparison = next()) node->rest.emplace_back(*comparison, sum());
    if (node->rest.empty()) return first;
    node->first = std::move(first);
    return node;
}

ExpressionPtr ExpressionParser::sum() {
    for (ExpressionPtr left = concatenation();; count_link()) {
        if (reader_.accept_sign("+")) {
            left = binary(BinaryOperator::add, std::move(left), concatenation());
        } else if (reader_.accept_sign("-")) {
            left = binary(BinaryOperator::subtract, std::move(left), concatenation());
        } else {
            return left;
        }
    }
}

ExpressionPtr ExpressionParser::concatenation() {
    ExpressionPtr left = product();
    while (reader_.accept_sign("~")) {
        count_link();
        left = binary(BinaryOperator::concatenate, std::move(left), product());
    }
    return left;
}

ExpressionPtr ExpressionParser::product() {
    static constexpr std::array<std::pair<std::string_view, BinaryOperator>, 4> signs{{
        {"*", BinaryOperator::multiply},
        {"/", BinaryOperator::divide},
        {"//", BinaryOperator::floor_divide},
        {"%", BinaryOperator::modulo},
    }};
    for (ExpressionPtr left = power();; count_link()) {
        bool found = false;
        for (const auto& [sign, op] : signs) {
            if (!reader_.accept_sign(sign)) continue;
            left = binary(op, std::move(left), power());
            found = true;
            break;
        }
        if (!found) return left;
    }
}

ExpressionPtr ExpressionParser::power() {
    ExpressionPtr left = unary(true);
    while (reader_.accept_sign("**")) {
        count_link();
        left = binary(BinaryOperator::power, std::move(left), unary(true));
    }
    return left;
}

ExpressionPtr ExpressionParser::unary(bool with_filters) {
    ExpressionPtr node;
    const bool minus = reader_.sees_sign("-");
    if (minus || reader_.sees_sign("+")) {
        const Deeper guard{depth_, reader_};
        reader_.take();
        auto sign = std::make_unique<Unary>();
        sign->op = minus ? UnaryOperator::negate : UnaryOperator::plus;
        sign->operand = unary(false);
        node = std::move(sign);
    } else {
        node = primary();
    }
    node = postfix(std::move(node));
    return with_filters ? filters_and_tests(std::move(node)) : std::move(node);
}

ExpressionPtr ExpressionParser::filters_and_tests(ExpressionPtr input) {
    for (;; count_link()) {
        if (reader_.accept_sign("|")) {
            auto node = filter();
            node->input = std::move(input);
            input = std::move(node);
        } else if (reader_.accept_name("is")) {
            input = test(std::move(input));
        } else if (reader_.sees_sign("(")) {
            input = call(std::move(input));
        } else {
            return input;
        }
    }
}

std::unique_ptr<FilterCall> ExpressionParser::filter() {
    const Token name = reader_.peek();
    auto node = std::make_unique<FilterCall>();
    node->filter = find_filter(reader_.expect_identifier("the name of a filter"));
    if (node->filter == nullptr) reader_.fail("the filter '" + name.text + "' is not supported");
    if (reader_.sees_sign("(")) node->arguments = arguments();
    return node;
}

ExpressionPtr ExpressionParser::test(ExpressionPtr input) {
    const bool inverted = reader_.accept_name("not");
    const std::string name = reader_.expect_identifier("the name of a test");
    auto node = std::make_unique<TestCall>();
    node->test = find_test(name);
    if (node->test == nullptr) reader_.fail("the test '" + name + "' is not supported");
    node->input = std::move(input);
    const bool word = reader_.sees(TokenKind::name) && !reader_.sees_name("else") &&
                      !reader_.sees_name("or") && !reader_.sees_name("and") &&
                      !reader_.sees_name("is") && !reader_.sees_name("if") &&
                      !reader_.sees_name("not") && !reader_.sees_name("in");
    const bool literal = reader_.sees(TokenKind::string) || reader_.sees(TokenKind::integer) ||
                         reader_.sees(TokenKind::floating) || reader_.sees_sign("[") ||
                         reader_.sees_sign("{");
    if (reader_.sees_sign("(")) {
        node->arguments = arguments();
    } else if (word || literal) {
        node->arguments.positional.push_back(postfix(primary()));
    }
    return inverted ? negated(std::move(node)) : std::move(node);
}

}  // namespace evoke::text::jinja
