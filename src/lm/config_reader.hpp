#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace evoke::lm {

/// config.json with typed access. Every complaint is a LoadError that names the file and the key.
class ConfigReader {
public:
    /// Reads and parses the file. Throws LoadError.
    explicit ConfigReader(std::filesystem::path file);
    /// A part of a configuration, e.g. rope_scaling; `path` precedes its keys in messages.
    ConfigReader(std::filesystem::path file, nlohmann::json object, std::string path);

    /// A key that is absent or null.
    [[nodiscard]] bool absent(const std::string& key) const;
    [[nodiscard]] std::string text(const std::string& key) const;
    [[nodiscard]] std::string text_or(const std::string& key, const std::string& fallback) const;
    /// An integer from 1.
    [[nodiscard]] std::int64_t size(const std::string& key) const;
    [[nodiscard]] std::int64_t size_or(const std::string& key, std::int64_t fallback) const;
    /// An integer from 0.
    [[nodiscard]] std::int64_t index(const std::string& key) const;
    /// A finite number above 0.
    [[nodiscard]] double positive(const std::string& key) const;
    [[nodiscard]] double positive_or(const std::string& key, double fallback) const;
    /// A list of finite numbers above 0.
    [[nodiscard]] std::vector<double> positives(const std::string& key) const;
    /// A list of texts, or of integers.
    [[nodiscard]] std::vector<std::string> texts(const std::string& key) const;
    [[nodiscard]] std::vector<std::int64_t> integers(const std::string& key) const;
    [[nodiscard]] bool flag_or(const std::string& key, bool fallback) const;
    /// nullopt when absent or null.
    [[nodiscard]] std::optional<ConfigReader> part(const std::string& key) const;
    /// Null when absent.
    [[nodiscard]] nlohmann::json value(const std::string& key) const;

    [[noreturn]] void refuse(const std::string& key, const std::string& why) const;
    [[nodiscard]] const std::filesystem::path& file() const { return file_; }

private:
    [[noreturn]] void mismatch(const std::string& key, const std::string& expected) const;

    std::filesystem::path file_;
    nlohmann::json object_;
    std::string path_;
};

}  // namespace evoke::lm
