#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "cluster/frame.hpp"
#include "evoke/cluster/cluster.hpp"

namespace evoke::cluster {

/// What ranks say to each other. The state machine is in docs/protocol.md.
namespace message {

// From a worker to the coordinator.
struct Introduce {
    Introduction introduction;
};
struct Result {
    LeaseId lease;
    double seconds = 0;  ///< of the model thread
    Bytes payload;       ///< opaque
};
struct Failure {
    LeaseId lease;
    double seconds = 0;
    std::string reason;
};
/// The worker lives. `progress` counts the model thread's steps, `held` the leases it has.
struct Beat {
    std::uint64_t progress = 0;
    std::uint32_t held = 0;
};
/// A recalled unit that had not been begun.
struct Returned {
    LeaseId lease;
};
/// The worker's last word, once its model thread is done or abandoned.
struct Goodbye {
    bool waits = true;  ///< for the farewell; otherwise it is leaving now
};

// From the coordinator to a worker.
struct Welcome {};
struct Refuse {
    std::string reason;
};
struct Lease {
    LeaseId lease;
    Bytes payload;  ///< opaque
};
/// Do not begin this unit; somebody else has it, or waits for it.
struct Recall {
    LeaseId lease;
};
/// The coordinator lives.
struct Tick {};
/// The search is over: say goodbye.
struct Dismiss {};
/// The coordinator's last word: whether all ranks said goodbye.
struct Farewell {
    bool everybody = false;
};

}  // namespace message

/// The type number of a frame is the position here, from 1: append, never reorder.
using Message =
    std::variant<message::Introduce, message::Welcome, message::Refuse, message::Lease,
                 message::Result, message::Failure, message::Beat, message::Tick, message::Recall,
                 message::Returned, message::Dismiss, message::Goodbye, message::Farewell>;

/// Texts longer than this are cut when sent and not believed when received.
inline constexpr std::size_t max_text_size = 65536;

/// A whole frame. Throws std::length_error for a payload beyond max_body_size.
[[nodiscard]] Bytes encode(const Message& message);
/// Never throws for any bytes, but std::bad_alloc when memory is out.
[[nodiscard]] std::variant<Message, Malformed> decode(ByteView frame);

}  // namespace evoke::cluster
