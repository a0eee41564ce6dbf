#include "text/json_part.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evoke/core/error.hpp"

namespace evoke::text {

JsonPart JsonPart::at(std::string_view key) const {
    if (!value_->is_object()) expected("an object");
    const auto member = value_->find(key);
    if (member == value_->end()) fail("'" + std::string{key} + "' is missing");
    return {*member, *file_, place_.empty() ? std::string{key} : place_ + "." + std::string{key}};
}

std::optional<JsonPart> JsonPart::find(std::string_view key) const {
    if (!value_->is_object()) expected("an object");
    const auto member = value_->find(key);
    if (member == value_->end() || member->is_null()) return std::nullopt;
    return at(key);
}

std::vector<JsonPart> JsonPart::items() const {
    if (!value_->is_array()) expected("a list");
    std::vector<JsonPart> parts;
    parts.reserve(value_->size());
    for (const nlohmann::json& item : *value_) {
        parts.emplace_back(item, *file_, place_ + "[" + std::to_string(parts.size()) + "]");
    }
    return parts;
}

std::string JsonPart::text() const {
    if (!value_->is_string()) expected("a string");
    return value_->get<std::string>();
}

std::string JsonPart::text_or(std::string_view key, std::string_view fallback) const {
    const auto part = find(key);
    return part ? part->text() : std::string{fallback};
}

bool JsonPart::boolean() const {
    if (!value_->is_boolean()) expected("true or false");
    return value_->get<bool>();
}

bool JsonPart::boolean_or(std::string_view key, bool fallback) const {
    const auto part = find(key);
    return part ? part->boolean() : fallback;
}

std::int64_t JsonPart::integer() const {
    if (!value_->is_number_integer()) expected("an integer");
    return value_->get<std::int64_t>();
}

std::int64_t JsonPart::index(std::int64_t largest) const {
    const std::int64_t found = integer();
    if (found < 0 || found > largest) {
        expected("an integer from 0 to " + std::to_string(largest));
    }
    return found;
}

double JsonPart::number() const {
    if (!value_->is_number()) expected("a number");
    return value_->get<double>();
}

void JsonPart::allow_only(std::initializer_list<std::string_view> keys) const {
    if (!value_->is_object()) expected("an object");
    for (const auto& [key, value] : value_->items()) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            fail("'" + key + "' is not supported");
        }
    }
}

void JsonPart::fail(const std::string& message) const {
    throw LoadError{*file_, place_.empty() ? message : place_ + ": " + message};
}

void JsonPart::expected(std::string_view what) const {
    std::string found = value_->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (found.size() > 60) found = std::string{value_->type_name()};
    fail("expected " + std::string{what} + ", found " + found);
}

}  // namespace evoke::text
