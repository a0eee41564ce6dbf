#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "cluster/backoff.hpp"
#include "evoke/cluster/cluster.hpp"
#include "evoke/core/queue.hpp"

namespace evoke::cluster {

struct Submission {
    UnitId unit;
    Bytes payload;
    std::uint64_t weight = 0;
};

/// Joins the search thread (the public functions of WorkQueue) to the messages thread (the others).
class SearchEnd final : public WorkQueue {
public:
    explicit SearchEnd(std::shared_ptr<Backoff> messages_thread)
        : messages_thread_{std::move(messages_thread)} {}

    UnitId submit(Bytes payload, std::uint64_t weight) override;
    [[nodiscard]] QueueEvent wait() override;
    [[nodiscard]] std::optional<QueueEvent> wait_for(Duration patience) override;
    [[nodiscard]] std::vector<WorkerReport> workers() const override;

    [[nodiscard]] std::vector<Submission> take_submissions();
    void tell(QueueEvent event) { events_.push(std::move(event)); }
    void report(WorkerReport worker);
    /// The cluster failed as a whole: from now on the search's calls throw this.
    void fail(std::exception_ptr why);

private:
    void throw_failure() const;

    std::shared_ptr<Backoff> messages_thread_;
    Queue<QueueEvent> events_;
    mutable std::mutex mutex_;
    std::vector<Submission> submissions_;
    std::uint64_t next_unit_ = 0;
    std::vector<WorkerReport> workers_;
    std::exception_ptr failure_;
};

}  // namespace evoke::cluster
