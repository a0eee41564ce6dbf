// A worker, with a coordinator whose every word the test speaks.
#include <stdexcept>

#include "cluster_support.hpp"

namespace evoke::cluster {
namespace {

using namespace std::chrono_literals;

class WorkerTest : public testing::Test {
protected:
    void run() {
        end_ = std::async(std::launch::async, [this] { return run_worker(setting_.rank()); });
    }
    void welcome() {
        static_cast<void>(coordinator_.hear<message::Introduce>());
        coordinator_.say(1, message::Welcome{});
    }
    void lend(std::uint64_t lease, std::string_view unit) {
        coordinator_.say(1, message::Lease{LeaseId{lease}, bytes(unit)});
    }
    WorkerEnd dismiss(bool everybody = true) {
        coordinator_.say(1, message::Dismiss{});
        static_cast<void>(coordinator_.hear<message::Goodbye>());
        coordinator_.say(1, message::Farewell{everybody});
        return end_.get();
    }

    test::ManualClock clock_;
    std::vector<std::unique_ptr<Transport>> transports_ = make_in_process_transports(2);
    Peer coordinator_{*transports_[0]};
    Setting setting_{*transports_[1], clock_};
    std::future<WorkerEnd> end_;
};

TEST_F(WorkerTest, introduces_itself) {
    setting_.introduction.job[3] = std::byte{5};
    run();
    const auto introduce = coordinator_.hear<message::Introduce>();
    EXPECT_EQ(introduce.introduction.host, "n1");
    EXPECT_EQ(introduce.introduction.job, setting_.introduction.job);
    EXPECT_EQ(dismiss(), WorkerEnd::dismissed);
}

TEST_F(WorkerTest, answers_units_in_order) {
    run();
    welcome();
    lend(11, "a");
    lend(12, "b");
    const auto first = coordinator_.hear<message::Result>();
    EXPECT_EQ(first.lease, LeaseId{11});
    EXPECT_EQ(text(first.payload), "a done");
    EXPECT_EQ(coordinator_.hear<message::Result>().lease, LeaseId{12});
    EXPECT_EQ(dismiss(), WorkerEnd::dismissed);
}

TEST_F(WorkerTest, sends_what_the_handler_throws_and_goes_on) {
    setting_.handler = [](ByteView unit) -> Bytes {
        if (as_text(unit) == "bad") throw std::runtime_error{"out of memory"};
        return bytes("fine");
    };
    run();
    welcome();
    lend(11, "bad");
    lend(12, "good");
    EXPECT_EQ(coordinator_.hear<message::Failure>().reason, "out of memory");
    EXPECT_EQ(text(coordinator_.hear<message::Result>().payload), "fine");
    EXPECT_EQ(dismiss(), WorkerEnd::dismissed);
}

TEST_F(WorkerTest, beats_carry_progress_and_what_it_holds) {
    const Gate gate;
    setting_.handler = [this, gate](ByteView) {
        setting_.progress = 41;
        gate.pass();
        return Bytes{};
    };
    run();
    welcome();
    EXPECT_EQ(coordinator_.hear<message::Beat>().held, 0U);
    lend(11, "a");
    lend(12, "b");
    ASSERT_TRUE(eventually([&] {
        clock_.advance(1s);
        coordinator_.say(1, message::Tick{});
        const auto beat = coordinator_.hear<message::Beat>();
        return beat.held == 2 && beat.progress == 41;
    }));
    gate.open();
    EXPECT_EQ(dismiss(), WorkerEnd::dismissed);
}

TEST_F(WorkerTest, a_recalled_unit_is_given_back_unless_it_runs) {
    const Gate gate;
    std::atomic<bool> begun = false;
    setting_.handler = [gate, &begun](ByteView unit) {
        begun = true;
        gate.pass();
        return Bytes{unit.begin(), unit.end()};
    };
    run();
    welcome();
    lend(11, "a");
    lend(12, "b");
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
    coordinator_.say(1, message::Recall{LeaseId{11}});
    coordinator_.say(1, message::Recall{LeaseId{12}});
    EXPECT_EQ(coordinator_.hear<message::Returned>().lease, LeaseId{12});
    gate.open();
    EXPECT_EQ(coordinator_.hear<message::Result>().lease, LeaseId{11});
    EXPECT_EQ(dismiss(), WorkerEnd::dismissed);
}

TEST_F(WorkerTest, leaves_when_the_coordinator_falls_silent) {
    run();
    welcome();
    // The welcome has been heard when the first unit is answered.
    lend(11, "a");
    static_cast<void>(coordinator_.hear<message::Result>());
    clock_.advance(30s);
    EXPECT_EQ(end_.get(), WorkerEnd::coordinator_silent);
    // In case the coordinator was only held up.
    EXPECT_FALSE(coordinator_.hear<message::Goodbye>().waits);
}

TEST_F(WorkerTest, waits_longer_for_the_first_word) {
    run();
    static_cast<void>(coordinator_.hear<message::Introduce>());
    clock_.advance(599s);
    EXPECT_EQ(end_.wait_for(20ms), std::future_status::timeout);
    clock_.advance(1s);
    EXPECT_EQ(end_.get(), WorkerEnd::coordinator_silent);
}

TEST_F(WorkerTest, after_a_long_stop_it_hears_before_it_judges) {
    run();
    welcome();
    for (int i = 0; i < 5; ++i) {
        // As if it had been stopped: a beat lies there, and much time has passed.
        coordinator_.say(1, message::Tick{});
        lend(static_cast<std::uint64_t>(i), "a");
        static_cast<void>(coordinator_.hear<message::Result>());
        clock_.advance(29s);
    }
    EXPECT_EQ(dismiss(), WorkerEnd::dismissed);
}

TEST_F(WorkerTest, a_refused_worker_leaves) {
    run();
    static_cast<void>(coordinator_.hear<message::Introduce>());
    coordinator_.say(1, message::Refuse{"its probe differs"});
    static_cast<void>(coordinator_.hear<message::Goodbye>());
    coordinator_.say(1, message::Farewell{true});
    EXPECT_EQ(end_.get(), WorkerEnd::refused);
}

TEST_F(WorkerTest, knows_when_somebody_is_missing) {
    run();
    welcome();
    EXPECT_EQ(dismiss(false), WorkerEnd::dismissed_after_loss);
}

TEST_F(WorkerTest, without_a_farewell_somebody_is_missing) {
    run();
    welcome();
    coordinator_.say(1, message::Dismiss{});
    static_cast<void>(coordinator_.hear<message::Goodbye>());
    clock_.advance(30s);
    EXPECT_EQ(end_.get(), WorkerEnd::dismissed_after_loss);
}

TEST_F(WorkerTest, a_unit_that_hangs_is_left_behind_at_the_end) {
    const Gate never;
    std::atomic<bool> begun = false;
    setting_.handler = [never, &begun](ByteView) {
        begun = true;
        never.pass();
        return Bytes{};
    };
    run();
    welcome();
    lend(11, "a");
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
    coordinator_.say(1, message::Dismiss{});
    std::atomic<bool> left = false;
    std::thread time{[&] {
        while (!left) {
            clock_.advance(100ms);
            coordinator_.say(1, message::Tick{});
            std::this_thread::yield();
        }
    }};
    // `say` and `hear` of one transport in two threads: the mailboxes are locked.
    static_cast<void>(coordinator_.hear<message::Goodbye>());
    left = true;
    time.join();
    coordinator_.say(1, message::Farewell{true});
    EXPECT_EQ(end_.get(), WorkerEnd::dismissed);
    never.open();
}

TEST_F(WorkerTest, bytes_that_are_no_message_are_dropped) {
    run();
    welcome();
    coordinator_.say_bytes(1, bytes("garbage"));
    coordinator_.say_bytes(1, {});
    coordinator_.say(1, message::Goodbye{});
    lend(11, "a");
    EXPECT_EQ(text(coordinator_.hear<message::Result>().payload), "a done");
    EXPECT_EQ(dismiss(), WorkerEnd::dismissed);
}

}  // namespace
}  // namespace evoke::cluster
