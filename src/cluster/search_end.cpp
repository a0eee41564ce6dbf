#include "cluster/search_end.hpp"

#include <utility>

namespace evoke::cluster {

UnitId SearchEnd::submit(Bytes payload, std::uint64_t weight) {
    throw_failure();
    UnitId unit;
    {
        const std::lock_guard lock{mutex_};
        unit = UnitId{next_unit_++};
        submissions_.push_back({unit, std::move(payload), weight});
    }
    messages_thread_->wake();
    return unit;
}

QueueEvent SearchEnd::wait() {
    while (true) {
        throw_failure();
        if (auto event = events_.pop()) return std::move(*event);
    }
}

std::optional<QueueEvent> SearchEnd::wait_for(Duration patience) {
    throw_failure();
    auto event = events_.pop_for(patience);
    if (!event) throw_failure();
    return event;
}

std::vector<WorkerReport> SearchEnd::workers() const {
    const std::lock_guard lock{mutex_};
    return workers_;
}

std::vector<Submission> SearchEnd::take_submissions() {
    const std::lock_guard lock{mutex_};
    return std::exchange(submissions_, {});
}

void SearchEnd::report(WorkerReport worker) {
    const std::lock_guard lock{mutex_};
    const auto index = static_cast<std::size_t>(worker.worker.value);
    if (workers_.size() <= index) workers_.resize(index + 1);
    workers_[index] = std::move(worker);
}

void SearchEnd::fail(std::exception_ptr why) {
    {
        const std::lock_guard lock{mutex_};
        if (!failure_) failure_ = std::move(why);
    }
    events_.close();
}

void SearchEnd::throw_failure() const {
    const std::lock_guard lock{mutex_};
    if (failure_) std::rethrow_exception(failure_);
}

}  // namespace evoke::cluster
