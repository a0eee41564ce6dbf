#include "cluster/frame.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <stdexcept>

#include "evoke/core/hash.hpp"

namespace evoke::cluster {

namespace {

constexpr std::array magic{std::byte{'E'}, std::byte{'V'}, std::byte{'K'}, std::byte{'F'}};
constexpr std::size_t version_at = 4;
constexpr std::size_t type_at = 6;
constexpr std::size_t length_at = 8;

template <std::unsigned_integral Number>
void put(Bytes& bytes, std::size_t at, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        bytes[at + i] = static_cast<std::byte>(number >> (8 * i));
}

template <std::unsigned_integral Number>
Number get(ByteView bytes, std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
    return static_cast<Number>(number);
}

}  // namespace

Bytes begin_frame(std::uint16_t type) {
    Bytes frame(frame_header_size);
    std::ranges::copy(magic, frame.begin());
    put(frame, version_at, protocol_version);
    put(frame, type_at, type);
    return frame;
}

void end_frame(Bytes& frame) {
    const std::size_t body = frame.size() - frame_header_size;
    if (body > max_body_size)
        throw std::length_error{"a message of " + std::to_string(body) + " bytes; at most " +
                                std::to_string(max_body_size) + " can be sent"};
    put(frame, length_at, std::uint64_t{body});
    const std::uint64_t checksum = checksum64(frame);
    frame.resize(frame.size() + frame_trailer_size);
    put(frame, frame.size() - frame_trailer_size, checksum);
}

std::variant<FrameView, Malformed> open_frame(ByteView frame) {
    if (frame.size() < frame_header_size + frame_trailer_size)
        return Malformed{std::to_string(frame.size()) + " bytes are too few for a frame"};
    if (!std::ranges::equal(frame.first(magic.size()), magic))
        return Malformed{"not a frame: it begins with " + to_hex(frame.first(magic.size()))};
    const auto length = get<std::uint64_t>(frame, length_at);
    const std::size_t present = frame.size() - frame_header_size - frame_trailer_size;
    if (length != present)
        return Malformed{"it says " + std::to_string(length) + " bytes, and has " +
                         std::to_string(present)};
    const std::size_t covered = frame.size() - frame_trailer_size;
    if (get<std::uint64_t>(frame, covered) != checksum64(frame.first(covered)))
        return Malformed{"wrong checksum"};
    const auto version = get<std::uint16_t>(frame, version_at);
    if (version != protocol_version)
        return Malformed{.why = "protocol version " + std::to_string(version) + ", expected " +
                                std::to_string(protocol_version),
                         .other_version = true};
    return FrameView{.type = get<std::uint16_t>(frame, type_at),
                     .body = frame.subspan(frame_header_size, present)};
}

}  // namespace evoke::cluster
