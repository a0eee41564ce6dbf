#include "app/setup.hpp"

#include <sched.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/format.hpp"
#include "evoke/lm/devices.hpp"

namespace evoke::app {

namespace {

/// A module names a key; the job knows where it stands.
void add_placed(config::ParsedJob& parsed, const Diagnostics& mistakes) {
    for (const Diagnostic& mistake : mistakes.items()) {
        if (!mistake.file.empty()) {
            parsed.mistakes.add(mistake);
        } else {
            parsed.complain(mistake.what, mistake.expected, mistake.found, mistake.hint);
        }
    }
}

void check_objectives(config::ParsedJob& parsed, const std::vector<std::string>& known) {
    const std::vector<std::string_view> names{known.begin(), known.end()};
    for (const auto& objective : parsed.job.objectives) {
        if (std::find(known.begin(), known.end(), objective.measure) != known.end()) continue;
        const auto nearest = nearest_name(objective.measure, names);
        parsed.complain("objectives." + objective.measure,
                        format("a measure of this task: {}", join(known, ", ")),
                        format("'{}'", objective.measure),
                        nearest ? format("did you mean '{}'?", *nearest) : std::string{});
    }
}

void check_keep(config::ParsedJob& parsed) {
    const auto& keep = parsed.job.checkpoint.keep;
    const bool digits =
        !keep.empty() && keep.size() < 7 &&
        std::all_of(keep.begin(), keep.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (keep != "all" && !(digits && std::stoi(keep) >= 2)) {
        parsed.complain("checkpoint.keep", "\"all\" or a number from 2", format("\"{}\"", keep));
    }
}

std::vector<std::string> first_instructions(const config::Job& job) {
    std::vector<std::string> instructions = job.search.initial;
    if (!job.search.initial_file.empty()) {
        std::istringstream lines{read_text_file(job.search.initial_file)};
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty() && line.back() == '\r') line.pop_back();
            const auto end = line.find_last_not_of(" \t");
            if (end == std::string::npos) continue;
            instructions.push_back(line.substr(0, end + 1));
        }
    }
    std::vector<std::string> unique;
    for (auto& text : instructions) {
        if (std::find(unique.begin(), unique.end(), text) == unique.end()) {
            unique.push_back(std::move(text));
        }
    }
    return unique;
}

void check_initial(config::ParsedJob& parsed) {
    const bool named_file_is_bad =
        !parsed.job.search.initial_file.empty() &&
        !std::filesystem::is_regular_file(parsed.job.search.initial_file);
    if (named_file_is_bad) return;  // reported where the path was checked
    if (first_instructions(parsed.job).empty()) {
        parsed.complain("search.initial", "at least one first instruction, here or in initial_file",
                        "none");
    }
}

int usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::max(1, CPU_COUNT(&set));
}

}  // namespace

evolution::Problem problem_of(const config::Job& job, const evaluation::Task& task) {
    evolution::Problem problem;
    problem.seed = static_cast<std::uint64_t>(job.run.seed);
    problem.objectives = job.objectives;
    problem.measures.assign(task.measures().begin(), task.measures().end());
    problem.dev = task.whole_dev();
    for (auto& instruction : first_instructions(job)) {
        problem.initial.push_back({std::move(instruction), {}, {}});
    }
    problem.target = job.task.target;
    problem.base = job.file.parent_path();
    problem.sketch.labels = job.task.labels;
    const auto pair_of = [&](ExampleId id) {
        const auto& example = task.example(id);
        return evolution::TaskSketch::Pair{example.input, example.output};
    };
    for (const ExampleId id : task.demonstrations()) {
        problem.sketch.demonstrations.push_back(pair_of(id));
        problem.sketch.demonstration_ids.push_back(id);
    }
    for (const ExampleId id : task.dev()) problem.sketch.dev[id] = pair_of(id);
    return problem;
}

Prepared prepare(const JobArguments& arguments) {
    config::ParsedJob parsed = config::parse_job(arguments.file, arguments.overrides);
    add_placed(parsed, evaluation::validate(parsed.job.task));
    check_keep(parsed);
    check_initial(parsed);
    Prepared prepared;
    if (parsed.mistakes.empty()) {
        // Data and operators are looked at only once the options that name them are sound.
        try {
            prepared.task = std::make_shared<const evaluation::Task>(
                evaluation::Task::load(parsed.job.task, parsed.job.file.parent_path(),
                                       static_cast<std::uint64_t>(parsed.job.run.seed)));
            check_objectives(parsed, prepared.task->measure_names());
            (void)evolution::make_algorithm(parsed.job.search,
                                            problem_of(parsed.job, *prepared.task));
        } catch (const InputError& error) {
            if (error.diagnostics().empty()) throw;
            add_placed(parsed, error.diagnostics());
        }
    }
    parsed.mistakes.throw_if_any();
    prepared.job = std::move(parsed.job);
    prepared.model = lm::inspect_model(prepared.job.model.path);
    if (prepared.job.proposer) {
        prepared.proposer = lm::inspect_model(prepared.job.proposer->path);
    }
    return prepared;
}

lm::ModelOptions placed(lm::ModelOptions options, RankPlace place) {
    if (options.device == "auto") options.device = lm::visible_gpus() > 0 ? "cuda" : "cpu";
    if (options.device == "cuda") {
        const int gpus = std::max(1, lm::visible_gpus());
        options.device = format("cuda:{}", place.local_rank % gpus);
    }
    if (options.threads == 0) {
        const int cores = usable_cores();
        const bool bound = cores < static_cast<int>(std::thread::hardware_concurrency());
        options.threads = bound ? cores : std::max(1, cores / std::max(1, place.local_size));
    }
    return options;
}

std::string Replica::device_text() const {
    const auto& info = model->info();
    return info.device == "cpu" ? format("{}, {} threads", info.hardware, info.threads)
                                : format("{} ({})", info.device, info.hardware);
}

std::shared_ptr<Replica> load_replica(const Prepared& prepared, RankPlace place) {
    auto replica = std::make_shared<Replica>();
    replica->task = prepared.task;
    const auto count = [raw = replica.get()] { raw->progress.fetch_add(1); };
    replica->model = lm::load_model(placed(prepared.job.model, place));
    replica->model->on_progress(count);
    if (prepared.job.proposer) {
        replica->proposer = lm::load_model(placed(*prepared.job.proposer, place));
        replica->proposer->on_progress(count);
    }
    const auto template_of = [](bool wanted, const std::string& path) {
        return wanted ? text::load_chat_template(path) : std::nullopt;
    };
    const auto& job = prepared.job;
    replica->evaluator = std::make_unique<evaluation::Evaluator>(
        *replica->task, *replica->model, replica->proposing(),
        template_of(job.task.chat, job.model.path),
        template_of(job.search.chat, job.proposer ? job.proposer->path : job.model.path));
    return replica;
}

}  // namespace evoke::app
