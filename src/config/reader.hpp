#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "evoke/config/job.hpp"

namespace evoke::config {

/// Reads single values out of a parsed TOML document and collects what is wrong with them.
class Reader {
public:
    /// `check_files`: whether files that options name must exist.
    Reader(ParsedJob& target, std::filesystem::path base, std::string file, bool check_files);

    /// Fills one table's options; unknown keys are mistakes.
    template <Described Options>
    void read_table(std::string_view table_name, const toml::table& table, Options& options);

    void read_objectives(const toml::table& table);
    void unknown_key(const std::string& key, const toml::node& node,
                     std::span<const std::string_view> known);
    void note_place(const std::string& key, const toml::node& node);

private:
    template <class Struct, class Value>
    void read_option(const std::string& key, const toml::node& node,
                     const OptionRow<Struct, Value>& row, Struct& options);
    template <class Struct>
    void check_text(const std::string& key, const OptionRow<Struct, std::string>& row,
                    std::string& value);
    /// Replaces ${NAME} by the environment; a missing variable is a mistake.
    [[nodiscard]] std::string expand(const std::string& key, std::string_view text);

    ParsedJob& target_;
    std::filesystem::path base_;
    std::string file_;
    bool check_files_;
};

/// The value of a node as a person would write it, shortened.
[[nodiscard]] std::string shown(const toml::node& node);

/// "an integer from 1 to 100 tokens", "one of cpu, cuda".
[[nodiscard]] std::string range_text(double minimum, double maximum, std::string_view type,
                                     std::string_view unit);
[[nodiscard]] std::string choices_text(std::string_view choices);
[[nodiscard]] bool is_choice(std::string_view choices, std::string_view value);

}  // namespace evoke::config
