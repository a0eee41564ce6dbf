#include "cluster/search_end.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <thread>

namespace evoke::cluster {
namespace {

using namespace std::chrono_literals;

class SearchEndTest : public testing::Test {
protected:
    SearchEnd end_{std::make_shared<Backoff>()};
};

TEST_F(SearchEndTest, units_are_numbered_in_the_order_of_submission) {
    EXPECT_EQ(end_.submit({}, 1), UnitId{0});
    EXPECT_EQ(end_.submit({}, 9), UnitId{1});
    const auto submissions = end_.take_submissions();
    ASSERT_EQ(submissions.size(), 2U);
    EXPECT_EQ(submissions[1].unit, UnitId{1});
    EXPECT_EQ(submissions[1].weight, 9U);
    EXPECT_TRUE(end_.take_submissions().empty());
}

TEST_F(SearchEndTest, wait_gives_events_in_order) {
    end_.tell(UnitFailed{UnitId{3}, "why"});
    end_.tell(StopRequested{});
    EXPECT_EQ(std::get<UnitFailed>(end_.wait()).reason, "why");
    EXPECT_TRUE(std::holds_alternative<StopRequested>(end_.wait()));
}

TEST_F(SearchEndTest, wait_for_gives_up) {
    EXPECT_EQ(end_.wait_for(1ms).has_value(), false);
}

TEST_F(SearchEndTest, a_failed_cluster_throws_into_the_waiting_search) {
    std::thread messages{
        [&] { end_.fail(std::make_exception_ptr(std::runtime_error{"rank 3 is refused"})); }};
    EXPECT_THROW(static_cast<void>(end_.wait()), std::runtime_error);
    messages.join();
    EXPECT_THROW(end_.submit({}, 1), std::runtime_error);
    EXPECT_THROW(static_cast<void>(end_.wait_for(1ms)), std::runtime_error);
}

TEST_F(SearchEndTest, reports_are_kept_by_worker) {
    end_.report({.worker = WorkerId{1}, .units = 4});
    end_.report({.worker = WorkerId{0}, .units = 7});
    end_.report({.worker = WorkerId{1}, .units = 5});
    ASSERT_EQ(end_.workers().size(), 2U);
    EXPECT_EQ(end_.workers()[0].units, 7U);
    EXPECT_EQ(end_.workers()[1].units, 5U);
}

}  // namespace
}  // namespace evoke::cluster
