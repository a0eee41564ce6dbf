#include <charconv>

#include "text/jinja/methods.hpp"
#include "text/jinja/parser.hpp"

namespace evoke::text::jinja {

namespace {

template <class Number>
Number parse_number(const TokenReader& reader, const std::string& text) {
    Number number{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc{}) reader.fail("the number " + text + " leaves its range");
    return number;
}

}  // namespace

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
    for (;; count_link()) {
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

}  // namespace evoke::text::jinja
