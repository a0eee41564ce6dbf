#include "text/normalizer.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "text/bert_normalizer.hpp"
#include "text/byte_level.hpp"
#include "text/splitting.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

/// A normalizer that is one function of the text.
template <class Function>
class FunctionNormalizer final : public Normalizer {
public:
    explicit FunctionNormalizer(Function function) : function_{std::move(function)} {}
    [[nodiscard]] std::string apply(std::string_view text) const override {
        return function_(text);
    }

private:
    Function function_;
};

template <class Function>
std::unique_ptr<const Normalizer> from_function(Function function) {
    return std::make_unique<FunctionNormalizer<Function>>(std::move(function));
}

class SequenceNormalizer final : public Normalizer {
public:
    explicit SequenceNormalizer(const JsonPart& part) {
        part.allow_only({"type", "normalizers"});
        for (const JsonPart& item : part.at("normalizers").items()) {
            steps_.push_back(make_normalizer(item));
        }
    }
    [[nodiscard]] std::string apply(std::string_view text) const override {
        std::string result{text};
        for (const auto& step : steps_) {
            result = step->apply(result);
            require_bounded_growth(result.size(), text.size());
        }
        return result;
    }

private:
    std::vector<std::unique_ptr<const Normalizer>> steps_;
};

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    std::size_t begin = 0;
    for (std::size_t at; (at = text.find(from, begin)) != std::string_view::npos;
         begin = at + from.size()) {
        result += text.substr(begin, at - begin);
        result += to;
        require_bounded_growth(result.size(), text.size());
    }
    return result += text.substr(begin);
}

std::unique_ptr<const Normalizer> make_replace(const JsonPart& part) {
    part.allow_only({"type", "pattern", "content"});
    const std::string content = part.text("content");
    const JsonPart pattern = part.at("pattern");
    if (const auto literal = pattern.find("String"); literal && !literal->text().empty()) {
        pattern.allow_only({"String"});
        return from_function([from = literal->text(), content](std::string_view text) {
            return replace_all(text, from, content);
        });
    }
    return from_function([regex = read_pattern(pattern), content](std::string_view text) {
        return replace_matches(regex, text, content);
    });
}

std::unique_ptr<const Normalizer> make_prepend(const JsonPart& part) {
    part.allow_only({"type", "prepend"});
    return from_function([prefix = part.text("prepend")](std::string_view text) {
        return text.empty() ? std::string{} : prefix + std::string{text};
    });
}

std::string strip(std::string_view text, bool left, bool right) {
    while (left && !text.empty() && is_whitespace(code_point_at(text, 0).value)) {
        text.remove_prefix(code_point_at(text, 0).length);
    }
    while (right && !text.empty() && is_whitespace(last_code_point(text).value)) {
        text.remove_suffix(last_code_point(text).length);
    }
    return std::string{text};
}

std::unique_ptr<const Normalizer> make_strip(const JsonPart& part) {
    part.allow_only({"type", "strip_left", "strip_right"});
    const bool left = part.boolean_or("strip_left", true);
    const bool right = part.boolean_or("strip_right", true);
    return from_function([left, right](std::string_view text) { return strip(text, left, right); });
}

std::string without_marks(std::string_view text) {
    std::string result;
    for (const char32_t c : to_utf32(text)) {
        if (!is_combining_mark(c)) append_utf8(result, c);
    }
    return result;
}

std::optional<NormalForm> normal_form(std::string_view name) {
    if (name == "NFC") return NormalForm::nfc;
    if (name == "NFD") return NormalForm::nfd;
    if (name == "NFKC") return NormalForm::nfkc;
    if (name == "NFKD") return NormalForm::nfkd;
    return std::nullopt;
}

/// Those without options.
std::unique_ptr<const Normalizer> make_plain(const JsonPart& part, const std::string& type) {
    part.allow_only({"type"});
    if (const auto form = normal_form(type)) {
        return from_function([form](std::string_view text) { return normalize(text, *form); });
    }
    if (type == "Lowercase") return from_function(lowercase);
    if (type == "StripAccents") return from_function(without_marks);
    if (type == "ByteLevel") return from_function(spell_bytes);
    return nullptr;
}

}  // namespace

std::unique_ptr<const Normalizer> make_normalizer(const JsonPart& part) {
    const std::string type = part.text("type");
    if (type == "Sequence") return std::make_unique<SequenceNormalizer>(part);
    if (type == "Replace") return make_replace(part);
    if (type == "Prepend") return make_prepend(part);
    if (type == "Strip") return make_strip(part);
    if (type == "BertNormalizer") return std::make_unique<BertNormalizer>(part);
    const bool plain =
        normal_form(type) || type == "Lowercase" || type == "StripAccents" || type == "ByteLevel";
    if (plain) return make_plain(part, type);
    part.fail("the normalizer '" + type + "' is not supported");
}

}  // namespace evoke::text
