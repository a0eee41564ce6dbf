#include "app/reporter.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "evoke/core/format.hpp"

namespace evoke::app {

namespace {

template <class... Values>
void print(fmt::format_string<Values...> text, Values&&... values) {
    std::fputs(format(text, std::forward<Values>(values)...).c_str(), stdout);
}

}  // namespace

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

EventLog::EventLog(const std::filesystem::path& file) : file_{file, std::ios::app} {}

void EventLog::write(const std::string& event, Json fields) {
    Json line = {{"time", utc_now()}, {"event", event}};
    line.update(fields);
    // Whole lines only: whoever follows the file reads by line.
    file_ << line.dump() + "\n" << std::flush;
}

Reporter::Reporter(bool terminal, const Clock& clock)
    : terminal_{terminal}, clock_{clock}, started_{clock.now()}, shown_{clock.now()} {}

void Reporter::begin(std::uint32_t generation, int generations) {
    started_ = clock_.now();
    shown_ = started_;
    head_ = format("generation {}/{}", generation, generations);
}

void Reporter::progress(const ServiceCounts& counts) {
    const auto now = clock_.now();
    using namespace std::chrono_literals;
    if (now - shown_ < (terminal_ ? Duration{200ms} : Duration{5s})) return;
    shown_ = now;
    const double elapsed = seconds(now - started_);
    const auto line = format("{}: {:.0f} s, {} asked ({} known), {} units, {:.0f} tokens/s", head_,
                             elapsed, counts.cache_hits + counts.cache_misses, counts.cache_hits,
                             counts.units, static_cast<double>(counts.computed_tokens) / elapsed);
    if (terminal_) {
        std::fputs(("\r\x1b[K" + line).c_str(), stderr);
    } else {
        std::fputs((line + "\n").c_str(), stderr);
    }
    std::fflush(stderr);
}

void Reporter::clear_line() {
    if (terminal_) std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
}

void Reporter::generation(const checkpoint::GenerationRecord& record, int generations) {
    clear_line();
    const auto& state = record.state;
    std::size_t accepted = 0;
    for (const auto& proposal : state.proposals) {
        if (proposal.verdict == population::Verdict::accepted) ++accepted;
    }
    print("generation {}/{} · {:.1f} s · {} evaluations", state.generation, generations,
          record.provenance.wall_seconds, state.spent.evaluations);
    if (!state.proposals.empty()) {
        print(" · {} of {} proposals accepted", accepted, state.proposals.size());
    }
    print("\n");
    if (!state.population.empty()) {
        const auto& best = state.population.front();
        print("  best:");
        for (std::size_t i = 0; i < record.objectives.size(); ++i) {
            print(" {} {}", record.objectives[i].measure, number_text(best.objectives.at(i)));
        }
        print("\n");
        if (state.note.empty()) print("  “{}”\n", best.genome.instruction);
    }
    if (!state.note.empty()) print("  {}\n", state.note);
    std::fflush(stdout);
}

void Reporter::finish(const checkpoint::GenerationRecord& record,
                      const std::filesystem::path& folder) {
    clear_line();
    const std::size_t size = front_of(record).size();
    print("\nThe front: {}.\n\n{}\n",
          size == 1 ? "1 prompt"
                    : format("{} prompts, none better than another in every objective", size),
          front_text(record));
    print("Run: {}\n  evoke best {}\n  evoke-analysis report {}\n", folder.string(),
          folder.string(), folder.string());
    std::fflush(stdout);
}

}  // namespace evoke::app
