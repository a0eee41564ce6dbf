#include "evaluation/template.hpp"

#include <algorithm>

namespace evoke::evaluation {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(std::string_view text) {
    return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9');
    });
}

}  // namespace

std::vector<TemplatePiece> parse_template(std::string_view text) {
    std::vector<TemplatePiece> pieces;
    std::string literal;
    const auto end_literal = [&] {
        if (!literal.empty()) pieces.push_back({false, literal});
        literal.clear();
    };
    while (!text.empty()) {
        const std::size_t close = text[0] == '{' ? text.find('}') : std::string_view::npos;
        if (close != std::string_view::npos && is_name(text.substr(1, close - 1))) {
            end_literal();
            pieces.push_back({true, std::string{text.substr(1, close - 1)}});
            text.remove_prefix(close + 1);
        } else {
            literal += text[0];
            text.remove_prefix(1);
        }
    }
    end_literal();
    return pieces;
}

}  // namespace evoke::evaluation
