#include "text/word_piece.hpp"

#include "text/utf8.hpp"

namespace evoke::text {

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
        spelling += word.substr(begin);
        auto token = vocabulary().id(spelling);
        while (!token && spelling.size() > prefix) {
            spelling.resize(spelling.size() - last_code_point(spelling).length);
            if (spelling.size() > prefix) token = vocabulary().id(spelling);
        }
        if (!token) return {unknown_};
        tokens.push_back(*token);
        begin += spelling.size() - prefix;
    }
    return tokens;
}

}  // namespace evoke::text
