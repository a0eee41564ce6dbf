#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/json_part.hpp"

namespace evoke::text {

/// A part of a text that the model sees on its own.
struct Piece {
    std::string_view text;
    bool at_start;  ///< begins where the whole input begins
};

/// Pieces in order, and the texts that steps wrote anew. The first piece borrows the caller's text.
struct Pieces {
    std::vector<Piece> list;
    std::deque<std::string> written;

    /// Keeps `text` and gives a view of it.
    std::string_view keep(std::string text) { return written.emplace_back(std::move(text)); }
};

class PreTokenizerStep {
public:
    virtual ~PreTokenizerStep() = default;
    /// Splits each piece further; none is empty afterwards.
    virtual void apply(Pieces& pieces) const = 0;
};

/// Splits a text into the words that the model tokenizes one by one.
class PreTokenizer {
public:
    /// Keeps each text as one piece.
    PreTokenizer() = default;
    /// Throws LoadError naming what is not supported.
    explicit PreTokenizer(const JsonPart& part);

    [[nodiscard]] Pieces split(Piece text) const;
    /// The pieces are still bytes, to be spelled with spell_bytes: done by the caller, who may know
    /// a piece's tokens already.
    [[nodiscard]] bool pieces_are_bytes() const { return pieces_are_bytes_; }

private:
    void add_steps(const JsonPart& part);

    std::vector<std::unique_ptr<const PreTokenizerStep>> steps_;
    bool pieces_are_bytes_ = false;
};

}  // namespace evoke::text
