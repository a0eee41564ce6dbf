#include "text/model.hpp"

#include <nlohmann/json.hpp>

#include "text/bpe.hpp"
#include "text/unigram.hpp"
#include "text/word_level.hpp"
#include "text/word_piece.hpp"

namespace evoke::text {

namespace {

/// Old files leave the type to be seen from the members.
std::string model_type(const JsonPart& part) {
    if (part.find("type")) return part.text("type");
    if (part.find("merges")) return "BPE";
    if (part.at("vocab").value().is_array()) return "Unigram";
    return part.find("continuing_subword_prefix") ? "WordPiece" : "WordLevel";
}

}  // namespace

std::unique_ptr<const Model> make_model(const JsonPart& part) {
    const std::string type = model_type(part);
    if (type == "BPE") return std::make_unique<Bpe>(part);
    if (type == "WordPiece") return std::make_unique<WordPiece>(part);
    if (type == "Unigram") return std::make_unique<Unigram>(part);
    if (type == "WordLevel") return std::make_unique<WordLevel>(part);
    part.fail("the model '" + type + "' is not supported");
}

}  // namespace evoke::text
