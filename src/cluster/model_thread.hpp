#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>

#include "cluster/backoff.hpp"
#include "evoke/cluster/cluster.hpp"

namespace evoke::cluster {

/// A leased unit on its way to the handler.
struct Task {
    LeaseId lease;
    Bytes payload;
};
/// What the handler made of it: the result, or the reason why there is none.
struct Finished {
    LeaseId lease;
    std::variant<Bytes, std::string> answer;
    double seconds = 0;
};

/// The thread that runs the handler: one unit at a time, in the order given, the next one already
/// waiting. Everything here is called by the messages thread and never waits for the handler.
class ModelThread {
public:
    /// `finished` is woken whenever a unit is done.
    ModelThread(const Rank& rank, std::shared_ptr<Backoff> finished);
    /// Joins a thread that has ended; abandons one that has not. It then goes on with what the
    /// handler owns, and touches neither progress nor clock any more.
    ~ModelThread();
    ModelThread(const ModelThread&) = delete;
    ModelThread& operator=(const ModelThread&) = delete;

    void give(Task task);
    /// Whether the unit was still waiting; then it will not be done.
    [[nodiscard]] bool take_back(LeaseId lease);
    [[nodiscard]] std::optional<Finished> take_finished();
    /// Units waiting and running.
    [[nodiscard]] std::size_t held() const;
    /// Forgets what waits; the thread ends after the unit that runs.
    void close();
    [[nodiscard]] bool ended() const;

private:
    struct State;
    static void run(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
    std::thread thread_;
};

}  // namespace evoke::cluster
