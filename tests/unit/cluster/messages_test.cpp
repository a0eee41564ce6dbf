#include "cluster/messages.hpp"

#include <gmock/gmock.h>

#include "evoke/core/random.hpp"

namespace evoke::cluster {
namespace {

using testing::HasSubstr;

Bytes bytes(std::string_view text) {
    const ByteView view = as_bytes(text);
    return {view.begin(), view.end()};
}

template <class Kind>
Kind round_trip(const Kind& message) {
    auto decoded = decode(encode(message));
    return std::get<Kind>(std::get<Message>(decoded));
}

std::string why(const Bytes& frame) {
    const auto decoded = decode(frame);
    const auto* malformed = std::get_if<Malformed>(&decoded);
    return malformed == nullptr ? "" : malformed->why;
}

Bytes frame_with(std::uint16_t type, const Bytes& body) {
    Bytes frame = begin_frame(type);
    frame.insert(frame.end(), body.begin(), body.end());
    end_frame(frame);
    return frame;
}

std::vector<Message> one_of_each() {
    Introduction introduction{.host = "n1", .device = "cpu, 2 threads"};
    introduction.job[0] = std::byte{1};
    introduction.probe[31] = std::byte{2};
    return {message::Introduce{introduction},
            message::Welcome{},
            message::Refuse{"its probe differs"},
            message::Lease{LeaseId{5}, bytes("unit")},
            message::Result{LeaseId{5}, 0.25, bytes("result")},
            message::Failure{LeaseId{5}, 0.5, "out of memory"},
            message::Beat{1000, 2},
            message::Tick{},
            message::Recall{LeaseId{5}},
            message::Returned{LeaseId{5}},
            message::Dismiss{},
            message::Goodbye{},
            message::Farewell{true}};
}

TEST(Messages, introduction_survives_the_wire) {
    Introduction sent{.host = "n1", .device = "cpu, 2 threads"};
    sent.job[0] = std::byte{1};
    sent.probe[31] = std::byte{2};
    const Introduction got = round_trip(message::Introduce{sent}).introduction;
    EXPECT_EQ(got.job, sent.job);
    EXPECT_EQ(got.probe, sent.probe);
    EXPECT_EQ(got.host, "n1");
    EXPECT_EQ(got.device, "cpu, 2 threads");
}

TEST(Messages, lease_survives_the_wire) {
    const auto lease = round_trip(message::Lease{LeaseId{0x1122334455667788}, bytes("unit")});
    EXPECT_EQ(lease.lease, LeaseId{0x1122334455667788});
    EXPECT_EQ(as_text(lease.payload), "unit");
}

TEST(Messages, result_survives_the_wire) {
    const auto result = round_trip(message::Result{LeaseId{5}, 0.25, bytes("result")});
    EXPECT_EQ(result.lease, LeaseId{5});
    EXPECT_EQ(result.seconds, 0.25);
    EXPECT_EQ(as_text(result.payload), "result");
}

TEST(Messages, failure_survives_the_wire) {
    const auto failure = round_trip(message::Failure{LeaseId{5}, 0.5, "out of memory"});
    EXPECT_EQ(failure.lease, LeaseId{5});
    EXPECT_EQ(failure.seconds, 0.5);
    EXPECT_EQ(failure.reason, "out of memory");
}

TEST(Messages, beat_survives_the_wire) {
    const auto beat = round_trip(message::Beat{.progress = 1000, .held = 2});
    EXPECT_EQ(beat.progress, 1000U);
    EXPECT_EQ(beat.held, 2U);
}

TEST(Messages, goodbye_survives_the_wire) {
    EXPECT_TRUE(round_trip(message::Goodbye{true}).waits);
    EXPECT_FALSE(round_trip(message::Goodbye{false}).waits);
}

TEST(Messages, farewell_survives_the_wire) {
    EXPECT_TRUE(round_trip(message::Farewell{true}).everybody);
    EXPECT_FALSE(round_trip(message::Farewell{false}).everybody);
}

TEST(Messages, every_kind_keeps_its_type_number) {
    const std::vector<Message> messages = one_of_each();
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Bytes frame = encode(messages[i]);
        EXPECT_EQ(std::to_integer<std::size_t>(frame[6]), i + 1);
        EXPECT_EQ(std::get<Message>(decode(frame)).index(), i);
    }
}

TEST(Messages, beat_is_written_byte_for_byte_as_documented) {
    EXPECT_EQ(to_hex(encode(message::Beat{.progress = 1000, .held = 2})),
              "45564b46"          // "EVKF"
              "0100"              // protocol version 1
              "0700"              // type 7: beat
              "0d00000000000000"  // 13 bytes follow
              "01"                // little-endian, says cereal
              "e803000000000000"  // progress 1000
              "02000000"          // 2 leases held
              "60b883ce697ff0f3");
}

TEST(Messages, a_long_text_is_cut) {
    const auto failure = round_trip(message::Failure{LeaseId{1}, 0, std::string(100'000, 'x')});
    EXPECT_EQ(failure.reason, std::string(65'536, 'x'));
}

TEST(Messages, an_unknown_type_is_malformed) {
    EXPECT_EQ(why(frame_with(0, bytes("\1"))), "unknown type 0");
    EXPECT_EQ(why(frame_with(14, bytes("\1"))), "unknown type 14");
}

TEST(Messages, a_text_longer_than_its_message_is_not_believed) {
    // A refusal whose reason says that it has 65 535 bytes.
    EXPECT_EQ(why(frame_with(3, bytes(std::string_view{"\1\xff\xff\0\0abc", 8}))),
              "a message of type 3 with a text of 65535 bytes");
    // 4 GiB.
    EXPECT_EQ(why(frame_with(3, bytes("\1\xff\xff\xff\xff"))),
              "a message of type 3 with a text of 4294967295 bytes");
}

TEST(Messages, a_message_that_ends_too_soon_is_malformed) {
    EXPECT_EQ(why(frame_with(7, bytes("\1\2"))), "a message of type 7 that ends too soon");
    EXPECT_EQ(why(frame_with(7, {})), "a message of type 7 that ends too soon");
}

TEST(Messages, bytes_behind_the_last_field_are_malformed) {
    EXPECT_EQ(why(frame_with(8, bytes("\1xyz"))), "a message of type 8 with 3 bytes too many");
}

TEST(Messages, corrupted_frames_are_never_taken_for_messages) {
    const std::vector<Message> messages = one_of_each();
    for (std::uint32_t round = 0; round < 20'000; ++round) {
        const RandomKey key{.seed = 11, .slot = round};
        Bytes frame = encode(messages[random_below(key, 0, messages.size())]);
        const std::uint64_t changes = 1 + random_below(key, 1, 8);
        const Bytes sound = frame;
        for (std::uint32_t i = 0; i < changes; ++i)
            frame[random_below(key, 2 + 2 * i, frame.size())] =
                static_cast<std::byte>(random_bits(key, 3 + 2 * i));
        if (random_below(key, 100, 2) == 0) frame.resize(random_below(key, 101, 2 * frame.size()));
        if (frame != sound) {
            EXPECT_NE(why(frame), "") << "round " << round;
        }
    }
}

TEST(Messages, random_bodies_with_a_right_checksum_never_crash) {
    int understood = 0;
    for (std::uint32_t round = 0; round < 20'000; ++round) {
        const RandomKey key{.seed = 12, .slot = round};
        Bytes body(random_below(key, 0, 120));
        for (std::uint32_t i = 0; i < body.size(); ++i)
            body[i] = static_cast<std::byte>(random_bits(key, 10 + i));
        // Small numbers get past the first length check.
        if (body.size() > 12 && random_below(key, 1, 2) == 0)
            for (std::size_t i = 2; i < 9; ++i) body[i] = std::byte{0};
        const auto type = static_cast<std::uint16_t>(random_below(key, 2, 16));
        if (why(frame_with(type, body)).empty()) ++understood;
    }
    // Leases and results take any payload.
    EXPECT_GT(understood, 1000);
}

}  // namespace
}  // namespace evoke::cluster
