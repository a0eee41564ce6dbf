#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "evoke/core/bytes.hpp"

namespace evoke::cluster {

struct Received {
    int from = 0;
    Bytes frame;
};

/// Point-to-point messages between ranks, reliable and ordered per pair while both live; silent
/// when the other is gone. Used by one thread (the messages thread) alone.
class Transport {
public:
    virtual ~Transport() = default;
    [[nodiscard]] virtual int rank() const = 0;
    [[nodiscard]] virtual int size() const = 0;
    /// Never waits for the receiver.
    virtual void send(int to, Bytes frame) = 0;
    /// The next message, if one has arrived. Never waits.
    [[nodiscard]] virtual std::optional<Received> receive() = 0;
    /// Told when every rank has said goodbye: what needs all of them (MPI_Finalize) may be done.
    virtual void everybody_left() {}
};

/// `size` ranks of one process, joined by queues: the same coordinator and worker code for tests
/// and for `evoke run` without mpirun.
[[nodiscard]] std::vector<std::unique_ptr<Transport>> make_in_process_transports(int size);

}  // namespace evoke::cluster
