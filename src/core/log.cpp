#include "evoke/core/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "evoke/core/error.hpp"

namespace evoke::log {

namespace {

spdlog::level::level_enum level_named(const std::string& name) {
    using Level = std::pair<std::string_view, spdlog::level::level_enum>;
    constexpr std::array<Level, 6> levels{{{"trace", spdlog::level::trace},
                                           {"debug", spdlog::level::debug},
                                           {"info", spdlog::level::info},
                                           {"warn", spdlog::level::warn},
                                           {"error", spdlog::level::err},
                                           {"off", spdlog::level::off}}};
    for (const auto& [known, level] : levels)
        if (name == known) return level;
    throw InputError{Diagnostic{.what = "log level",
                                .expected = "trace, debug, info, warn, error or off",
                                .found = "\"" + name + "\""}};
}

/// The prefix as part of a pattern, in which % begins a placeholder.
std::string pattern_with(const std::string& prefix) {
    std::string pattern = "%H:%M:%S ";
    for (const char character : prefix) pattern += character == '%' ? "%%" : std::string{character};
    return pattern + (prefix.empty() ? "" : " ") + "%l: %v";
}

}  // namespace

void start(const LogOptions& options) {
    const spdlog::level::level_enum level = level_named(options.level);
    std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    try {
        if (!options.file.empty())
            sinks.push_back(
                std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file.string()));
    } catch (const spdlog::spdlog_ex& failure) {
        throw EnvironmentError{"cannot open the log file: " + std::string{failure.what()}};
    }
    auto logger = std::make_shared<spdlog::logger>("evoke", sinks.begin(), sinks.end());
    logger->set_pattern(pattern_with(options.prefix));
    logger->set_level(level);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace evoke::log
