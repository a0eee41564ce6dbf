#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "app/commands.hpp"
#include "app/probe.hpp"
#include "app/process_tree.hpp"
#include "app/result_file.hpp"
#include "app/signals.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/cluster/mpi_session.hpp"
#include "evoke/core/format.hpp"
#include "evoke/core/log.hpp"

namespace evoke::app {

namespace {

std::string host_name() {
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

/// This process's part in the cluster: ranks of mpirun, or alone.
class Membership {
public:
    Membership() {
        if (cluster::started_by_mpi()) {
            // mpirun killed outright leaves its ranks behind otherwise.
            end_with_parent(static_cast<int>(ExitCode::environment));
            mpi_.emplace();
            transport_ = mpi_->transport();
        } else {
            transport_ = std::move(cluster::make_in_process_transports(1).front());
        }
    }
    [[nodiscard]] cluster::Transport& transport() { return *transport_; }
    [[nodiscard]] int rank() const { return transport_->rank(); }
    [[nodiscard]] int size() const { return transport_->size(); }
    [[nodiscard]] RankPlace place() const {
        return mpi_ ? RankPlace{mpi_->local_rank(), mpi_->local_size()} : RankPlace{};
    }
    /// Never returns under MPI: threads that hang must not keep the process.
    ExitCode leave(ExitCode code) {
        if (!mpi_) return code;
        transport_.reset();
        mpi_->leave(static_cast<int>(code));
    }

private:
    std::optional<cluster::MpiSession> mpi_;
    std::unique_ptr<cluster::Transport> transport_;
};

ExitCode code_of(SearchEnd end) {
    switch (end) {
        case SearchEnd::finished:
            return ExitCode::done;
        case SearchEnd::interrupted:
            return ExitCode::interrupted;
        case SearchEnd::terminated:
            return ExitCode::stopped;
        case SearchEnd::walltime:
            return ExitCode::stopped;
    }
    return ExitCode::bug;
}

ExitCode code_of(cluster::WorkerEnd end) {
    switch (end) {
        case cluster::WorkerEnd::dismissed:
        case cluster::WorkerEnd::dismissed_after_loss:
            return ExitCode::done;
        case cluster::WorkerEnd::coordinator_silent:
            return ExitCode::environment;
        case cluster::WorkerEnd::refused:
            return ExitCode::run_folder;
    }
    return ExitCode::bug;
}

/// Names what every rank must have in common.
Sha256 job_digest(const Prepared& prepared, const Replica& replica) {
    Sha256Stream stream;
    stream.field(as_text(config::job_identity(prepared.job)));
    stream.field(as_text(prepared.task->identity()));
    stream.field(as_text(replica.model->info().identity));
    return stream.finish();
}

ExitCode take_part(const RunArguments& arguments, Membership& member) {
    const Prepared prepared = prepare(arguments.job);
    log::info("loading {}", prepared.job.model.path);
    const auto replica = load_replica(prepared, member.place());
    const Sha256 probe = probe_replica(*replica->model);
    log::info("{}: {}, {}", replica->model->info().model_type, replica->device_text(),
              replica->model->info().dtype);
    const SteadyClock clock;
    const cluster::Rank rank{.transport = member.transport(),
                             .clock = clock,
                             .options = prepared.job.cluster,
                             .introduction = {job_digest(prepared, *replica), probe, host_name(),
                                              replica->device_text()},
                             .handler =
                                 [replica](ByteView payload) {
                                     return population::encode(
                                         replica->evaluator->run(population::decode_unit(payload)));
                                 },
                             .progress = replica->progress,
                             .stop = stop_flag()};
    if (member.rank() != 0) return code_of(cluster::run_worker(rank));

    const lm::ModelInfo* proposer = replica->proposer ? &replica->proposer->info() : nullptr;
    const SearchInputs inputs{.job = prepared.job,
                              .task = *prepared.task,
                              .model = replica->model->info(),
                              .tokenizer = replica->model->tokenizer(),
                              .proposer = proposer,
                              .probe = probe,
                              .resume = arguments.resume,
                              .ranks = static_cast<std::size_t>(member.size()),
                              .terminal = arguments.terminal || isatty(STDERR_FILENO) != 0};
    SearchEnd end{};
    (void)cluster::run_coordinator(
        rank, [&](cluster::WorkQueue& queue) { end = run_search(inputs, queue); });
    return code_of(end);
}

}  // namespace

ExitCode run(const RunArguments& arguments) {
    catch_stop_signals();
    Membership member;
    log::start({.prefix = member.size() > 1 ? format("rank {}", member.rank()) : "",
                .level = arguments.log_level,
                .file = {}});
    const bool supervised = !arguments.result_file.empty();
    if (supervised && member.rank() == 0) write_coordinator_process(arguments.result_file);
    ExitCode code = ExitCode::bug;
    try {
        code = take_part(arguments, member);
    } catch (const std::exception& error) {
        // Every rank reads the same job: one of them says what is wrong with it.
        const bool said_by_rank_0 =
            member.rank() != 0 && dynamic_cast<const InputError*>(&error) != nullptr;
        code = said_by_rank_0 ? ExitCode::bad_input : report_failure(error);
    }
    if (supervised && (member.rank() == 0 || code != ExitCode::done)) {
        write_result(arguments.result_file, member.rank(), code);
    }
    return member.leave(code);
}

}  // namespace evoke::app
