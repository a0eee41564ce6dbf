#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace evoke::lm::cuda {

/// Queues work on a device and returns its result there. Reads nothing of the host that changes.
using Work = std::function<at::Tensor()>;

/// Work that was queued once, to be queued again as it was: on the same addresses, in the same
/// shapes, with the same arguments.
class Recording {
public:
    Recording() = default;
    virtual ~Recording() = default;
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    /// The result holds until the next replay of any recording of the same recorder.
    [[nodiscard]] virtual at::Tensor replay() = 0;
};

/// What a device offers for that.
class Recorder {
public:
    Recorder() = default;
    virtual ~Recorder() = default;
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Runs the work in the place where `record` would queue it, so that what libraries make at its
    /// first run is there by then. Requires: called at least once before `record`.
    [[nodiscard]] virtual at::Tensor rehearse(const Work& work) = 0;
    /// Keeps what the work queues, without running it. Throws when it cannot be kept.
    [[nodiscard]] virtual std::unique_ptr<Recording> record(const Work& work) = 0;
};

/// CUDA graphs; null on other devices, and when this build has none.
[[nodiscard]] std::unique_ptr<Recorder> make_recorder(at::Device device);

}  // namespace evoke::lm::cuda
