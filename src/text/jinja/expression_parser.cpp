#include <array>
#include <charconv>

#include "text/jinja/methods.hpp"
#include "text/jinja/parser.hpp"

namespace evoke::text::jinja {

namespace {

/// Brackets in brackets: far beyond any real template, far below what the stack holds.
constexpr int deepest = 100;

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

template <class Number>
Number parse_number(const TokenReader& reader, const std::string& text) {
    Number number{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc{}) reader.fail("the number " + text + " leaves its range");
    return number;
}

}  // namespace

ExpressionPtr ExpressionParser::expression() {
    return conditional();
}
ExpressionPtr ExpressionParser::expression_before_if() {
    return logical_or();
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
    const Deeper guard{depth_, reader_};
    ExpressionPtr value = logical_or();
    while (reader_.accept_name("if")) {
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
        left = binary(BinaryOperator::logical_or, std::move(left), logical_and());
    }
    return left;
}

ExpressionPtr ExpressionParser::logical_and() {
    ExpressionPtr left = logical_not();
    while (reader_.accept_name("and")) {
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
    ExpressionPtr left = concatenation();
    while (true) {
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
    ExpressionPtr left = power();
    while (true) {
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

ExpressionPtr ExpressionParser::primary() {
    if (reader_.sees(TokenKind::name)) return constant_or_name();
    if (reader_.sees(TokenKind::string)) {
        std::string text;
        while (reader_.sees(TokenKind::string)) text += reader_.take().text;
        return std::make_unique<Literal>(std::move(text));
    }
    if (reader_.sees(TokenKind::integer)) {
        const auto number = parse_number<std::int64_t>(reader_, reader_.peek().text);
        reader_.take();
        return std::make_unique<Literal>(number);
    }
    if (reader_.sees(TokenKind::floating)) {
        const auto number = parse_number<double>(reader_, reader_.peek().text);
        reader_.take();
        return std::make_unique<Literal>(number);
    }
    if (reader_.accept_sign("(")) return parenthesized();
    if (reader_.accept_sign("[")) return list();
    if (reader_.accept_sign("{")) return dict();
    reader_.unexpected("an expression");
}

ExpressionPtr ExpressionParser::constant_or_name() {
    const std::string name = reader_.take().text;
    if (name == "true" || name == "True") return std::make_unique<Literal>(true);
    if (name == "false" || name == "False") return std::make_unique<Literal>(false);
    if (name == "none" || name == "None") return std::make_unique<Literal>(None{});
    return std::make_unique<Name>(name);
}

ExpressionPtr ExpressionParser::parenthesized() {
    if (reader_.accept_sign(")")) {
        auto empty = std::make_unique<ListLiteral>();
        empty->kind = List::Kind::tuple;
        return empty;
    }
    ExpressionPtr inside = tuple_or_expression();
    reader_.expect_sign(")");
    return inside;
}

ExpressionPtr ExpressionParser::list() {
    auto node = std::make_unique<ListLiteral>();
    while (!reader_.accept_sign("]")) {
        if (!node->items.empty()) {
            reader_.expect_sign(",");
            if (reader_.accept_sign("]")) break;
        }
        node->items.push_back(expression());
    }
    return node;
}

ExpressionPtr ExpressionParser::dict() {
    auto node = std::make_unique<DictLiteral>();
    while (!reader_.accept_sign("}")) {
        if (!node->items.empty()) {
            reader_.expect_sign(",");
            if (reader_.accept_sign("}")) break;
        }
        ExpressionPtr key = expression();
        reader_.expect_sign(":");
        ExpressionPtr value = expression();
        node->items.emplace_back(std::move(key), std::move(value));
    }
    return node;
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr target) {
    while (true) {
        if (reader_.accept_sign(".")) {
            target = member(std::move(target));
        } else if (reader_.accept_sign("[")) {
            target = subscript(std::move(target));
        } else if (reader_.sees_sign("(")) {
            target = call(std::move(target));
        } else {
            return target;
        }
    }
}

ExpressionPtr ExpressionParser::member(ExpressionPtr target) {
    if (reader_.sees(TokenKind::integer)) {
        auto node = std::make_unique<Subscript>();
        node->target = std::move(target);
        const auto index = parse_number<std::int64_t>(reader_, reader_.peek().text);
        reader_.take();
        node->key = std::make_unique<Literal>(index);
        return node;
    }
    auto node = std::make_unique<Attribute>();
    node->target = std::move(target);
    node->name = reader_.expect_identifier("the name of a member");
    if (reader_.sees_sign("(") && is_unsupported_method(node->name)) {
        reader_.fail("the method '" + node->name + "' is not supported");
    }
    return node;
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr target) {
    ExpressionPtr start;
    if (!reader_.sees_sign(":")) {
        start = tuple_or_expression();
        if (reader_.accept_sign("]")) {
            auto node = std::make_unique<Subscript>();
            node->target = std::move(target);
            node->key = std::move(start);
            return node;
        }
    }
    auto node = std::make_unique<Slice>();
    node->target = std::move(target);
    node->start = std::move(start);
    reader_.expect_sign(":");
    if (!reader_.sees_sign(":") && !reader_.sees_sign("]")) node->stop = expression();
    if (reader_.accept_sign(":") && !reader_.sees_sign("]")) node->step = expression();
    reader_.expect_sign("]");
    return node;
}

ExpressionPtr ExpressionParser::call(ExpressionPtr target) {
    auto node = std::make_unique<Call>();
    node->target = std::move(target);
    node->arguments = arguments();
    return node;
}

ArgumentList ExpressionParser::arguments() {
    ArgumentList arguments;
    reader_.expect_sign("(");
    bool first = true;
    while (!reader_.accept_sign(")")) {
        if (!first) {
            reader_.expect_sign(",");
            if (reader_.accept_sign(")")) break;
        }
        first = false;
        if (reader_.sees_sign("*") || reader_.sees_sign("**")) {
            reader_.fail("'*' before an argument is not supported");
        }
        const bool named = reader_.sees(TokenKind::name) &&
                           reader_.peek(1).kind == TokenKind::sign && reader_.peek(1).text == "=";
        if (named) {
            std::string name = reader_.take().text;
            reader_.take();
            arguments.named.emplace_back(std::move(name), expression());
        } else {
            if (!arguments.named.empty()) reader_.fail("a named argument comes before a plain one");
            arguments.positional.push_back(expression());
        }
    }
    return arguments;
}

ExpressionPtr ExpressionParser::filters_and_tests(ExpressionPtr input) {
    while (true) {
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
