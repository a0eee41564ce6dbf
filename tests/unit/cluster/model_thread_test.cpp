#include "cluster/model_thread.hpp"

#include <stdexcept>

#include "cluster_support.hpp"

namespace evoke::cluster {
namespace {

using namespace std::chrono_literals;

class ModelThreadTest : public testing::Test {
protected:
    void start() { model_.emplace(setting_.rank(), std::make_shared<Backoff>()); }

    Finished next() {
        std::optional<Finished> finished;
        EXPECT_TRUE(eventually([&] { return (finished = model_->take_finished()).has_value(); }));
        return std::move(*finished);
    }
    std::string next_result() { return text(std::get<Bytes>(next().answer)); }

    std::vector<std::unique_ptr<Transport>> transports_ = make_in_process_transports(1);
    test::ManualClock clock_;
    Setting setting_{*transports_[0], clock_};
    std::optional<ModelThread> model_;
};

TEST_F(ModelThreadTest, does_units_in_the_order_given) {
    start();
    model_->give({LeaseId{1}, bytes("a")});
    model_->give({LeaseId{2}, bytes("b")});
    EXPECT_EQ(next_result(), "a done");
    EXPECT_EQ(next_result(), "b done");
    EXPECT_EQ(model_->held(), 0U);
}

TEST_F(ModelThreadTest, every_unit_counts_as_progress) {
    start();
    model_->give({LeaseId{1}, bytes("a")});
    static_cast<void>(next());
    EXPECT_EQ(setting_.progress, 1U);
}

TEST_F(ModelThreadTest, what_the_handler_throws_is_an_answer) {
    setting_.handler = [](ByteView payload) -> Bytes {
        if (as_text(payload) == "odd") throw 7;
        throw std::runtime_error{"out of memory"};
    };
    start();
    model_->give({LeaseId{1}, bytes("even")});
    EXPECT_EQ(std::get<std::string>(next().answer), "out of memory");
    model_->give({LeaseId{2}, bytes("odd")});
    EXPECT_EQ(std::get<std::string>(next().answer),
              "the handler threw something that is no std::exception");
}

TEST_F(ModelThreadTest, measures_the_time_of_the_handler) {
    setting_.handler = [this](ByteView) {
        clock_.advance(3s);
        return Bytes{};
    };
    start();
    model_->give({LeaseId{1}, {}});
    EXPECT_EQ(next().seconds, 3.0);
}

TEST_F(ModelThreadTest, a_waiting_unit_can_be_taken_back_and_a_running_one_cannot) {
    const Gate gate;
    std::atomic<bool> begun = false;
    setting_.handler = [gate, &begun](ByteView) {
        begun = true;
        gate.pass();
        return Bytes{};
    };
    start();
    model_->give({LeaseId{1}, {}});
    model_->give({LeaseId{2}, {}});
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
    EXPECT_EQ(model_->held(), 2U);
    EXPECT_FALSE(model_->take_back(LeaseId{1}));
    EXPECT_TRUE(model_->take_back(LeaseId{2}));
    EXPECT_FALSE(model_->take_back(LeaseId{2}));
    EXPECT_EQ(model_->held(), 1U);
    gate.open();
    EXPECT_EQ(next().lease, LeaseId{1});
}

TEST_F(ModelThreadTest, closing_drops_what_waits_and_ends_after_what_runs) {
    const Gate gate;
    std::atomic<int> begun = 0;
    setting_.handler = [gate, &begun](ByteView) {
        ++begun;
        gate.pass();
        return Bytes{};
    };
    start();
    model_->give({LeaseId{1}, {}});
    model_->give({LeaseId{2}, {}});
    ASSERT_TRUE(eventually([&] { return begun == 1; }));
    model_->close();
    EXPECT_FALSE(model_->ended());
    gate.open();
    EXPECT_TRUE(eventually([&] { return model_->ended(); }));
    EXPECT_EQ(begun, 1);
}

TEST_F(ModelThreadTest, a_hanging_handler_is_abandoned_and_owns_what_it_uses) {
    const Gate gate;
    const auto replica = std::make_shared<std::atomic<int>>(0);
    const std::weak_ptr<std::atomic<int>> watch = replica;
    std::atomic<bool> begun = false;
    setting_.handler = [gate, replica, &begun](ByteView) {
        begun = true;
        gate.pass();
        ++*replica;
        return Bytes{};
    };
    start();
    model_->give({LeaseId{1}, {}});
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
    model_.reset();  // returns at once
    EXPECT_EQ(*replica, 0);
    gate.open();
    EXPECT_TRUE(eventually([&] { return *replica == 1; }));
    // The thread that was left behind no longer counts.
    EXPECT_EQ(setting_.progress, 0U);
}

}  // namespace
}  // namespace evoke::cluster
