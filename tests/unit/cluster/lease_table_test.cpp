#include "evoke/cluster/lease_table.hpp"

#include <gmock/gmock.h>

#include "support/manual_clock.hpp"

namespace evoke::cluster {
namespace {

using namespace std::chrono_literals;
using test::at;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(LeaseTable, reclaim_gives_back_overdue_units_oldest_first) {
    LeaseTable leases{10s};
    leases.lend(WorkerId{2}, UnitId{7}, at(0s));
    leases.lend(WorkerId{1}, UnitId{3}, at(5s));
    EXPECT_THAT(leases.reclaim(at(9s)), IsEmpty());
    EXPECT_THAT(leases.reclaim(at(20s)), ElementsAre(UnitId{7}, UnitId{3}));
}

TEST(LeaseTable, settle_ignores_a_lease_already_taken_back) {
    LeaseTable leases{10s};
    const auto lease = leases.lend(WorkerId{1}, UnitId{7}, at(0s));
    leases.reclaim(at(20s));
    EXPECT_EQ(leases.settle(lease), std::nullopt);
}

TEST(LeaseTable, settle_gives_the_unit_once) {
    LeaseTable leases{10s};
    const auto lease = leases.lend(WorkerId{1}, UnitId{7}, at(0s));
    EXPECT_EQ(leases.settle(lease), UnitId{7});
    EXPECT_EQ(leases.settle(lease), std::nullopt);
}

TEST(LeaseTable, settle_ignores_a_lease_never_given) {
    LeaseTable leases{10s};
    EXPECT_EQ(leases.settle(LeaseId{99}), std::nullopt);
}

TEST(LeaseTable, a_lease_is_overdue_exactly_at_its_timeout) {
    LeaseTable leases{10s};
    leases.lend(WorkerId{1}, UnitId{7}, at(3s));
    EXPECT_THAT(leases.reclaim(at(13s) - 1ns), IsEmpty());
    EXPECT_THAT(leases.reclaim(at(13s)), ElementsAre(UnitId{7}));
}

TEST(LeaseTable, progress_extends_every_lease_of_the_worker_and_no_other) {
    LeaseTable leases{10s};
    leases.lend(WorkerId{1}, UnitId{1}, at(0s));
    leases.lend(WorkerId{1}, UnitId{2}, at(0s));
    leases.lend(WorkerId{2}, UnitId{3}, at(0s));
    leases.progress(WorkerId{1}, at(8s));
    EXPECT_THAT(leases.reclaim(at(12s)), ElementsAre(UnitId{3}));
    EXPECT_THAT(leases.reclaim(at(18s)), ElementsAre(UnitId{1}, UnitId{2}));
}

TEST(LeaseTable, progress_never_shortens_a_lease) {
    LeaseTable leases{10s};
    leases.lend(WorkerId{1}, UnitId{1}, at(5s));
    leases.progress(WorkerId{1}, at(2s));
    EXPECT_THAT(leases.reclaim(at(14s)), IsEmpty());
}

TEST(LeaseTable, leases_of_one_instant_come_back_in_the_order_of_lending) {
    LeaseTable leases{10s};
    leases.lend(WorkerId{3}, UnitId{9}, at(0s));
    leases.lend(WorkerId{1}, UnitId{4}, at(0s));
    leases.lend(WorkerId{2}, UnitId{6}, at(0s));
    EXPECT_THAT(leases.reclaim(at(10s)), ElementsAre(UnitId{9}, UnitId{4}, UnitId{6}));
}

TEST(LeaseTable, reclaim_from_takes_everything_of_one_worker_oldest_first) {
    LeaseTable leases{10s};
    leases.lend(WorkerId{1}, UnitId{4}, at(2s));
    leases.lend(WorkerId{2}, UnitId{5}, at(3s));
    leases.lend(WorkerId{1}, UnitId{6}, at(4s));
    EXPECT_THAT(leases.reclaim_from(WorkerId{1}), ElementsAre(UnitId{4}, UnitId{6}));
    EXPECT_EQ(leases.held_by(WorkerId{1}), 0U);
    EXPECT_EQ(leases.held_by(WorkerId{2}), 1U);
}

TEST(LeaseTable, a_unit_lent_again_has_a_lease_of_its_own) {
    LeaseTable leases{10s};
    const auto first = leases.lend(WorkerId{1}, UnitId{7}, at(0s));
    leases.reclaim(at(10s));
    const auto second = leases.lend(WorkerId{2}, UnitId{7}, at(10s));
    EXPECT_NE(first, second);
    EXPECT_EQ(leases.settle(first), std::nullopt);
    EXPECT_EQ(leases.settle(second), UnitId{7});
}

}  // namespace
}  // namespace evoke::cluster
