// The coordinator, with workers whose every word the test speaks.
#include <stdexcept>

#include "cluster_support.hpp"
#include "evoke/core/error.hpp"

namespace evoke::cluster {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class CoordinatorTest : public testing::Test {
protected:
    void start_ranks(int size) {
        transports_ = make_in_process_transports(size);
        for (auto& transport : transports_) peers_.emplace_back(*transport);
        setting_.emplace(*transports_[0], clock_);
    }

    /// Runs the coordinator in a thread of its own.
    void run(std::function<void(WorkQueue&)> search) {
        end_ = std::async(std::launch::async, [this, search = std::move(search)] {
            return run_coordinator(setting_->rank(), search);
        });
    }

    void join(int rank) {
        peers_[static_cast<std::size_t>(rank)].say(
            0, message::Introduce{{.host = "n" + std::to_string(rank), .device = "cpu"}});
        static_cast<void>(peers_[static_cast<std::size_t>(rank)].hear<message::Welcome>());
    }

    /// The local replica begins its first unit, and all others, when the gate opens: until then
    /// rank 0 has room for two units, and others get the rest.
    void hold_local_replica_at(const Gate& gate) {
        setting_->handler = [gate](ByteView unit) {
            gate.pass();
            return bytes(std::string{as_text(unit)} + " done");
        };
    }

    /// Whether everybody left.
    bool end() { return end_.get(); }

    void say_goodbye(int rank) {
        Peer& peer = peers_[static_cast<std::size_t>(rank)];
        static_cast<void>(peer.hear<message::Dismiss>());
        peer.say(0, message::Goodbye{});
    }

    test::ManualClock clock_;
    std::vector<std::unique_ptr<Transport>> transports_;
    std::vector<Peer> peers_;
    std::optional<Setting> setting_;
    std::future<bool> end_;
};

/// The next unit that is done.
std::string next_result(WorkQueue& queue) {
    return text(std::get<UnitDone>(queue.wait()).result);
}

TEST_F(CoordinatorTest, alone_it_does_everything_itself) {
    start_ranks(1);
    std::vector<std::string> results;
    run([&](WorkQueue& queue) {
        for (const char* unit : {"a", "b", "c"}) queue.submit(bytes(unit), 1);
        for (int i = 0; i < 3; ++i) results.push_back(next_result(queue));
    });
    EXPECT_TRUE(end());
    EXPECT_THAT(results, testing::UnorderedElementsAre("a done", "b done", "c done"));
}

TEST_F(CoordinatorTest, a_worker_that_introduces_itself_gets_work) {
    start_ranks(2);
    const Gate joined;
    const Gate local;
    setting_->handler = [local](ByteView) {
        local.pass();
        return bytes("by rank 0");
    };
    std::vector<WorkerReport> reports;
    run([&](WorkQueue& queue) {
        joined.pass();
        queue.submit(bytes("a"), 2);
        queue.submit(bytes("b"), 1);
        EXPECT_EQ(next_result(queue), "by rank 1");
        local.open();
        EXPECT_EQ(next_result(queue), "by rank 0");
        reports = queue.workers();
    });
    join(1);
    joined.open();
    const auto lease = peers_[1].hear<message::Lease>();
    EXPECT_EQ(text(lease.payload), "b");
    peers_[1].say(0, message::Result{lease.lease, 0.5, bytes("by rank 1")});
    say_goodbye(1);
    EXPECT_TRUE(peers_[1].hear<message::Farewell>().everybody);
    EXPECT_TRUE(end());
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[1].host, "n1");
    EXPECT_EQ(reports[1].units, 1U);
    EXPECT_EQ(reports[1].busy_seconds, 0.5);
    EXPECT_FALSE(reports[1].lost);
}

TEST_F(CoordinatorTest, the_unit_of_a_lost_worker_is_done_by_another) {
    start_ranks(2);
    const Gate joined;
    const Gate local;
    hold_local_replica_at(local);
    run([&](WorkQueue& queue) {
        joined.pass();
        queue.submit(bytes("a"), 2);
        queue.submit(bytes("b"), 1);
        EXPECT_EQ(next_result(queue), "a done");
        clock_.advance(61s);
        EXPECT_EQ(next_result(queue), "b done");
        EXPECT_TRUE(queue.workers()[1].lost);
    });
    join(1);
    joined.open();
    EXPECT_EQ(text(peers_[1].hear<message::Lease>().payload), "b");
    local.open();
    // Nothing more is heard of rank 1; in the end it is not waited for any longer.
    static_cast<void>(peers_[1].hear<message::Dismiss>());
    clock_.advance(31s);
    EXPECT_FALSE(end());
    EXPECT_FALSE(peers_[1].hear<message::Farewell>().everybody);
}

TEST_F(CoordinatorTest, late_and_double_answers_are_taken_once) {
    start_ranks(2);
    const Gate joined;
    const Gate local;
    hold_local_replica_at(local);
    const Gate both_answered;
    const Gate late_answers;
    std::vector<std::string> results;
    run([&](WorkQueue& queue) {
        joined.pass();
        queue.submit(bytes("a"), 2);
        queue.submit(bytes("b"), 1);
        results.push_back(next_result(queue));
        clock_.advance(61s);
        results.push_back(next_result(queue));
        both_answered.open();
        late_answers.pass();
        queue.submit(bytes("c"), 1);
        results.push_back(next_result(queue));
    });
    join(1);
    joined.open();
    const auto lease = peers_[1].hear<message::Lease>();
    local.open();
    static_cast<void>(peers_[1].hear<message::Recall>());
    both_answered.pass();
    peers_[1].say(0, message::Result{lease.lease, 0, bytes("too late")});
    peers_[1].say(0, message::Result{lease.lease, 0, bytes("too late again")});
    late_answers.open();
    say_goodbye(1);
    EXPECT_TRUE(end());
    EXPECT_THAT(results, testing::ElementsAre("a done", "b done", "c done"));
}

TEST_F(CoordinatorTest, a_worker_that_leaves_by_itself_gives_its_unit_back_and_is_missing) {
    start_ranks(2);
    const Gate joined;
    const Gate local;
    hold_local_replica_at(local);
    run([&](WorkQueue& queue) {
        joined.pass();
        queue.submit(bytes("a"), 2);
        queue.submit(bytes("b"), 1);
        EXPECT_EQ(next_result(queue), "a done");
        EXPECT_EQ(next_result(queue), "b done");
        EXPECT_EQ(queue.workers()[1].note, "it left by itself");
    });
    join(1);
    joined.open();
    static_cast<void>(peers_[1].hear<message::Lease>());
    local.open();
    peers_[1].say(0, message::Goodbye{.waits = false});
    EXPECT_FALSE(end());
}

TEST_F(CoordinatorTest, a_unit_that_fails_everywhere_is_reported_with_the_reasons) {
    start_ranks(1);
    setting_->handler = [](ByteView) -> Bytes { throw std::runtime_error{"disk full"}; };
    run([&](WorkQueue& queue) {
        const UnitId unit = queue.submit(bytes("a"), 1);
        const auto failed = std::get<UnitFailed>(queue.wait());
        EXPECT_EQ(failed.unit, unit);
        EXPECT_EQ(failed.reason,
                  "rank 0 on n0: disk full; rank 0 on n0: disk full; rank 0 on n0: disk full");
    });
    EXPECT_TRUE(end());
}

TEST_F(CoordinatorTest, a_failure_on_a_worker_is_tried_elsewhere) {
    start_ranks(2);
    const Gate joined;
    const Gate local;
    hold_local_replica_at(local);
    run([&](WorkQueue& queue) {
        joined.pass();
        queue.submit(bytes("a"), 2);
        queue.submit(bytes("b"), 1);
        EXPECT_EQ(next_result(queue), "a done");
        EXPECT_EQ(next_result(queue), "b done");
    });
    join(1);
    joined.open();
    const auto lease = peers_[1].hear<message::Lease>();
    local.open();
    peers_[1].say(0, message::Failure{lease.lease, 0, "out of memory"});
    say_goodbye(1);
    EXPECT_TRUE(end());
}

TEST_F(CoordinatorTest, the_stop_flag_is_told_once) {
    start_ranks(1);
    run([&](WorkQueue& queue) {
        setting_->stop = true;
        EXPECT_TRUE(std::holds_alternative<StopRequested>(queue.wait()));
        // Units still come, and nothing else does.
        queue.submit(bytes("a"), 1);
        EXPECT_EQ(next_result(queue), "a done");
        EXPECT_FALSE(queue.wait_for(10ms).has_value());
    });
    EXPECT_TRUE(end());
}

TEST_F(CoordinatorTest, what_the_search_throws_comes_out_after_everybody_left) {
    start_ranks(2);
    run([](WorkQueue&) { throw InputError{"no examples"}; });
    say_goodbye(1);
    EXPECT_THROW(end(), InputError);
    EXPECT_TRUE(peers_[1].hear<message::Farewell>().everybody);
}

TEST_F(CoordinatorTest, a_rank_with_another_probe_is_refused_by_name_and_the_run_fails) {
    start_ranks(2);
    run([](WorkQueue& queue) { static_cast<void>(queue.wait()); });
    Introduction other{.host = "n9", .device = "NVIDIA H200"};
    other.probe[0] = std::byte{1};
    peers_[1].say(0, message::Introduce{other});
    EXPECT_EQ(peers_[1].hear<message::Refuse>().reason,
              "its replica answers the probe with other bits than that of rank 0 on n0 (cpu)");
    peers_[1].say(0, message::Goodbye{});
    try {
        static_cast<void>(end());
        FAIL() << "the run went on with a smaller cluster";
    } catch (const RunFolderError& error) {
        EXPECT_STREQ(error.what(),
                     "rank 1 on n9 (NVIDIA H200): refused: its replica answers the probe with "
                     "other bits than that of rank 0 on n0 (cpu)");
        EXPECT_EQ(error.code(), ExitCode::run_folder);
    }
}

TEST_F(CoordinatorTest, a_rank_with_another_job_is_refused) {
    start_ranks(2);
    run([](WorkQueue& queue) { static_cast<void>(queue.wait()); });
    Introduction other{.host = "n1", .device = "cpu"};
    other.job[0] = std::byte{1};
    peers_[1].say(0, message::Introduce{other});
    EXPECT_THAT(peers_[1].hear<message::Refuse>().reason, HasSubstr("its job or data differ"));
    peers_[1].say(0, message::Goodbye{});
    EXPECT_THROW(end(), RunFolderError);
}

TEST_F(CoordinatorTest, bytes_that_are_no_message_change_nothing) {
    start_ranks(2);
    const Gate joined;
    run([&](WorkQueue& queue) {
        joined.pass();
        queue.submit(bytes("a"), 1);
        EXPECT_EQ(next_result(queue), "a done");
    });
    peers_[1].say_bytes(0, bytes("GET / HTTP/1.1"));
    peers_[1].say_bytes(0, {});
    Bytes cut = encode(message::Introduce{{.host = "n1"}});
    cut.resize(40);
    peers_[1].say_bytes(0, cut);
    peers_[1].say(0, message::Farewell{true});             // a word that is not a worker's
    peers_[1].say(0, message::Result{LeaseId{1}, 0, {}});  // from a rank that has not joined
    join(1);
    peers_[1].say(0, message::Welcome{});
    peers_[1].say(0, message::Returned{LeaseId{77}});
    peers_[1].say(0, message::Failure{LeaseId{78}, 0, "?"});
    joined.open();
    say_goodbye(1);
    EXPECT_TRUE(end());
}

TEST_F(CoordinatorTest, another_protocol_version_ends_the_run) {
    start_ranks(2);
    run([](WorkQueue& queue) { static_cast<void>(queue.wait()); });
    Bytes frame = encode(message::Introduce{});
    frame[4] = std::byte{2};
    const std::size_t covered = frame.size() - frame_trailer_size;
    const std::uint64_t checksum = checksum64(ByteView{frame}.first(covered));
    for (std::size_t i = 0; i < 8; ++i)
        frame[covered + i] = static_cast<std::byte>(checksum >> (8 * i));
    peers_[1].say_bytes(0, frame);
    static_cast<void>(peers_[1].hear<message::Dismiss>());
    clock_.advance(31s);
    EXPECT_THROW(end(), EnvironmentError);
}

TEST_F(CoordinatorTest, a_hanging_local_replica_does_not_hold_up_the_end) {
    start_ranks(1);
    const Gate never;
    const auto alive = std::make_shared<std::atomic<bool>>(true);
    setting_->handler = [never, alive](ByteView) {
        never.pass();
        *alive = false;
        return Bytes{};
    };
    std::atomic<bool> search_over = false;
    run([&](WorkQueue& queue) {
        queue.submit(bytes("a"), 1);
        EXPECT_FALSE(queue.wait_for(10ms).has_value());
        search_over = true;
    });
    ASSERT_TRUE(eventually([&] { return search_over.load(); }));
    while (end_.wait_for(1ms) != std::future_status::ready) clock_.advance(1s);
    EXPECT_TRUE(end());
    never.open();
    EXPECT_TRUE(eventually([&] { return !*alive; }));
}

TEST_F(CoordinatorTest, beats_go_to_workers_that_joined_and_are_not_quiet) {
    start_ranks(2);
    const Gate over;
    run([&](WorkQueue&) { over.pass(); });
    join(1);
    clock_.advance(2s);
    static_cast<void>(peers_[1].hear<message::Tick>());
    over.open();
    say_goodbye(1);
    EXPECT_TRUE(end());
}

}  // namespace
}  // namespace evoke::cluster
