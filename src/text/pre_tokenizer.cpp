#include "text/pre_tokenizer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "text/byte_level.hpp"
#include "text/splitting.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

/// Puts the parts of one piece in its place.
void append_parts(std::vector<Piece>& list, const Piece& piece, const std::vector<Span>& spans) {
    for (const auto [begin, end] : spans) {
        if (begin == end) continue;
        list.push_back({piece.text.substr(begin, end - begin), piece.at_start && begin == 0});
    }
}

/// Splits by a function that gives the stretches of a text.
template <class Finder>
class SplitStep final : public PreTokenizerStep {
public:
    SplitStep(Finder finder, SplitBehavior behavior, bool invert = false)
        : finder_{std::move(finder)}, behavior_{behavior}, invert_{invert} {}

    void apply(Pieces& pieces) const override {
        std::vector<Piece> list;
        for (const Piece& piece : pieces.list) {
            std::vector<Stretch> found = finder_(piece.text);
            if (invert_) {
                for (Stretch& stretch : found) stretch.matched = !stretch.matched;
            }
            append_parts(list, piece, evoke::text::split(found, behavior_));
        }
        pieces.list = std::move(list);
    }

private:
    Finder finder_;
    SplitBehavior behavior_;
    bool invert_;
};

template <class Predicate>
std::unique_ptr<const PreTokenizerStep> split_at(Predicate belongs, SplitBehavior behavior) {
    const auto finder = [belongs](std::string_view text) { return stretches_of(belongs, text); };
    return std::make_unique<SplitStep<decltype(finder)>>(finder, behavior);
}

std::unique_ptr<const PreTokenizerStep> split_by(Regex regex, SplitBehavior behavior, bool invert) {
    const auto finder = [regex = std::move(regex)](std::string_view text) {
        return stretches(regex, text);
    };
    return std::make_unique<SplitStep<decltype(finder)>>(finder, behavior, invert);
}

/// Puts `prefix` before each piece that does not begin with it.
void add_prefix(Pieces& pieces, Piece& piece, std::string_view prefix) {
    if (piece.text.starts_with(prefix)) return;
    piece.text = pieces.keep(std::string{prefix} + std::string{piece.text});
}

class PrefixSpaceStep final : public PreTokenizerStep {
public:
    void apply(Pieces& pieces) const override {
        for (Piece& piece : pieces.list) add_prefix(pieces, piece, " ");
    }
};

class SpellBytesStep final : public PreTokenizerStep {
public:
    void apply(Pieces& pieces) const override {
        for (Piece& piece : pieces.list) piece.text = pieces.keep(spell_bytes(piece.text));
    }
};

/// Spaces become a visible sign, each of which begins a piece.
class MetaspaceStep final : public PreTokenizerStep {
public:
    explicit MetaspaceStep(const JsonPart& part)
        : sign_{part.text("replacement")}, split_{part.boolean_or("split", true)} {
        part.allow_only(
            {"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"});
        if (to_utf32(sign_).size() != 1) part.at("replacement").expected("one character");
        // Files from before prepend_scheme say it with add_prefix_space.
        const bool prefix = part.boolean_or("add_prefix_space", true);
        const std::string scheme = part.text_or("prepend_scheme", prefix ? "always" : "never");
        always_ = scheme == "always";
        first_ = scheme == "first";
        if (!always_ && !first_ && scheme != "never") {
            part.at("prepend_scheme").expected("always, first or never");
        }
    }

    void apply(Pieces& pieces) const override {
        std::vector<Piece> list;
        for (Piece piece : pieces.list) {
            piece.text = pieces.keep(with_sign(piece.text));
            if (always_ || (first_ && piece.at_start)) add_prefix(pieces, piece, sign_);
            if (!split_) {
                list.push_back(piece);
                continue;
            }
            const char32_t sign = code_point_at(sign_, 0).value;
            const auto found = stretches_of([&](char32_t c) { return c == sign; }, piece.text);
            append_parts(list, piece, evoke::text::split(found, SplitBehavior::merged_with_next));
        }
        pieces.list = std::move(list);
    }

private:
    [[nodiscard]] std::string with_sign(std::string_view text) const {
        std::string result;
        for (const char c : text) {
            if (c == ' ') {
                result += sign_;
            } else {
                result += c;
            }
        }
        return result;
    }

    std::string sign_;
    bool split_;
    bool always_ = false;
    bool first_ = false;
};

constexpr std::string_view gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::unique_ptr<const PreTokenizerStep> make_split(const JsonPart& part) {
    part.allow_only({"type", "pattern", "behavior", "invert"});
    Regex pattern = read_pattern(part.at("pattern"));
    const SplitBehavior behavior = split_behavior(part.at("behavior"));
    return split_by(std::move(pattern), behavior, part.boolean_or("invert", false));
}

std::unique_ptr<const PreTokenizerStep> make_digits(const JsonPart& part) {
    part.allow_only({"type", "individual_digits"});
    const bool each = part.boolean_or("individual_digits", false);
    return split_at(is_numeric, each ? SplitBehavior::isolated : SplitBehavior::contiguous);
}

std::unique_ptr<const PreTokenizerStep> make_punctuation(const JsonPart& part) {
    part.allow_only({"type", "behavior"});
    const auto behavior = part.find("behavior");
    return split_at(is_punctuation, behavior ? split_behavior(*behavior) : SplitBehavior::isolated);
}

std::unique_ptr<const PreTokenizerStep> make_delimiter_split(const JsonPart& part) {
    part.allow_only({"type", "delimiter"});
    const std::u32string delimiter = to_utf32(part.text("delimiter"));
    if (delimiter.size() != 1) part.at("delimiter").expected("one character");
    return split_at([sign = delimiter.front()](char32_t c) { return c == sign; },
                    SplitBehavior::removed);
}

std::unique_ptr<const PreTokenizerStep> make_whitespace(const JsonPart& part) {
    part.allow_only({"type"});
    const Regex words{R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+)"
                      R"(|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}\p{White_Space}]+)"};
    return split_by(words, SplitBehavior::removed, true);
}

}  // namespace

PreTokenizer::PreTokenizer(const JsonPart& part) {
    add_steps(part);
}

void PreTokenizer::add_steps(const JsonPart& part) {
    const std::string type = part.text("type");
    if (type == "Sequence") {
        part.allow_only({"type", "pretokenizers"});
        for (const JsonPart& item : part.at("pretokenizers").items()) add_steps(item);
        return;
    }
    // Only the last step may leave its spelling to the caller.
    if (std::exchange(pieces_are_bytes_, false)) {
        steps_.push_back(std::make_unique<SpellBytesStep>());
    }
    if (type == "ByteLevel") {
        part.allow_only({"type", "add_prefix_space", "trim_offsets", "use_regex"});
        if (part.boolean_or("add_prefix_space", true)) {
            steps_.push_back(std::make_unique<PrefixSpaceStep>());
        }
        if (part.boolean_or("use_regex", true)) {
            steps_.push_back(
                split_by(Regex{from_oniguruma(gpt2_pattern)}, SplitBehavior::isolated, false));
        }
        pieces_are_bytes_ = true;
    } else if (type == "Split") {
        steps_.push_back(make_split(part));
    } else if (type == "Metaspace") {
        steps_.push_back(std::make_unique<MetaspaceStep>(part));
    } else if (type == "Digits") {
        steps_.push_back(make_digits(part));
    } else if (type == "Whitespace") {
        steps_.push_back(make_whitespace(part));
    } else if (type == "WhitespaceSplit") {
        part.allow_only({"type"});
        steps_.push_back(split_at(is_whitespace, SplitBehavior::removed));
    } else if (type == "Punctuation") {
        steps_.push_back(make_punctuation(part));
    } else if (type == "CharDelimiterSplit") {
        steps_.push_back(make_delimiter_split(part));
    } else if (type == "BertPreTokenizer") {
        part.allow_only({"type"});
        steps_.push_back(split_at(is_whitespace, SplitBehavior::removed));
        steps_.push_back(split_at(is_punctuation, SplitBehavior::isolated));
    } else {
        part.fail("the pre-tokenizer '" + type + "' is not supported");
    }
}

Pieces PreTokenizer::split(Piece text) const {
    Pieces pieces;
    if (text.text.empty()) return pieces;
    pieces.list.push_back(text);
    for (const auto& step : steps_) step->apply(pieces);
    return pieces;
}

}  // namespace evoke::text
