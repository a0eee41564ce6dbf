// A search over numbers on real MPI ranks: unit n is answered with n² after some work. Rank 0
// writes what came back, in the order of the units, and how it ended.
//
//   cluster_ranks FOLDER UNITS MILLISECONDS [key=value …]
//
// Every rank writes FOLDER/rank-<n>.pid when it is ready and FOLDER/rank-<n>.end when it leaves;
// rank 0 writes FOLDER/result. Keys: lease, beat, silence, start (seconds), attempts, probe-of (the
// rank that answers the probe differently), fails-on (a unit that every rank fails on), kills (a
// unit that kills its process, and only fails on rank 0), hangs-on (a unit that hangs for ever, on
// every rank but 0), slow-start-of (a rank that needs 5 s before it is ready), await (the search
// begins when that many ranks have joined, so that it is known who gets the first units).
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "evoke/cluster/cluster.hpp"
#include "evoke/cluster/mpi_session.hpp"
#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/log.hpp"

namespace {

using namespace evoke;
using namespace evoke::cluster;

struct Arguments {
    std::string folder;
    int units = 0;
    int milliseconds = 0;
    std::map<std::string, double> keys;

    [[nodiscard]] double get(const std::string& key, double otherwise) const {
        const auto found = keys.find(key);
        return found == keys.end() ? otherwise : found->second;
    }
};

Arguments parse(int argc, char** argv) {
    if (argc < 4) throw std::invalid_argument{"usage: cluster_ranks FOLDER UNITS MILLISECONDS …"};
    Arguments arguments{
        .folder = argv[1], .units = std::stoi(argv[2]), .milliseconds = std::stoi(argv[3])};
    for (int i = 4; i < argc; ++i) {
        const std::string word = argv[i];
        const auto equals = word.find('=');
        arguments.keys[word.substr(0, equals)] = std::stod(word.substr(equals + 1));
    }
    return arguments;
}

Bytes bytes_of(int number) {
    const std::string text = std::to_string(number);
    const ByteView view = as_bytes(text);
    return {view.begin(), view.end()};
}

/// Works in steps of at most 10 ms, each of which counts as progress.
void work(int milliseconds, Progress& progress) {
    for (int done = 0; done < milliseconds; done += 10) {
        std::this_thread::sleep_for(std::chrono::milliseconds{std::min(10, milliseconds - done)});
        ++progress;
    }
}

UnitHandler handler_of(const Arguments& arguments, int rank,
                       const std::shared_ptr<Progress>& progress) {
    return [arguments, rank, progress](ByteView payload) {
        const int number = std::stoi(std::string{as_text(payload)});
        if (number == arguments.get("fails-on", -1)) throw std::runtime_error{"out of memory"};
        if (number == arguments.get("kills", -1)) {
            if (rank == 0) throw std::runtime_error{"not on this rank"};
            // The answer before it has left by then, so that the blame falls on this unit.
            work(300, *progress);
            kill(getpid(), SIGKILL);
        }
        if (rank != 0 && number == arguments.get("hangs-on", -1))
            std::this_thread::sleep_for(std::chrono::hours{1});
        work(arguments.milliseconds, *progress);
        return bytes_of(number * number);
    };
}

void write(const Arguments& arguments, const std::string& name, const std::string& text) {
    write_file_atomically(arguments.folder + "/" + name, text);
}

/// "0\n1\n4\n…", then a line for each rank that did some of it.
std::string search(WorkQueue& queue, int units, int ranks_awaited) {
    const auto has_joined = [](const WorkerReport& worker) { return !worker.host.empty(); };
    while (std::ranges::count_if(queue.workers(), has_joined) < ranks_awaited)
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    std::map<UnitId, std::string> answers;
    for (int unit = 0; unit < units; ++unit) queue.submit(bytes_of(unit), 1);
    while (answers.size() < static_cast<std::size_t>(units)) {
        const QueueEvent event = queue.wait();
        if (const auto* done = std::get_if<UnitDone>(&event)) {
            if (!answers.emplace(done->unit, as_text(done->result)).second)
                throw std::logic_error{"a unit was answered twice"};
        } else if (const auto* failed = std::get_if<UnitFailed>(&event)) {
            answers.emplace(failed->unit, "failed: " + failed->reason);
        }
    }
    std::string text;
    for (const auto& [unit, answer] : answers) text += answer + "\n";
    for (const WorkerReport& worker : queue.workers())
        text += "worker " + std::to_string(worker.worker.value) + " units " +
                std::to_string(worker.units) + (worker.lost ? " lost" : "") + "\n";
    return text;
}

std::string name_of(WorkerEnd end) {
    switch (end) {
        case WorkerEnd::dismissed:
            return "dismissed";
        case WorkerEnd::dismissed_after_loss:
            return "dismissed after loss";
        case WorkerEnd::coordinator_silent:
            return "coordinator silent";
        case WorkerEnd::refused:
            return "refused";
    }
    return "?";
}

int run(MpiSession& session, const Arguments& arguments) {
    const int rank = session.rank();
    log::start({.prefix = "rank " + std::to_string(rank)});
    const auto progress = std::make_shared<Progress>(0);
    std::atomic<bool> stop = false;
    SteadyClock clock;
    const auto transport = session.transport();
    Introduction introduction{.host = "here", .device = "cpu"};
    if (rank == static_cast<int>(arguments.get("probe-of", -1)))
        introduction.probe[0] = std::byte{1};
    const Rank self{.transport = *transport,
                    .clock = clock,
                    .options = {.lease_seconds = arguments.get("lease", 60),
                                .beat_seconds = arguments.get("beat", 1),
                                .silence_seconds = arguments.get("silence", 30),
                                .start_seconds = arguments.get("start", 600),
                                .unit_attempts = static_cast<int>(arguments.get("attempts", 3))},
                    .introduction = introduction,
                    .handler = handler_of(arguments, rank, progress),
                    .progress = *progress,
                    .stop = stop};
    if (rank == static_cast<int>(arguments.get("slow-start-of", -1)))
        std::this_thread::sleep_for(std::chrono::seconds{5});
    write(arguments, "rank-" + std::to_string(rank) + ".pid", std::to_string(getpid()));
    const std::string end = "rank-" + std::to_string(rank) + ".end";
    if (rank != 0) {
        const WorkerEnd ended = run_worker(self);
        write(arguments, end, name_of(ended));
        session.leave(ended == WorkerEnd::refused ? 4 : 0);
    }
    std::string result;
    int code = 0;
    try {
        const bool everybody = run_coordinator(self, [&](WorkQueue& queue) {
            result = search(queue, arguments.units, static_cast<int>(arguments.get("await", 0)));
        });
        write(arguments, end, everybody ? "everybody left" : "somebody is missing");
    } catch (const Error& failure) {
        result = std::string{"error: "} + failure.what() + "\n";
        code = static_cast<int>(failure.code());
    }
    write(arguments, "result", result);
    session.leave(code);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Arguments arguments = parse(argc, argv);
        MpiSession session;
        return run(session, arguments);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
