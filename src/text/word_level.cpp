#include "text/word_level.hpp"

namespace evoke::text {

WordLevel::WordLevel(const JsonPart& part) : Model{Vocabulary{part.at("vocab")}}, unknown_{-1} {
    part.allow_only({"type", "vocab", "unk_token"});
    const JsonPart unknown = part.at("unk_token");
    const auto id = vocabulary().id(unknown.text());
    if (!id) unknown.fail("'" + unknown.text() + "' is not in the vocabulary");
    unknown_ = *id;
}

std::vector<TokenId> WordLevel::tokenize(std::string_view word) const {
    return {vocabulary().id(word).value_or(unknown_)};
}

}  // namespace evoke::text
