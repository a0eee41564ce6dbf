#include "evolution/replies.hpp"

#include <algorithm>
#include <string>

namespace evoke::evolution {

namespace {

using population::Verdict;

constexpr std::string_view open_tag = "<prompt>";
constexpr std::string_view close_tag = "</prompt>";
constexpr std::string_view replacement_character = "\xEF\xBF\xBD";
constexpr std::string_view white_space = " \t\r\n\v\f";

Parsed refused(Verdict verdict) {
    return {.verdict = verdict, .instruction = {}};
}

Parsed clean(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return refused(Verdict::empty);
    const bool control = std::ranges::any_of(text, [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
    });
    if (control || text.find(replacement_character) != std::string_view::npos)
        return refused(Verdict::malformed);
    return {.verdict = Verdict::accepted, .instruction = std::string{text}};
}

/// One past the end of the first sentence that ends in `text`, from `from` on; npos: none ends.
std::size_t sentence_end(std::string_view text, std::size_t from = 0) {
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] != '.' && text[i] != '!' && text[i] != '?') continue;
        std::size_t end = i + 1;
        while (end < text.size() &&
               std::string_view{".!?\"')"}.find(text[end]) != std::string_view::npos)
            ++end;
        if (end == text.size() || white_space.find(text[end]) != std::string_view::npos) return end;
    }
    return std::string_view::npos;
}

std::size_t last_sentence_end(std::string_view text) {
    std::size_t last = std::string_view::npos;
    for (std::size_t end = sentence_end(text); end != std::string_view::npos;
         end = sentence_end(text, end))
        last = end;
    return last;
}

std::string_view unquoted(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"' &&
        text.substr(1, text.size() - 2).find('"') == std::string_view::npos)
        return text.substr(1, text.size() - 2);
    return text;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

Parsed parse_tagged(const Reply& reply) {
    const std::string_view text = reply.text;
    const auto open = text.rfind(open_tag);
    if (open == std::string_view::npos) {
        if (reply.truncated) return refused(Verdict::truncated);
        if (trimmed(text).find('\n') != std::string_view::npos) return refused(Verdict::malformed);
        return clean(text);
    }
    const std::string_view inside = text.substr(open + open_tag.size());
    const auto close = inside.find(close_tag);
    if (close == std::string_view::npos && reply.truncated) return refused(Verdict::truncated);
    return clean(inside.substr(0, close));
}

Parsed parse_first_line(const Reply& reply) {
    const auto start = std::min(reply.text.find_first_not_of(white_space), reply.text.size());
    std::string_view line = std::string_view{reply.text}.substr(start);
    const auto end = line.find('\n');
    if (end == std::string_view::npos && reply.truncated) {
        const auto whole = last_sentence_end(line);
        if (whole == std::string_view::npos) return refused(Verdict::truncated);
        line = line.substr(0, whole);
    }
    return clean(unquoted(line.substr(0, end)));
}

Parsed parse_sentence(const Reply& reply) {
    const std::string_view text = reply.text;
    const auto end = std::min(sentence_end(text), text.find('\n'));
    if (end == std::string_view::npos && reply.truncated) return refused(Verdict::truncated);
    return clean(text.substr(0, end));
}

}  // namespace evoke::evolution
