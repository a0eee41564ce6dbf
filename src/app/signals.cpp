#include "app/signals.hpp"

#include <csignal>

namespace evoke::app {

namespace {

std::atomic<bool> stop_raised{false};
std::atomic<int> first_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_signal(int signal) {
    int none = 0;
    first_signal.compare_exchange_strong(none, signal);
    stop_raised.store(true);
}

}  // namespace

void catch_stop_signals() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGUSR2}) sigaction(signal, &action, nullptr);
}

const std::atomic<bool>& stop_flag() {
    return stop_raised;
}

std::optional<evolution::Stopped::Why> stop_reason() {
    switch (first_signal.load()) {
        case 0:
            return std::nullopt;
        case SIGINT:
            return evolution::Stopped::Why::interrupted;
        default:
            return evolution::Stopped::Why::terminated;
    }
}

}  // namespace evoke::app
