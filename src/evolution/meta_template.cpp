#include "evolution/meta_template.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace evoke::evolution {

namespace {

constexpr std::string_view pair_format = "Input: {input}\nOutput: {output}\n\n";
constexpr std::size_t default_pairs = 3;

bool is_word(std::string_view text) {
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == ' ';
           });
}

std::optional<std::size_t> read_number(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string joined(std::span<const std::string> labels) {
    std::string text;
    for (const std::string& label : labels) text += (text.empty() ? "" : ", ") + label;
    return text;
}

}  // namespace

/// Reads a template from front to back; one level of loops.
class MetaTemplate::Reader {
public:
    Reader(std::string_view text, std::string_view source, std::size_t parents)
        : text_{text}, source_{source}, parents_{parents} {}

    std::vector<Piece> read(std::optional<Kind> loop) {
        std::vector<Piece> pieces;
        while (at_ < text_.size()) {
            const std::string_view place = next_place();
            if (place.empty()) {
                append_text(pieces, text_[at_++]);
                continue;
            }
            at_ += place.size() + 2;
            if (loop && place == "end") return pieces;
            pieces.push_back(read_place(place, loop));
        }
        if (loop) fail("{for …}", "an {end} for every {for …}");
        return pieces;
    }

private:
    /// The word in braces that starts here, or nothing.
    std::string_view next_place() const {
        if (text_[at_] != '{') return {};
        const auto end = text_.find('}', at_);
        if (end == std::string_view::npos) return {};
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        return is_word(inside) ? inside : std::string_view{};
    }

    static void append_text(std::vector<Piece>& pieces, char c) {
        if (pieces.empty() || pieces.back().kind != Kind::text)
            pieces.push_back({.kind = Kind::text, .text = {}});
        pieces.back().text += c;
    }

    Piece read_place(std::string_view place, std::optional<Kind> loop) {
        if (place.starts_with("for ") && !loop) return read_loop(place.substr(4));
        if (place.starts_with("parent_")) {
            const auto number = read_number(place.substr(7));
            if (number && *number >= 1 && *number <= parents_)
                return {.kind = Kind::parent, .text = {}, .count = *number - 1};
        }
        if (place == "labels") return {.kind = Kind::labels, .text = {}};
        if (place == "next" && !loop) return {.kind = Kind::next, .text = {}};
        if (!loop && (place == "demonstrations" || place == "mistakes")) return read_short(place);
        if (loop == Kind::each_parent && place == "prompt")
            return {.kind = Kind::prompt, .text = {}};
        if (loop && place == "number") return {.kind = Kind::number, .text = {}};
        if (loop && loop != Kind::each_parent && place == "input")
            return {.kind = Kind::input, .text = {}};
        if (loop && loop != Kind::each_parent && place == "output")
            return {.kind = Kind::output, .text = {}};
        fail(place, known_places(loop));
    }

    Piece read_loop(std::string_view what) {
        std::size_t count = default_pairs;
        if (const auto space = what.find(' '); space != std::string_view::npos) {
            const auto number = read_number(what.substr(0, space));
            if (!number) fail(what, "{for N demonstrations}, {for N mistakes} or {for parents}");
            count = *number;
            what.remove_prefix(space + 1);
        }
        const auto kind = what == "demonstrations" ? std::optional{Kind::each_demonstration}
                          : what == "mistakes"     ? std::optional{Kind::each_mistake}
                          : what == "parents"      ? std::optional{Kind::each_parent}
                                                   : std::nullopt;
        if (!kind) fail(what, "{for N demonstrations}, {for N mistakes} or {for parents}");
        return {.kind = *kind, .text = {}, .count = count, .body = read(kind)};
    }

    Piece read_short(std::string_view place) {
        const Kind kind = place == "mistakes" ? Kind::each_mistake : Kind::each_demonstration;
        std::string loop{pair_format};
        loop += "{end}";
        return {.kind = kind,
                .text = {},
                .count = default_pairs,
                .body = Reader{loop, source_, parents_}.read(kind)};
    }

    std::string known_places(std::optional<Kind> loop) const {
        if (loop == Kind::each_parent) return "{number} or {prompt} inside {for parents}";
        if (loop) return "{number}, {input} or {output} inside this loop";
        std::string known;
        for (std::size_t i = 1; i <= parents_; ++i) known += "{parent_" + std::to_string(i) + "}, ";
        return known + "{labels}, {next}, {demonstrations}, {mistakes} or {for …}";
    }

    [[noreturn]] void fail(std::string_view found, std::string expected) const {
        const auto line = static_cast<std::size_t>(
            std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
        throw InputError{Diagnostic{.file = std::string{source_},
                                    .line = line + 1,
                                    .what = "place in a meta-prompt",
                                    .expected = std::move(expected),
                                    .found = "{" + std::string{found} + "}"}};
    }

    std::string_view text_;
    std::string_view source_;
    std::size_t parents_;
    std::size_t at_ = 0;
};

MetaTemplate::MetaTemplate(std::string_view text, std::string source, std::size_t parents) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    pieces_ = Reader{text, source, parents}.read(std::nullopt);
    for (const Piece& piece : pieces_) {
        if (piece.kind == Kind::each_demonstration)
            demonstrations_ = std::max(demonstrations_, piece.count);
        if (piece.kind == Kind::each_mistake) mistakes_ = std::max(mistakes_, piece.count);
    }
}

/// What the places inside a loop mean in one round of it.
struct MetaTemplate::Round {
    std::size_t number = 0;
    std::string_view prompt = {};
    std::string_view input = {};
    std::string_view output = {};
};

std::string MetaTemplate::render(const Material& material) const {
    std::string text;
    fill(text, pieces_, material, {});
    return text;
}

void MetaTemplate::fill(std::string& text, std::span<const Piece> pieces, const Material& material,
                        const Round& round) {
    for (const Piece& piece : pieces) {
        switch (piece.kind) {
            case Kind::text:
                text += piece.text;
                break;
            case Kind::parent:
                text += material.parents.at(piece.count);
                break;
            case Kind::labels:
                text += joined(material.labels);
                break;
            case Kind::next:
                text += std::to_string(material.parents.size() + 1);
                break;
            case Kind::number:
                text += std::to_string(round.number);
                break;
            case Kind::prompt:
                text += round.prompt;
                break;
            case Kind::input:
                text += round.input;
                break;
            case Kind::output:
                text += round.output;
                break;
            case Kind::each_demonstration:
                fill_pairs(text, piece, material.demonstrations, material);
                break;
            case Kind::each_mistake:
                fill_pairs(text, piece, material.mistakes, material);
                break;
            case Kind::each_parent:
                for (std::size_t i = 0; i < material.parents.size(); ++i)
                    fill(text, piece.body, material,
                         {.number = i + 1, .prompt = material.parents[i]});
                break;
        }
    }
}

void MetaTemplate::fill_pairs(std::string& text, const Piece& loop,
                              std::span<const TaskSketch::Pair> pairs, const Material& material) {
    for (std::size_t i = 0; i < std::min(pairs.size(), loop.count); ++i)
        fill(text, loop.body, material,
             {.number = i + 1, .input = pairs[i].input, .output = pairs[i].output});
}

}  // namespace evoke::evolution
