#pragma once

#include <atomic>
#include <optional>

#include "evoke/evolution/services.hpp"

namespace evoke::app {

/// Takes over SIGINT, SIGTERM and SIGUSR2: they only set a flag, read between units. Call it before
/// MPI starts, since mpirun relays SIGUSR2 to every rank.
void catch_stop_signals();

/// Raised by any of them.
[[nodiscard]] const std::atomic<bool>& stop_flag();

/// Which signal raised it first; nullopt: none.
[[nodiscard]] std::optional<evolution::Stopped::Why> stop_reason();

}  // namespace evoke::app
