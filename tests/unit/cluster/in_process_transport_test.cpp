#include <gmock/gmock.h>

#include <thread>

#include "evoke/cluster/transport.hpp"

namespace evoke::cluster {
namespace {

Bytes bytes(std::string_view text) {
    const ByteView view = as_bytes(text);
    return {view.begin(), view.end()};
}

TEST(InProcessTransport, ranks_know_themselves) {
    const auto ranks = make_in_process_transports(3);
    ASSERT_EQ(ranks.size(), 3U);
    EXPECT_EQ(ranks[2]->rank(), 2);
    EXPECT_EQ(ranks[2]->size(), 3);
}

TEST(InProcessTransport, gives_messages_to_the_one_they_are_for_in_order) {
    const auto ranks = make_in_process_transports(3);
    ranks[0]->send(2, bytes("first"));
    ranks[0]->send(2, bytes("second"));
    ranks[0]->send(1, bytes("other"));
    const auto first = ranks[2]->receive();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->from, 0);
    EXPECT_EQ(as_text(first->frame), "first");
    EXPECT_EQ(as_text(ranks[2]->receive()->frame), "second");
    EXPECT_FALSE(ranks[2]->receive());
    EXPECT_EQ(as_text(ranks[1]->receive()->frame), "other");
}

TEST(InProcessTransport, sends_to_itself) {
    const auto ranks = make_in_process_transports(1);
    ranks[0]->send(0, bytes("me"));
    EXPECT_EQ(as_text(ranks[0]->receive()->frame), "me");
}

TEST(InProcessTransport, sending_to_a_rank_that_is_gone_does_nothing) {
    auto ranks = make_in_process_transports(2);
    ranks[1].reset();
    ranks[0]->send(1, bytes("anybody?"));
    EXPECT_FALSE(ranks[0]->receive());
}

TEST(InProcessTransport, joins_threads) {
    const auto ranks = make_in_process_transports(2);
    constexpr int messages = 1000;
    std::thread other{[&] {
        for (int i = 0; i < messages; ++i) ranks[1]->send(0, bytes(std::to_string(i)));
    }};
    for (int i = 0; i < messages;) {
        const auto received = ranks[0]->receive();
        if (!received) continue;
        EXPECT_EQ(as_text(received->frame), std::to_string(i));
        ++i;
    }
    other.join();
}

}  // namespace
}  // namespace evoke::cluster
