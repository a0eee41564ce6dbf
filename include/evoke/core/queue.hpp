#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace evoke {

/// What joins two threads. Many may push and pop; `close` lets poppers drain what is left and then
/// get nothing.
template <class T>
class Queue {
public:
    void push(T item) {
        {
            const std::lock_guard lock{mutex_};
            items_.push_back(std::move(item));
        }
        ready_.notify_one();
    }

    [[nodiscard]] std::optional<T> try_pop() {
        const std::lock_guard lock{mutex_};
        return take();
    }

    /// Waits for an item; nullopt once closed and empty.
    [[nodiscard]] std::optional<T> pop() {
        std::unique_lock lock{mutex_};
        ready_.wait(lock, [&] { return !items_.empty() || closed_; });
        return take();
    }

    /// As pop, but gives up after `patience` with nullopt.
    [[nodiscard]] std::optional<T> pop_for(std::chrono::nanoseconds patience) {
        std::unique_lock lock{mutex_};
        ready_.wait_for(lock, patience, [&] { return !items_.empty() || closed_; });
        return take();
    }

    void close() {
        {
            const std::lock_guard lock{mutex_};
            closed_ = true;
        }
        ready_.notify_all();
    }

    [[nodiscard]] bool closed() const {
        const std::lock_guard lock{mutex_};
        return closed_;
    }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return items_.size();
    }

private:
    std::optional<T> take() {
        if (items_.empty()) return std::nullopt;
        std::optional<T> item{std::move(items_.front())};
        items_.pop_front();
        return item;
    }

    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<T> items_;
    bool closed_ = false;
};

}  // namespace evoke
