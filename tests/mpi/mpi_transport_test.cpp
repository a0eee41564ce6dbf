// Runs on all ranks at once.
#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "evoke/cluster/mpi_session.hpp"

namespace evoke::cluster {
namespace {

using testing::HasSubstr;

class MpiTransport : public testing::Test {
protected:
    /// Fails the test when nothing comes within a minute.
    Received await(Transport& transport) {
        const auto begun = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() - begun < std::chrono::minutes{1})
            if (auto received = transport.receive()) return std::move(*received);
        ADD_FAILURE() << "no message within a minute";
        return {};
    }

    static Bytes bytes(const std::string& text) {
        const ByteView view = as_bytes(text);
        return {view.begin(), view.end()};
    }

    MpiSession session_;
};

TEST_F(MpiTransport, session_knows_ranks_and_host) {
    EXPECT_GE(session_.rank(), 0);
    EXPECT_LT(session_.rank(), session_.size());
    // All ranks of this test share a host.
    EXPECT_EQ(session_.local_rank(), session_.rank());
    EXPECT_EQ(session_.local_size(), session_.size());
    EXPECT_THAT(session_.library(), HasSubstr("MPI"));
    EXPECT_TRUE(started_by_mpi());
}

TEST_F(MpiTransport, keeps_the_order_of_each_pair) {
    const auto transport = session_.transport();
    constexpr int messages = 200;
    for (int to = 0; to < transport->size(); ++to)
        for (int i = 0; i < messages; ++i) transport->send(to, bytes(std::to_string(i)));
    std::map<int, int> next;
    for (int i = 0; i < messages * transport->size(); ++i) {
        const Received received = await(*transport);
        EXPECT_EQ(as_text(received.frame), std::to_string(next[received.from]++));
    }
    EXPECT_EQ(transport->receive(), std::nullopt);
}

TEST_F(MpiTransport, large_messages_arrive_whole_and_in_order) {
    const auto transport = session_.transport();
    constexpr std::size_t large = 5'000'000;
    const int to = (transport->rank() + 1) % transport->size();
    transport->send(to, Bytes(large, std::byte{7}));
    transport->send(to, bytes("after"));
    const Received first = await(*transport);
    EXPECT_EQ(first.frame, Bytes(large, std::byte{7}));
    EXPECT_EQ(as_text(await(*transport).frame), "after");
}

TEST_F(MpiTransport, empty_messages_arrive) {
    const auto transport = session_.transport();
    const int to = (transport->rank() + 1) % transport->size();
    transport->send(to, {});
    EXPECT_TRUE(await(*transport).frame.empty());
}

}  // namespace
}  // namespace evoke::cluster
