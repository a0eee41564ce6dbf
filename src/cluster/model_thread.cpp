#include "cluster/model_thread.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <utility>

namespace evoke::cluster {

/// Shared by both threads, so that an abandoned thread keeps what it needs.
struct ModelThread::State {
    UnitHandler handler;
    Progress* progress;
    const Clock* clock;
    std::shared_ptr<Backoff> finished_bell;

    mutable std::mutex mutex;
    std::condition_variable given;
    std::deque<Task> waiting;
    std::deque<Finished> finished;
    bool running = false;
    bool closed = false;
    bool ended = false;
    /// From here on `progress` and `clock` may be gone.
    bool abandoned = false;
};

namespace {

std::variant<Bytes, std::string> call(const UnitHandler& handler, const Bytes& payload) {
    try {
        return handler(payload);
    } catch (const std::exception& failure) {
        return std::string{failure.what()};
    } catch (...) {
        return std::string{"the handler threw something that is no std::exception"};
    }
}

}  // namespace

ModelThread::ModelThread(const Rank& rank, std::shared_ptr<Backoff> finished)
    : state_{std::make_shared<State>()} {
    state_->handler = rank.handler;
    state_->progress = &rank.progress;
    state_->clock = &rank.clock;
    state_->finished_bell = std::move(finished);
    thread_ = std::thread{[state = state_] { run(state); }};
}

ModelThread::~ModelThread() {
    close();
    bool has_ended = false;
    {
        const std::lock_guard lock{state_->mutex};
        has_ended = state_->ended;
        state_->abandoned = !has_ended;
    }
    if (has_ended)
        thread_.join();
    else
        thread_.detach();
}

void ModelThread::give(Task task) {
    {
        const std::lock_guard lock{state_->mutex};
        state_->waiting.push_back(std::move(task));
    }
    state_->given.notify_one();
}

bool ModelThread::take_back(LeaseId lease) {
    const std::lock_guard lock{state_->mutex};
    return std::erase_if(state_->waiting, [&](const Task& task) { return task.lease == lease; }) >
           0;
}

std::optional<Finished> ModelThread::take_finished() {
    const std::lock_guard lock{state_->mutex};
    if (state_->finished.empty()) return std::nullopt;
    std::optional<Finished> first{std::move(state_->finished.front())};
    state_->finished.pop_front();
    return first;
}

std::size_t ModelThread::held() const {
    const std::lock_guard lock{state_->mutex};
    return state_->waiting.size() + (state_->running ? 1 : 0);
}

void ModelThread::close() {
    {
        const std::lock_guard lock{state_->mutex};
        state_->waiting.clear();
        state_->closed = true;
    }
    state_->given.notify_one();
}

bool ModelThread::ended() const {
    const std::lock_guard lock{state_->mutex};
    return state_->ended;
}

void ModelThread::run(const std::shared_ptr<State>& state) {
    std::unique_lock lock{state->mutex};
    while (true) {
        state->given.wait(lock, [&] { return !state->waiting.empty() || state->closed; });
        if (state->waiting.empty()) break;
        const Task task = std::move(state->waiting.front());
        state->waiting.pop_front();
        state->running = true;
        const TimePoint begun = state->clock->now();

        lock.unlock();
        auto answer = call(state->handler, task.payload);
        lock.lock();

        state->running = false;
        if (state->abandoned) return;
        const double took = seconds(state->clock->now() - begun);
        state->progress->fetch_add(1, std::memory_order_relaxed);
        state->finished.push_back({task.lease, std::move(answer), took});
        state->finished_bell->wake();
    }
    state->ended = true;
    state->finished_bell->wake();
}

}  // namespace evoke::cluster
