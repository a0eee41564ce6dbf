#include "lm/config_reader.hpp"

#include <cmath>
#include <utility>

#include "evoke/core/error.hpp"
#include "evoke/text/json_file.hpp"

namespace evoke::lm {

namespace {

nlohmann::json parse_object(const std::filesystem::path& file) {
    nlohmann::json object = text::read_json(file);
    if (!object.is_object()) throw LoadError{file, "expected a JSON object"};
    return object;
}

std::string shown(const nlohmann::json& value) {
    std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
}

}  // namespace

ConfigReader::ConfigReader(std::filesystem::path file)
    : file_{std::move(file)}, object_(parse_object(file_)) {}

ConfigReader::ConfigReader(std::filesystem::path file, nlohmann::json object, std::string path)
    : file_{std::move(file)}, object_(std::move(object)), path_{std::move(path)} {}

bool ConfigReader::absent(const std::string& key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null();
}

nlohmann::json ConfigReader::value(const std::string& key) const {
    const auto found = object_.find(key);
    return found == object_.end() ? nlohmann::json{} : *found;
}

void ConfigReader::refuse(const std::string& key, const std::string& why) const {
    throw LoadError{file_, path_ + key + ": " + why};
}

void ConfigReader::mismatch(const std::string& key, const std::string& expected) const {
    if (absent(key)) refuse(key, "missing; expected " + expected);
    refuse(key, "expected " + expected + ", found " + shown(value(key)));
}

std::string ConfigReader::text(const std::string& key) const {
    const nlohmann::json found = value(key);
    if (!found.is_string()) mismatch(key, "text");
    return found.get<std::string>();
}

std::string ConfigReader::text_or(const std::string& key, const std::string& fallback) const {
    return absent(key) ? fallback : text(key);
}

std::int64_t ConfigReader::index(const std::string& key) const {
    const nlohmann::json found = value(key);
    if (found.is_number_integer() && found.get<std::int64_t>() == 0) return 0;
    return size(key);
}

std::int64_t ConfigReader::size(const std::string& key) const {
    const nlohmann::json found = value(key);
    // A bound that keeps every product of two sizes inside 64 bits.
    constexpr std::int64_t largest = std::int64_t{1} << 31;
    if (!found.is_number_integer() || found.get<std::int64_t>() < 1 ||
        found.get<std::int64_t>() > largest)
        mismatch(key, "an integer from 1 to 2147483648");
    return found.get<std::int64_t>();
}

std::int64_t ConfigReader::size_or(const std::string& key, std::int64_t fallback) const {
    return absent(key) ? fallback : size(key);
}

double ConfigReader::positive(const std::string& key) const {
    const nlohmann::json found = value(key);
    if (!found.is_number() || !std::isfinite(found.get<double>()) || found.get<double>() <= 0.0)
        mismatch(key, "a number above 0");
    return found.get<double>();
}

double ConfigReader::positive_or(const std::string& key, double fallback) const {
    return absent(key) ? fallback : positive(key);
}

std::vector<double> ConfigReader::positives(const std::string& key) const {
    const nlohmann::json found = value(key);
    std::vector<double> numbers;
    if (!found.is_array()) mismatch(key, "a list of numbers above 0");
    for (const nlohmann::json& item : found) {
        if (!item.is_number() || !std::isfinite(item.get<double>()) || item.get<double>() <= 0.0)
            mismatch(key, "a list of numbers above 0");
        numbers.push_back(item.get<double>());
    }
    return numbers;
}

std::vector<std::string> ConfigReader::texts(const std::string& key) const {
    const nlohmann::json found = value(key);
    std::vector<std::string> list;
    if (!found.is_array()) mismatch(key, "a list of texts");
    for (const nlohmann::json& item : found) {
        if (!item.is_string()) mismatch(key, "a list of texts");
        list.push_back(item.get<std::string>());
    }
    return list;
}

std::vector<std::int64_t> ConfigReader::integers(const std::string& key) const {
    const nlohmann::json found = value(key);
    std::vector<std::int64_t> list;
    if (!found.is_array()) mismatch(key, "a list of integers");
    for (const nlohmann::json& item : found) {
        if (!item.is_number_integer()) mismatch(key, "a list of integers");
        list.push_back(item.get<std::int64_t>());
    }
    return list;
}

bool ConfigReader::flag_or(const std::string& key, bool fallback) const {
    if (absent(key)) return fallback;
    const nlohmann::json found = value(key);
    if (!found.is_boolean()) mismatch(key, "true or false");
    return found.get<bool>();
}

std::optional<ConfigReader> ConfigReader::part(const std::string& key) const {
    if (absent(key)) return std::nullopt;
    nlohmann::json found = value(key);
    if (!found.is_object()) mismatch(key, "a JSON object");
    return ConfigReader{file_, std::move(found), path_ + key + "."};
}

}  // namespace evoke::lm
