#include "text/word_piece.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace evoke::text {

namespace {

/// At most so many bytes of `text`, none of whose characters is cut.
std::size_t whole_characters(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text.size();
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80) --most;
    return most;
}

}  // namespace

WordPiece::WordPiece(const JsonPart& part)
    : Model{Vocabulary{part.at("vocab")}},
      unknown_{-1},
      continuing_prefix_{part.text_or("continuing_subword_prefix", "##")},
      longest_word_{100} {
    part.allow_only(
        {"type", "vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"});
    const auto unknown = part.find("unk_token");
    const std::string spelling = unknown ? unknown->text() : "[UNK]";
    const auto id = vocabulary().id(spelling);
    if (!id) part.fail("the unknown token '" + spelling + "' is not in the vocabulary");
    unknown_ = *id;
    for (std::size_t i = 0; i < vocabulary().id_limit(); ++i) {
        const std::size_t size = vocabulary().token(static_cast<TokenId>(i)).size();
        longest_token_ = std::max(longest_token_, size);
    }
    if (const auto longest = part.find("max_input_chars_per_word")) {
        longest_word_ = static_cast<std::size_t>(longest->index(1 << 30));
    }
}

std::vector<TokenId> WordPiece::tokenize(std::string_view word) const {
    if (to_utf32(word).size() > longest_word_) return {unknown_};
    std::vector<TokenId> tokens;
    std::string spelling;
    for (std::size_t begin = 0; begin < word.size();) {
        spelling = begin == 0 ? std::string{} : continuing_prefix_;
        const std::size_t prefix = spelling.size();
        spelling += word.substr(begin, whole_characters(word.substr(begin), longest_token_));
        std::optional<TokenId> token;
        // A prefix alone is no token of the word.
        while (spelling.size() > prefix && !(token = vocabulary().id(spelling))) {
            spelling.resize(spelling.size() - last_code_point(spelling).length);
        }
        if (!token) return {unknown_};
        tokens.push_back(*token);
        begin += spelling.size() - prefix;
    }
    return tokens;
}

}  // namespace evoke::text
