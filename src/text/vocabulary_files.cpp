#include "text/vocabulary_files.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "text/json_part.hpp"
#include "text/vocabulary.hpp"

namespace evoke::text {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_merges(const fs::path& file) {
    std::istringstream lines{read_text_file(file)};
    json merges = json::array();
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty() || line.starts_with("#version")) continue;
        merges.push_back(line);
    }
    return merges;
}

/// added_tokens_decoder gives the flags; added_tokens.json only names and ids.
json read_added_tokens(const fs::path& folder, const json& config) {
    std::map<std::int64_t, json> tokens;
    const fs::path list = folder / "added_tokens.json";
    if (fs::exists(list)) {
        const json content = read_json(list);
        if (!content.is_object()) throw LoadError{list, "expected an object of tokens and ids"};
        for (const auto& [token, id] : content.items()) {
            const auto place = JsonPart{id, list, token}.index(largest_token_id);
            tokens[place] = {{"id", id}, {"content", token}, {"special", false}};
        }
    }
    const fs::path config_file = folder / "tokenizer_config.json";
    if (const auto decoder = JsonPart{config, config_file}.find("added_tokens_decoder")) {
        if (!decoder->value().is_object()) decoder->expected("an object of ids and tokens");
        for (const auto& [text, token] : decoder->value().items()) {
            const json id = json::parse(text, nullptr, false);
            const auto place =
                JsonPart{id, config_file, decoder->place() + "." + text}.index(largest_token_id);
            tokens[place] = token;
            tokens[place]["id"] = id;
        }
    }
    json added = json::array();
    for (auto& [id, token] : tokens) added.push_back(std::move(token));
    return added;
}

constexpr const char* qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

json byte_level(bool add_prefix_space, bool use_regex) {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", add_prefix_space},
            {"trim_offsets", false},
            {"use_regex", use_regex}};
}

std::string without_fast(std::string name) {
    if (name.ends_with("Fast")) name.resize(name.size() - 4);
    return name;
}

void set_pipeline(json& tokenizer, const JsonPart& config) {
    const std::string kind = without_fast(config.text_or("tokenizer_class", "GPT2Tokenizer"));
    const bool prefix = config.boolean_or("add_prefix_space", false);
    tokenizer["decoder"] = byte_level(prefix, true);
    if (kind == "GPT2Tokenizer") {
        tokenizer["pre_tokenizer"] = byte_level(prefix, true);
    } else if (kind == "Qwen2Tokenizer") {
        const json split = {{"type", "Split"},
                            {"pattern", {{"Regex", qwen2_pattern}}},
                            {"behavior", "Isolated"},
                            {"invert", false}};
        tokenizer["normalizer"] = {{"type", "NFC"}};
        tokenizer["pre_tokenizer"] = {{"type", "Sequence"},
                                      {"pretokenizers", {split, byte_level(prefix, false)}}};
    } else if (kind == "RobertaTokenizer") {
        const json& vocabulary = tokenizer["model"]["vocab"];
        const auto pair = [&](const char* token) -> json {
            if (!vocabulary.contains(token)) {
                config.fail(std::string{"the vocabulary lacks '"} + token + "'");
            }
            return {token, vocabulary[token]};
        };
        tokenizer["pre_tokenizer"] = byte_level(prefix, true);
        tokenizer["post_processor"] = {
            {"type", "RobertaProcessing"}, {"sep", pair("</s>")}, {"cls", pair("<s>")}};
    } else {
        config.fail("without tokenizer.json the tokenizer_class '" + kind + "' is not supported");
    }
}

}  // namespace

json from_vocabulary_files(const fs::path& folder) {
    const fs::path config_file = folder / "tokenizer_config.json";
    const json config = fs::exists(config_file) ? read_json(config_file) : json::object();
    json tokenizer;
    tokenizer["model"] = {{"type", "BPE"},
                          {"vocab", read_json(folder / "vocab.json")},
                          {"merges", read_merges(folder / "merges.txt")}};
    if (!tokenizer["model"]["vocab"].is_object()) {
        throw LoadError{folder / "vocab.json", "expected an object of tokens and ids"};
    }
    tokenizer["added_tokens"] = read_added_tokens(folder, config);
    set_pipeline(tokenizer, JsonPart{config, config_file});
    return tokenizer;
}

}  // namespace evoke::text
