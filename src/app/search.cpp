#include "app/search.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "app/reporter.hpp"
#include "app/search_services.hpp"
#include "app/setup.hpp"
#include "app/signals.hpp"
#include "evoke/checkpoint/journal.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/format.hpp"
#include "evoke/core/log.hpp"
#include "evoke/core/version.hpp"
#include "evoke/evaluation/cache.hpp"

namespace evoke::app {

using checkpoint::GenerationRecord;
using checkpoint::RunLayout;
using population::SearchState;

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

std::size_t files_to_keep(const std::string& keep) {
    std::size_t number = 0;
    std::from_chars(keep.data(), keep.data() + keep.size(), number);  // "all" leaves 0
    return number;
}

/// Everything but genome and example that decides an outcome.
ContentHash cache_context(const SearchInputs& inputs) {
    ContentHasher hasher;
    for (const auto& [name, digest] : identities_of(inputs)) {
        if (name != "job") hasher.field(name).field(digest);
    }
    hasher.field(inputs.model.numerics);
    return hasher.finish();
}

class SearchRun {
public:
    SearchRun(const SearchInputs& inputs, cluster::WorkQueue& queue)
        : inputs_{inputs},
          layout_{inputs.job.run_folder()},
          lock_{locked_folder(inputs, layout_)},
          cache_{cache_context(inputs)},
          queue_{queue},
          services_{{queue, cache_, inputs.task, inputs.tokenizer, inputs.job.cluster.unit_tokens,
                     inputs.ranks, [this] { between(); }}},
          algorithm_{
              evolution::make_algorithm(inputs.job.search, problem_of(inputs.job, inputs.task))},
          events_{layout_.events()},
          reporter_{inputs.terminal, clock_} {}

    SearchEnd run() {
        try {
            start_or_resume();
            while (!is_last(record_.state)) advance();
            finish();
            return SearchEnd::finished;
        } catch (const evolution::Stopped& stopped) {
            return stop(stopped.why);
        }
    }

private:
    /// The folder must exist before its lock does.
    static std::filesystem::path locked_folder(const SearchInputs& inputs,
                                               const RunLayout& layout) {
        const bool exists = std::filesystem::exists(layout.job());
        if (inputs.resume == ResumeMode::never && exists) {
            throw RunFolderError{layout.folder,
                                 "the run exists and --resume never was asked for; choose another "
                                 "run.name or remove it"};
        }
        if (inputs.resume == ResumeMode::require && !exists) {
            throw RunFolderError{layout.folder, "there is no run to resume"};
        }
        std::error_code error;
        std::filesystem::create_directories(layout.generations(), error);
        if (error) throw RunFolderError{layout.folder, "cannot be made: " + error.message()};
        return layout.lock();
    }

    void start_or_resume() {
        auto newest = checkpoint::newest_generation(layout_);
        for (const auto& warning : newest.warnings) log::warn("{}", warning);
        if (newest.record) {
            resume(std::move(*newest.record));
        } else {
            write_job();
            events_.write("start", {{"ranks", inputs_.ranks}});
            read_journals(0);
            run_generation(0, [&] { return algorithm_->start(services_); });
        }
    }

    void resume(GenerationRecord record) {
        refuse_differences(record);
        record_ = std::move(record);
        const auto generation = record_.state.generation;
        remember(record_);
        read_journals(generation + 1);
        write_job();
        log::info("resuming after generation {}; {} answers known", generation, cache_.size());
        events_.write(
            "resume",
            {{"generation", generation}, {"ranks", inputs_.ranks}, {"known", cache_.size()}});
    }

    void refuse_differences(const GenerationRecord& record) {
        const auto recorded = config::parse_recorded_job(record.job);
        const auto conflicts = config::resume_conflicts(recorded, inputs_.job);
        std::string text = conflicts.empty() ? std::string{} : "\n" + conflicts.text();
        for (const auto& [name, digest] : identities_of(inputs_)) {
            const auto was = record.identities.find(name);
            if (name == "job" || was == record.identities.end() || was->second == digest) continue;
            text += format("\n{}: expected SHA-256 {}, as the run was started with; found {}", name,
                           was->second, digest);
        }
        if (!text.empty()) {
            throw RunFolderError{layout_.folder,
                                 "the run was started with something else, which would make it "
                                 "another search; choose another run.name, or undo the change:" +
                                     text};
        }
    }

    /// Outcomes of a generation file into the cache.
    void remember(const GenerationRecord& record) {
        std::map<IndividualId, const population::Genome*> genomes;
        for (const auto* group :
             {&record.state.population, &record.state.archive, &record.state.born}) {
            for (const auto& individual : *group) genomes[individual.id] = &individual.genome;
        }
        for (const auto* matrix : {&record.state.scores, &record.test}) {
            for (const auto& [id, row] : matrix->rows()) {
                const auto genome = genomes.find(id);
                if (genome == genomes.end()) continue;
                for (const auto& [example, outcome] : row) {
                    cache_.put(cache_.outcome_key(*genome->second, example), outcome);
                }
            }
        }
    }

    /// Journals of unfinished generations into the cache, never into the score matrix.
    void read_journals(std::uint32_t first) {
        for (std::uint32_t number = first; number <= first + 1; ++number) {
            const auto content = checkpoint::read_journal(layout_.journal(number));
            if (content.torn_bytes > 0) {
                log::info("journal {}: the last {} bytes were torn and are left out", number,
                          content.torn_bytes);
            }
            for (const auto& entry : content.entries) {
                if (const auto* outcomes = std::get_if<checkpoint::JournalOutcomes>(&entry)) {
                    for (std::size_t i = 0; i < outcomes->keys.size(); ++i) {
                        cache_.put(outcomes->keys[i], outcomes->outcomes.at(i));
                    }
                } else {
                    const auto& reply = std::get<checkpoint::JournalReply>(entry);
                    cache_.put(reply.key, reply.reply);
                }
            }
        }
    }

    [[nodiscard]] bool is_last(const SearchState& state) const {
        const auto& budget = inputs_.job.budget;
        const auto spent_tokens = state.spent.prompt_tokens + state.spent.generated_tokens;
        const auto reached = [](std::int64_t limit, std::uint64_t spent) {
            return limit > 0 && spent >= static_cast<std::uint64_t>(limit);
        };
        return state.finished ||
               state.generation >= static_cast<std::uint32_t>(inputs_.job.search.generations) ||
               reached(budget.evaluations, state.spent.evaluations) ||
               reached(budget.tokens, spent_tokens);
    }

    void advance() {
        run_generation(record_.state.generation + 1,
                       [&] { return algorithm_->step(record_.state, services_); });
    }

    /// Runs one generation and commits it. The last one takes the test before it is written.
    void run_generation(std::uint32_t number, const std::function<SearchState()>& work) {
        const int generations = inputs_.job.search.generations;
        checkpoint::Journal journal{
            layout_.journal(number), clock_,
            std::chrono::duration_cast<Duration>(
                std::chrono::duration<double>{inputs_.job.checkpoint.journal_seconds})};
        services_.use_journal(journal);
        reporter_.begin(number, generations);
        const TimePoint began = clock_.now();
        GenerationRecord next;
        next.state = work();
        next.job = config::to_toml(inputs_.job);
        next.identities = identities_of(inputs_);
        next.measures = inputs_.task.measure_names();
        next.objectives = inputs_.job.objectives;
        next.previous_digest = record_.digest;
        if (is_last(next.state)) take_test(next);
        next.provenance = provenance(seconds(clock_.now() - began));
        next.digest = checkpoint::write_generation(layout_.generation(number), next);
        checkpoint::prune(layout_, number, files_to_keep(inputs_.job.checkpoint.keep));
        record_ = std::move(next);
        reporter_.generation(record_, generations);
        write_event();
        write_file_atomically(layout_.summary(), summary_json(record_, "running").dump(2) + "\n");
    }

    /// Test examples are touched here alone: once, at the end, by the front and the baseline.
    void take_test(GenerationRecord& record) {
        if (inputs_.task.test().empty()) return;
        const auto block = inputs_.task.whole_test();
        std::vector<population::Genome> genomes;
        for (const auto& individual : record.state.archive) genomes.push_back(individual.genome);
        const auto outcomes = services_.evaluate(genomes, block);
        for (std::size_t i = 0; i < genomes.size(); ++i) {
            record.test.set(record.state.archive[i].id, block, outcomes[i]);
        }
    }

    [[nodiscard]] checkpoint::Provenance provenance(double wall_seconds) {
        const auto counts = services_.take_counts();
        checkpoint::Provenance result;
        result.software_version = std::string{software_version()};
        result.created = utc_now();
        result.hardware = inputs_.model.hardware;
        result.ranks = static_cast<std::int32_t>(inputs_.ranks);
        result.slurm_job = environment("SLURM_JOB_ID");
        result.restarts = std::atoi(environment("SLURM_RESTART_COUNT").c_str());
        result.wall_seconds = wall_seconds;
        result.cache_hits = counts.cache_hits;
        result.cache_misses = counts.cache_misses;
        for (const auto& worker : queue_.workers()) {
            // The queue counts from the start of the process, a file its own generation.
            auto& before = usage_before_[worker.worker];
            result.usage.push_back({worker.worker.value, worker.host, worker.device,
                                    worker.units - before.units,
                                    worker.busy_seconds - before.busy_seconds, worker.lost});
            before = worker;
        }
        return result;
    }

    void write_event() {
        const auto& state = record_.state;
        Json best = nullptr;
        if (!state.population.empty()) {
            best = {{"prompt", state.population.front().genome.instruction},
                    {"objectives", state.population.front().objectives}};
        }
        events_.write("generation", {{"generation", state.generation},
                                     {"seconds", record_.provenance.wall_seconds},
                                     {"evaluations", state.spent.evaluations},
                                     {"best", std::move(best)},
                                     {"note", state.note},
                                     {"digest", record_.digest}});
    }

    void finish() {
        write_file_atomically(layout_.summary(), summary_json(record_, "finished").dump(2) + "\n");
        reporter_.finish(record_, layout_.folder);
        events_.write("end",
                      {{"generation", record_.state.generation}, {"digest", record_.digest}});
    }

    SearchEnd stop(evolution::Stopped::Why why) {
        // The journal was synced when the generation's scope was left.
        const char* reason = why == evolution::Stopped::Why::interrupted  ? "interrupted"
                             : why == evolution::Stopped::Why::terminated ? "asked to stop"
                                                                          : "out of time";
        events_.write("stop", {{"reason", reason}});
        if (!record_.digest.empty()) {
            write_file_atomically(layout_.summary(),
                                  summary_json(record_, "stopped").dump(2) + "\n");
        }
        log::info("{}; everything finished so far is in {}; the same command resumes", reason,
                  layout_.folder.string());
        switch (why) {
            case evolution::Stopped::Why::interrupted:
                return SearchEnd::interrupted;
            case evolution::Stopped::Why::terminated:
                return SearchEnd::terminated;
            case evolution::Stopped::Why::walltime:
                return SearchEnd::walltime;
        }
        return SearchEnd::terminated;
    }

    void write_job() { write_file_atomically(layout_.job(), config::to_toml(inputs_.job)); }

    /// Between events: signs of life, and the moment at which a stop is obeyed.
    void between() {
        lock_.beat();
        reporter_.progress(services_.counts());
        if (const auto why = stop_reason()) throw evolution::Stopped{*why};
        const double hours = inputs_.job.budget.hours;
        if (hours > 0 && seconds(clock_.now() - began_) >= hours * 3600) {
            throw evolution::Stopped{evolution::Stopped::Why::walltime};
        }
    }

    const SearchInputs& inputs_;
    SteadyClock clock_;
    TimePoint began_ = clock_.now();
    RunLayout layout_;
    checkpoint::RunLock lock_;
    evaluation::Cache cache_;
    cluster::WorkQueue& queue_;
    SearchServices services_;
    std::unique_ptr<evolution::Algorithm> algorithm_;
    EventLog events_;
    Reporter reporter_;
    GenerationRecord record_;
    std::map<WorkerId, cluster::WorkerReport> usage_before_;
};

}  // namespace

std::map<std::string, std::string> identities_of(const SearchInputs& inputs) {
    const auto hex = [](const Sha256& digest) { return to_hex(digest); };
    std::map<std::string, std::string> identities{
        {"job", hex(config::job_identity(inputs.job))},
        {"model", hex(inputs.model.identity)},
        {"tokenizer", hex(inputs.tokenizer.identity())},
        {"data", hex(inputs.task.identity())},
        {"probe", hex(inputs.probe)},
    };
    if (inputs.proposer != nullptr) identities["proposer"] = hex(inputs.proposer->identity);
    return identities;
}

SearchEnd run_search(const SearchInputs& inputs, cluster::WorkQueue& queue) {
    return SearchRun{inputs, queue}.run();
}

}  // namespace evoke::app
