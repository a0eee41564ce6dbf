#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "evoke/core/bytes.hpp"

namespace evoke::cluster {

// A frame, all numbers little-endian (docs/protocol.md):
//   magic "EVKF" | version u16 | type u16 | length u64 | body, `length` bytes | XXH3-64 of all that
inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::size_t frame_header_size = 16;
inline constexpr std::size_t frame_trailer_size = 8;
/// Longer bodies are neither sent nor believed.
inline constexpr std::size_t max_body_size = std::size_t{1} << 30U;

/// Starts a frame whose body the caller appends.
[[nodiscard]] Bytes begin_frame(std::uint16_t type);
/// Fills in the length and adds the checksum. Throws std::length_error beyond max_body_size.
void end_frame(Bytes& frame);

/// A frame taken apart; borrows the bytes.
struct FrameView {
    std::uint16_t type;
    ByteView body;
};
/// Bytes that are no message: dropped and logged, as if they had been lost on the way.
struct Malformed {
    std::string why;
    bool other_version = false;  ///< a sound frame of another protocol version
};
[[nodiscard]] std::variant<FrameView, Malformed> open_frame(ByteView frame);

}  // namespace evoke::cluster
