#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/evolution/operators.hpp"

namespace evoke::evolution {

/// What a meta-prompt is filled with.
struct Material {
    std::vector<std::string> parents;
    std::vector<TaskSketch::Pair> demonstrations;
    std::vector<TaskSketch::Pair> mistakes;  ///< with the right answer as output
    std::vector<std::string> labels;
};

/// The text of a meta-prompt with places to fill:
///
///     {parent_1} {parent_2} …     a parent's instruction
///     {labels}                    the task's labels, with commas
///     {for parents}…{end}         once per parent, inside: {number} {prompt}
///     {next}                      the number after the last parent's
///     {for 4 demonstrations}…{end}, {for 4 mistakes}…{end}
///                                 once per pair, at most 4 times, inside: {number} {input}
///                                 {output}
///     {demonstrations}, {mistakes}  short for {for 3 …}Input: {input}⏎Output: {output}⏎⏎{end}
///
/// What is filled in is not read again. Braces around anything but a lower-case word are ordinary
/// text. One line break at the end of the text is dropped, so that a file may end with one.
class MetaTemplate {
public:
    /// `source` names the text in messages; `parents` is how many {parent_n} there are.
    /// Throws InputError: unknown places, a loop that does not end.
    MetaTemplate(std::string_view text, std::string source, std::size_t parents);

    [[nodiscard]] std::string render(const Material& material) const;
    /// How many demonstrations (mistakes) the text shows at most.
    [[nodiscard]] std::size_t demonstrations() const { return demonstrations_; }
    [[nodiscard]] std::size_t mistakes() const { return mistakes_; }

private:
    enum class Kind {
        text,
        parent,
        labels,
        next,
        each_parent,
        each_demonstration,
        each_mistake,
        number,
        prompt,
        input,
        output
    };
    struct Piece {
        Kind kind;
        std::string text;              ///< Kind::text
        std::size_t count = 0;         ///< Kind::parent: which, from 0; loops: how often at most
        std::vector<Piece> body = {};  ///< loops
    };
    class Reader;
    struct Round;
    static void fill(std::string& text, std::span<const Piece> pieces, const Material& material,
                     const Round& round);
    static void fill_pairs(std::string& text, const Piece& loop,
                           std::span<const TaskSketch::Pair> pairs, const Material& material);

    std::vector<Piece> pieces_;
    std::size_t demonstrations_ = 0;
    std::size_t mistakes_ = 0;
};

}  // namespace evoke::evolution
