#include "cluster/frame.hpp"

#include <gmock/gmock.h>

#include "evoke/core/hash.hpp"

namespace evoke::cluster {
namespace {

using testing::HasSubstr;

Bytes bytes(std::string_view text) {
    const ByteView view = as_bytes(text);
    return {view.begin(), view.end()};
}

Bytes frame_of(std::uint16_t type, std::string_view body) {
    Bytes frame = begin_frame(type);
    const Bytes content = bytes(body);
    frame.insert(frame.end(), content.begin(), content.end());
    end_frame(frame);
    return frame;
}

std::string why(const Bytes& frame) {
    const auto opened = open_frame(frame);
    const auto* malformed = std::get_if<Malformed>(&opened);
    return malformed == nullptr ? "" : malformed->why;
}

void write_checksum(Bytes& frame) {
    const std::size_t covered = frame.size() - frame_trailer_size;
    const std::uint64_t checksum = checksum64(ByteView{frame}.first(covered));
    for (std::size_t i = 0; i < 8; ++i)
        frame[covered + i] = static_cast<std::byte>(checksum >> (8 * i));
}

TEST(Frame, is_written_byte_for_byte_as_documented) {
    const Bytes frame = frame_of(7, "abc");
    EXPECT_EQ(to_hex(ByteView{frame}.first(19)),
              "45564b46"          // "EVKF"
              "0100"              // protocol version 1
              "0700"              // type 7
              "0300000000000000"  // length 3
              "616263");
    EXPECT_EQ(frame.size(), 27U);
}

TEST(Frame, opens_to_what_was_put_in) {
    const Bytes frame = frame_of(7, "abc");
    const auto opened = open_frame(frame);
    ASSERT_TRUE(std::holds_alternative<FrameView>(opened));
    EXPECT_EQ(std::get<FrameView>(opened).type, 7);
    EXPECT_EQ(as_text(std::get<FrameView>(opened).body), "abc");
}

TEST(Frame, may_be_empty_inside) {
    const Bytes frame = frame_of(1, "");
    const auto opened = open_frame(frame);
    ASSERT_TRUE(std::holds_alternative<FrameView>(opened));
    EXPECT_TRUE(std::get<FrameView>(opened).body.empty());
}

TEST(Frame, too_few_bytes_are_no_frame) {
    EXPECT_THAT(why({}), HasSubstr("0 bytes are too few"));
    EXPECT_THAT(why(Bytes(23)), HasSubstr("23 bytes are too few"));
}

TEST(Frame, other_bytes_are_no_frame) {
    EXPECT_THAT(why(bytes("GET / HTTP/1.1\r\nHost: here\r\n")),
                HasSubstr("it begins with 47455420"));
}

TEST(Frame, a_length_that_lies_is_not_believed) {
    Bytes frame = frame_of(7, "abc");
    frame[15] = std::byte{0x7f};
    write_checksum(frame);
    EXPECT_THAT(why(frame), HasSubstr("it says 9151314442816847875 bytes, and has 3"));
}

TEST(Frame, every_flipped_bit_is_noticed) {
    const Bytes sound = frame_of(7, "abc");
    for (std::size_t bit = 0; bit < 8 * sound.size(); ++bit) {
        Bytes frame = sound;
        frame[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        EXPECT_NE(why(frame), "") << "bit " << bit;
    }
}

TEST(Frame, every_cut_is_noticed) {
    const Bytes sound = frame_of(7, "abc");
    for (std::size_t size = 0; size < sound.size(); ++size)
        EXPECT_NE(why({sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(size)}), "");
}

TEST(Frame, another_protocol_version_is_told_apart) {
    Bytes frame = frame_of(7, "abc");
    frame[4] = std::byte{2};
    write_checksum(frame);
    const auto opened = open_frame(frame);
    ASSERT_TRUE(std::holds_alternative<Malformed>(opened));
    EXPECT_TRUE(std::get<Malformed>(opened).other_version);
    EXPECT_EQ(std::get<Malformed>(opened).why, "protocol version 2, expected 1");
}

}  // namespace
}  // namespace evoke::cluster
