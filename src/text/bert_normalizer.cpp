#include "text/bert_normalizer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

bool is_chinese(char32_t c) {
    static constexpr std::array<std::pair<char32_t, char32_t>, 8> blocks{{
        {0x4E00, 0x9FFF},
        {0x3400, 0x4DBF},
        {0x20000, 0x2A6DF},
        {0x2A700, 0x2B73F},
        {0x2B740, 0x2B81F},
        {0x2B920, 0x2CEAF},
        {0xF900, 0xFAFF},
        {0x2F800, 0x2FA1F},
    }};
    return std::any_of(blocks.begin(), blocks.end(),
                       [c](const auto& block) { return c >= block.first && c <= block.second; });
}

void append_cleaned(std::string& text, char32_t c) {
    const bool space = c == '\t' || c == '\n' || c == '\r' || is_whitespace(c);
    const bool kept_control = c == '\t' || c == '\n' || c == '\r';
    if (c == 0 || c == 0xFFFD || (!kept_control && is_control_or_private(c))) return;
    append_utf8(text, space ? U' ' : c);
}

}  // namespace

BertNormalizer::BertNormalizer(const JsonPart& part)
    : clean_text_{part.boolean_or("clean_text", true)},
      handle_chinese_chars_{part.boolean_or("handle_chinese_chars", true)},
      lowercase_{part.boolean_or("lowercase", true)},
      strip_accents_{part.boolean_or("strip_accents", lowercase_)} {
    part.allow_only({"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"});
}

std::string BertNormalizer::apply(std::string_view text) const {
    std::string result{text};
    if (clean_text_) {
        std::string cleaned;
        for (const char32_t c : to_utf32(result)) append_cleaned(cleaned, c);
        result = std::move(cleaned);
    }
    if (handle_chinese_chars_ && !is_ascii(result)) {
        std::string spaced;
        for (const char32_t c : to_utf32(result)) {
            if (is_chinese(c)) spaced += ' ';
            append_utf8(spaced, c);
            if (is_chinese(c)) spaced += ' ';
        }
        result = std::move(spaced);
    }
    if (strip_accents_ && !is_ascii(result)) {
        std::string bare;
        for (const char32_t c : to_utf32(normalize(result, NormalForm::nfd))) {
            if (!is_nonspacing_mark(c)) append_utf8(bare, c);
        }
        result = std::move(bare);
    }
    return lowercase_ ? lowercase(result) : result;
}

}  // namespace evoke::text
