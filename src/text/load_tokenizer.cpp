#include <nlohmann/json.hpp>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "text/checkpoint_settings.hpp"
#include "text/pipeline_tokenizer.hpp"
#include "text/vocabulary_files.hpp"

namespace evoke::text {

namespace {

namespace fs = std::filesystem;

std::optional<TokenId> named_token(const fs::path& folder, const PipelineTokenizer& tokenizer,
                                   const std::string& name) {
    const NamedSpelling named = named_spelling(folder, name + "_token");
    if (named.present) return named.spelling ? tokenizer.id(*named.spelling) : std::nullopt;
    // Old checkpoints leave it to the model's configuration.
    const fs::path file = folder / "config.json";
    if (!fs::exists(file)) return std::nullopt;
    const nlohmann::json content = read_json(file);
    const auto id = JsonPart{content, file}.find(name + "_token_id");
    if (!id || !id->value().is_number_integer()) return std::nullopt;
    const auto value = static_cast<TokenId>(id->index(largest_token_id));
    return tokenizer.token(value).empty() ? std::nullopt : std::optional{value};
}

Sha256 identity_of(const nlohmann::json& tokenizer, const NamedTokens& named) {
    Sha256Stream stream;
    stream.field(tokenizer.dump());
    for (const auto& id : {named.bos, named.eos}) {
        stream.field(id ? static_cast<std::uint64_t>(*id) + 1 : std::uint64_t{0});
    }
    return stream.finish();
}

}  // namespace

std::unique_ptr<Tokenizer> load_tokenizer(const fs::path& folder) {
    if (!fs::is_directory(folder)) throw LoadError{folder, "no such folder"};
    fs::path file = folder / "tokenizer.json";
    nlohmann::json content;
    if (fs::exists(file)) {
        content = read_json(file);
    } else if (fs::exists(folder / "vocab.json") && fs::exists(folder / "merges.txt")) {
        file = folder / "vocab.json";
        content = from_vocabulary_files(folder);
    } else {
        throw LoadError{folder, "no tokenizer.json, nor vocab.json with merges.txt"};
    }
    auto tokenizer = std::make_unique<PipelineTokenizer>(JsonPart{content, file});
    const NamedTokens named{named_token(folder, *tokenizer, "bos"),
                            named_token(folder, *tokenizer, "eos"),
                            named_token(folder, *tokenizer, "mask")};
    tokenizer->set_named_tokens(named);
    tokenizer->set_identity(identity_of(content, named));
    return tokenizer;
}

}  // namespace evoke::text
