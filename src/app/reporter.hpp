#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "app/report.hpp"
#include "app/search_services.hpp"
#include "evoke/checkpoint/generation_file.hpp"
#include "evoke/core/clock.hpp"

namespace evoke::app {

/// events.jsonl: one JSON object a line, for programs that watch a run.
class EventLog {
public:
    explicit EventLog(const std::filesystem::path& file);
    /// Adds "time" (ISO 8601, UTC) and "event".
    void write(const std::string& event, Json fields = Json::object());

private:
    std::ofstream file_;
};

/// What a person reads while a search runs: a paragraph for each generation on standard output, and
/// a progress line on standard error (redrawn on a terminal, every few seconds in a log).
class Reporter {
public:
    Reporter(bool terminal, const Clock& clock);

    void begin(std::uint32_t generation, int generations);
    void progress(const ServiceCounts& counts);
    void generation(const checkpoint::GenerationRecord& record, int generations);
    void finish(const checkpoint::GenerationRecord& record, const std::filesystem::path& folder);

private:
    void clear_line();

    bool terminal_;
    const Clock& clock_;
    TimePoint started_;
    TimePoint shown_;
    std::string head_;
};

/// Now, as ISO 8601 in UTC.
[[nodiscard]] std::string utc_now();

}  // namespace evoke::app
