#include <toml++/toml.h>

#include <sstream>

#include "config/tables.hpp"
#include "config/write.hpp"
#include "evoke/config/job.hpp"
#include "evoke/core/format.hpp"

namespace evoke::config {

std::string toml_value(const std::string& text) {
    // One line, whatever it holds: recorded jobs are compared line by line.
    std::string quoted = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
                quoted += "\\\"";
                break;
            case '\\':
                quoted += "\\\\";
                break;
            case '\n':
                quoted += "\\n";
                break;
            case '\t':
                quoted += "\\t";
                break;
            case '\r':
                quoted += "\\r";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                    quoted += format("\\u{:04X}", static_cast<unsigned>(c));
                } else {
                    quoted += c;
                }
        }
    }
    return quoted + "\"";
}

std::string toml_value(const std::vector<std::string>& texts) {
    std::vector<std::string> quoted;
    for (const auto& text : texts) quoted.push_back(toml_value(text));
    return format("[{}]", join(quoted, ", "));
}

std::string toml_value(bool value) {
    return value ? "true" : "false";
}

std::string toml_value(double value) {
    // The shortest text that reads back as the same double; TOML wants a point or an exponent.
    std::string text = format("{}", value);
    if (text.find_first_of(".en") == std::string::npos) text += ".0";
    return text;
}

std::string to_toml(const Job& job) {
    std::string text;
    for_each_table(job, [&](std::string_view name, const auto& options, std::string_view) {
        text += format("[{}]\n", name);
        using Options = std::remove_cvref_t<decltype(options)>;
        for_each_row<Options>([&](const auto& row) {
            text += format("{} = {}\n", row.name, toml_value(options.*(row.member)));
        });
        text += "\n";
    });
    text += format("[{}]\n", objectives_table);
    for (const auto& objective : job.objectives) {
        const bool up = objective.direction == population::Direction::maximise;
        text += format("{} = \"{}\"\n", objective.measure, up ? "max" : "min");
    }
    return text;
}

}  // namespace evoke::config
