#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "app/commands.hpp"
#include "app/inspect_run.hpp"
#include "app/report.hpp"
#include "app/signals.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/format.hpp"

/// Verbs that read a run and change nothing: status, best, verify.
namespace evoke::app {

namespace {

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

/// What the run itself last said of its state; "running" is checked against the lock's holder.
std::string state_of(const checkpoint::RunLayout& layout) {
    if (std::filesystem::exists(layout.lock())) return "running";
    std::ifstream file{layout.summary()};
    const auto summary = Json::parse(file, nullptr, false);
    if (summary.is_object() && summary.value("state", "") == "finished") return "finished";
    return "stopped";
}

std::string status_text(const Json& summary) {
    const auto& spent = summary["spent"];
    std::string text =
        format("{} · {} · {} · generation {}/{}\n", summary["name"].get<std::string>(),
               summary["algorithm"].get<std::string>(), summary["state"].get<std::string>(),
               summary["generation"].get<int>(), summary["generations"].get<int>());
    text += format(
        "  spent     {} evaluations, {} prompt tokens, {} generated tokens, {} proposals\n",
        spent["evaluations"].get<std::uint64_t>(), spent["prompt_tokens"].get<std::uint64_t>(),
        spent["generated_tokens"].get<std::uint64_t>(), spent["proposals"].get<std::uint64_t>());
    text += format("  last generation took {:.1f} s\n", summary["seconds"].get<double>());
    for (const auto& rank : summary["ranks"]) {
        text += format("  rank {}    {} ({}): {} units, {:.1f} s busy{}\n", rank["rank"].get<int>(),
                       rank["host"].get<std::string>(), rank["device"].get<std::string>(),
                       rank["units"].get<std::uint64_t>(), rank["busy_seconds"].get<double>(),
                       rank["lost"].get<bool>() ? ", lost" : "");
    }
    const auto line = [&](const char* name, const Json& point) {
        if (point.is_null()) return;
        text += format("  {:<9}", name);
        for (const auto& [measure, value] : point["dev"].items()) {
            text +=
                format(" {} {}", measure, value.is_null() ? "-" : number_text(value.get<double>()));
        }
        text += format("\n            “{}”\n", point["prompt"].get<std::string>());
    };
    line("baseline", summary["baseline"]);
    line("best", summary["best"]);
    line("balance", summary["suggested"]);
    return text;
}

void show_status(const StatusArguments& arguments, const checkpoint::RunLayout& layout) {
    const auto summary = summary_json(read_newest(arguments.run), state_of(layout));
    print(arguments.json ? summary.dump(2) + "\n" : status_text(summary));
}

}  // namespace

ExitCode status(const StatusArguments& arguments) {
    const checkpoint::RunLayout layout{arguments.run};
    show_status(arguments, layout);
    if (!arguments.follow) return ExitCode::done;
    catch_stop_signals();
    auto shown = layout.generation_numbers();
    while (!stop_flag() && state_of(layout) == "running") {
        std::this_thread::sleep_for(std::chrono::milliseconds{500});
        const auto now = layout.generation_numbers();
        if (now == shown) continue;
        shown = now;
        show_status(arguments, layout);
    }
    return ExitCode::done;
}

ExitCode best(const BestArguments& arguments) {
    const auto record = read_newest(arguments.run);
    print(arguments.json ? best_json(record).dump(2) + "\n" : front_text(record));
    return ExitCode::done;
}

ExitCode verify(const std::filesystem::path& run) {
    const auto report = checkpoint::verify_run(checkpoint::RunLayout{run});
    for (const auto& file : report.files) {
        print(format("{}  {}\n", file.problem.empty() ? "sound  " : "DAMAGED", file.path.string()));
        if (!file.problem.empty()) print(format("         {}\n", file.problem));
    }
    if (!report.digest.empty()) {
        print(format("generation {}  digest {}\n", report.newest, report.digest));
    }
    return report.sound() ? ExitCode::done : ExitCode::run_folder;
}

}  // namespace evoke::app
