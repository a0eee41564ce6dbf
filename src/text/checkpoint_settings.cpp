#include "text/checkpoint_settings.hpp"

#include <nlohmann/json.hpp>

namespace evoke::text {

namespace {

/// A token is given by its spelling or as an object with its "content".
NamedSpelling read(const JsonPart& settings, const std::string& key) {
    if (!settings.value().is_object()) settings.expected("an object");
    if (!settings.value().contains(key)) return {};
    const auto part = settings.find(key);
    if (!part) return {true, std::nullopt};
    return {true, part->value().is_object() ? part->text("content") : part->text()};
}

}  // namespace

NamedSpelling named_spelling(const std::filesystem::path& folder, const std::string& key) {
    for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) {
        const std::filesystem::path file = folder / name;
        if (!std::filesystem::exists(file)) continue;
        const nlohmann::json content = read_json(file);
        NamedSpelling found = read(JsonPart{content, file}, key);
        if (found.present) return found;
    }
    return {};
}

}  // namespace evoke::text
