#include "cluster/dispatcher.hpp"

#include "cluster_support.hpp"

namespace evoke::cluster {
namespace {

using namespace std::chrono_literals;
using test::at;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// Ranks with leases of 60 s and beats of 1 s; units are named by their number and text.
class DispatcherTest : public testing::Test {
protected:
    /// Rank 0 and `remote` workers have joined at 0 s.
    void start(int remote, int attempts = 3) {
        options_.unit_attempts = attempts;
        dispatcher_.emplace(options_, remote + 1);
        for (int rank = 0; rank <= remote; ++rank)
            dispatcher_->join(WorkerId{rank}, {.host = "n" + std::to_string(rank)}, at(0s));
    }

    void submit(std::uint64_t unit, std::uint64_t weight = 1) {
        dispatcher_->submit(UnitId{unit}, bytes(std::to_string(unit)), weight);
    }

    using Lent = std::vector<std::pair<int, std::string>>;

    /// Decides; remembers each lease by worker and unit.
    Lent decide(Duration now) {
        Lent lent;
        const auto orders = dispatcher_->decide(at(now));
        for (const auto& order : orders.lend) {
            lent.emplace_back(order.worker.value, text(*order.payload));
            leases_[{order.worker.value, text(*order.payload)}] = order.lease;
        }
        recalls_.clear();
        for (const auto& recall : orders.recall)
            recalls_.emplace_back(recall.worker.value, recall.lease);
        return lent;
    }

    LeaseId lease(int worker, const std::string& unit) { return leases_.at({worker, unit}); }

    void done(int worker, const std::string& unit, Duration now) {
        dispatcher_->heard(WorkerId{worker}, at(now));
        dispatcher_->result(WorkerId{worker}, lease(worker, unit), bytes(unit + " done"), 1.5,
                            at(now));
    }
    void failed(int worker, const std::string& unit, Duration now) {
        dispatcher_->heard(WorkerId{worker}, at(now));
        dispatcher_->failure(WorkerId{worker}, lease(worker, unit), "out of memory", at(now));
    }
    void beat(int worker, std::uint64_t progress, Duration now, std::size_t held = 1) {
        dispatcher_->heard(WorkerId{worker}, at(now));
        dispatcher_->beat(WorkerId{worker}, progress, held, at(now));
    }

    /// "7: 7 done by 1" or "7 failed: why".
    std::vector<std::string> events() {
        std::vector<std::string> texts;
        for (const QueueEvent& event : dispatcher_->take_events()) {
            if (const auto* unit = std::get_if<UnitDone>(&event))
                texts.push_back(std::to_string(unit->unit.value) + ": " + text(unit->result) +
                                " by " + std::to_string(unit->worker.value));
            else if (const auto* unit_failed = std::get_if<UnitFailed>(&event))
                texts.push_back(std::to_string(unit_failed->unit.value) +
                                " failed: " + unit_failed->reason);
        }
        return texts;
    }

    ClusterOptions options_;
    std::optional<Dispatcher> dispatcher_;
    std::map<std::pair<int, std::string>, LeaseId> leases_;
    std::vector<std::pair<int, LeaseId>> recalls_;
};

// ---- who gets what -------------------------------------------------------------------------

TEST_F(DispatcherTest, everybody_gets_one_before_anybody_gets_two) {
    start(2);
    for (std::uint64_t unit = 0; unit < 9; ++unit) submit(unit);
    EXPECT_THAT(decide(0s), ElementsAre(Pair(0, "0"), Pair(1, "1"), Pair(2, "2"), Pair(0, "3"),
                                        Pair(1, "4"), Pair(2, "5")));
    EXPECT_THAT(decide(0s), IsEmpty());
}

TEST_F(DispatcherTest, heavier_units_go_first_and_equal_ones_in_the_order_of_submission) {
    start(0);
    submit(0, 5);
    submit(1, 9);
    submit(2, 9);
    submit(3, 1);
    EXPECT_THAT(decide(0s), ElementsAre(Pair(0, "1"), Pair(0, "2")));
    done(0, "1", 1s);
    done(0, "2", 1s);
    EXPECT_THAT(decide(1s), ElementsAre(Pair(0, "0"), Pair(0, "3")));
}

TEST_F(DispatcherTest, an_answer_makes_room_for_the_next_unit) {
    start(1);
    for (std::uint64_t unit = 0; unit < 6; ++unit) submit(unit);
    decide(0s);
    done(1, "1", 2s);
    EXPECT_THAT(decide(2s), ElementsAre(Pair(1, "4")));
    EXPECT_THAT(events(), ElementsAre("1: 1 done by 1"));
}

TEST_F(DispatcherTest, nothing_goes_to_a_rank_that_has_not_introduced_itself) {
    dispatcher_.emplace(options_, 2);
    dispatcher_->join(WorkerId{0}, {}, at(0s));
    submit(0);
    submit(1);
    submit(2);
    EXPECT_THAT(decide(0s), ElementsAre(Pair(0, "0"), Pair(0, "1")));
    dispatcher_->join(WorkerId{1}, {}, at(1s));
    EXPECT_THAT(decide(1s), ElementsAre(Pair(1, "2")));
}

TEST_F(DispatcherTest, nothing_goes_to_a_worker_that_was_quiet_for_ten_beats) {
    start(1);
    submit(0);
    EXPECT_FALSE(dispatcher_->is_quiet(WorkerId{1}, at(10s)));
    EXPECT_TRUE(dispatcher_->is_quiet(WorkerId{1}, at(11s)));
    submit(1);
    EXPECT_THAT(decide(11s), ElementsAre(Pair(0, "0"), Pair(0, "1")));
    submit(2);
    dispatcher_->heard(WorkerId{1}, at(12s));
    EXPECT_THAT(decide(12s), ElementsAre(Pair(1, "2")));
}

TEST_F(DispatcherTest, an_idle_worker_gets_what_another_has_not_begun) {
    start(1);
    submit(0);
    submit(1);
    submit(2);
    decide(0s);  // 0 and 2 to rank 0, 1 to rank 1
    done(1, "1", 1s);
    EXPECT_THAT(decide(1s), IsEmpty());
    EXPECT_THAT(recalls_, ElementsAre(Pair(0, lease(0, "2"))));
    // It is asked for once.
    EXPECT_THAT(decide(2s), IsEmpty());
    EXPECT_THAT(recalls_, IsEmpty());
    dispatcher_->returned(WorkerId{0}, lease(0, "2"));
    EXPECT_THAT(decide(3s), ElementsAre(Pair(1, "2")));
    done(1, "2", 4s);
    EXPECT_THAT(events(), ElementsAre("1: 1 done by 1", "2: 2 done by 1"));
}

// ---- loss ----------------------------------------------------------------------------------

TEST_F(DispatcherTest, units_of_a_worker_that_fell_silent_go_to_others) {
    start(1);
    for (std::uint64_t unit = 0; unit < 4; ++unit) submit(unit);
    decide(0s);  // 0 and 2 to rank 0, 1 and 3 to rank 1
    done(0, "0", 50s);
    done(0, "2", 50s);
    EXPECT_THAT(decide(59s), IsEmpty());
    EXPECT_THAT(decide(60s), ElementsAre(Pair(0, "1"), Pair(0, "3")));
    EXPECT_THAT(recalls_, ElementsAre(Pair(1, lease(1, "1")), Pair(1, lease(1, "3"))));
    EXPECT_TRUE(dispatcher_->report(WorkerId{1}, at(60s)).lost);
    EXPECT_EQ(dispatcher_->report(WorkerId{1}, at(60s)).note, "it fell silent");
}

TEST_F(DispatcherTest, progress_extends_a_lease_and_beats_alone_do_not) {
    start(1);
    submit(0);
    submit(1);
    decide(0s);
    done(0, "0", 1s);
    beat(1, 1, 30s);
    EXPECT_THAT(decide(80s), IsEmpty());
    beat(1, 1, 80s);  // lives, but its model thread does not move
    EXPECT_THAT(decide(90s), ElementsAre(Pair(0, "1")));
    EXPECT_EQ(dispatcher_->report(WorkerId{1}, at(90s)).note, "no progress for 60 s");
}

TEST_F(DispatcherTest, a_suspended_worker_gets_nothing_until_it_moves) {
    start(1);
    submit(0);
    submit(1);
    decide(0s);
    done(0, "0", 1s);
    decide(60s);
    done(0, "1", 61s);
    for (std::uint64_t unit = 2; unit < 6; ++unit) submit(unit);
    beat(1, 0, 62s);
    EXPECT_THAT(decide(62s), ElementsAre(Pair(0, "2"), Pair(0, "3")));
    beat(1, 1, 63s);
    EXPECT_THAT(decide(63s), ElementsAre(Pair(1, "4"), Pair(1, "5")));
    EXPECT_FALSE(dispatcher_->report(WorkerId{1}, at(63s)).lost);
}

TEST_F(DispatcherTest, a_suspended_worker_that_holds_nothing_is_used_again) {
    start(1);
    submit(0);
    submit(1);
    decide(0s);
    done(0, "0", 1s);
    decide(60s);
    submit(2);
    submit(3);
    beat(1, 0, 61s, 0);
    EXPECT_THAT(decide(61s), ElementsAre(Pair(1, "2"), Pair(0, "3")));
}

TEST_F(DispatcherTest, a_late_answer_counts_while_the_unit_is_open) {
    start(1);
    submit(0);
    submit(1);
    decide(0s);
    done(0, "0", 1s);
    EXPECT_THAT(decide(60s), ElementsAre(Pair(0, "1")));
    done(1, "1", 61s);
    EXPECT_THAT(events(), ElementsAre("0: 0 done by 0", "1: 1 done by 1"));
    // Rank 0 is told that it need not do it.
    decide(61s);
    EXPECT_THAT(recalls_, ElementsAre(Pair(0, lease(0, "1"))));
    done(0, "1", 62s);
    EXPECT_THAT(events(), IsEmpty());
}

TEST_F(DispatcherTest, a_late_answer_is_dropped_once_the_unit_is_done) {
    start(1);
    submit(0);
    submit(1);
    decide(0s);
    done(0, "0", 1s);
    decide(60s);
    done(0, "1", 61s);
    done(1, "1", 62s);
    EXPECT_THAT(events(), ElementsAre("0: 0 done by 0", "1: 1 done by 0"));
    EXPECT_EQ(dispatcher_->report(WorkerId{1}, at(62s)).units, 0U);
    // What it did meanwhile was work, all the same.
    EXPECT_EQ(dispatcher_->report(WorkerId{1}, at(62s)).busy_seconds, 1.5);
}

TEST_F(DispatcherTest, the_same_answer_twice_is_taken_once) {
    start(1);
    submit(0);
    submit(1);
    decide(0s);
    done(1, "1", 1s);
    done(1, "1", 1s);
    EXPECT_THAT(events(), ElementsAre("1: 1 done by 1"));
}

TEST_F(DispatcherTest, an_answer_to_the_lease_of_somebody_else_is_dropped) {
    start(2);
    submit(0);
    submit(1);
    decide(0s);
    dispatcher_->result(WorkerId{2}, lease(1, "1"), bytes("made up"), 0, at(1s));
    dispatcher_->result(WorkerId{2}, LeaseId{12345}, bytes("made up"), 0, at(1s));
    EXPECT_THAT(events(), IsEmpty());
}

TEST_F(DispatcherTest, a_worker_that_leaves_gives_back_what_it_holds_without_blame) {
    start(1, 1);
    submit(0);
    submit(1);
    decide(0s);
    dispatcher_->left(WorkerId{1}, "it left");
    EXPECT_THAT(decide(1s), ElementsAre(Pair(0, "1")));
    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(dispatcher_->report(WorkerId{1}, at(1s)).note, "it left");
}

// ---- units that fail -----------------------------------------------------------------------

TEST_F(DispatcherTest, a_failed_unit_goes_to_another_worker) {
    start(2);
    submit(0);
    submit(1);
    submit(2);
    decide(0s);
    failed(1, "1", 1s);
    // Rank 0 is the first that has not failed on it and has room.
    EXPECT_THAT(decide(1s), ElementsAre(Pair(0, "1")));
    failed(0, "1", 2s);
    EXPECT_THAT(decide(2s), ElementsAre(Pair(2, "1")));
}

TEST_F(DispatcherTest, a_unit_fails_for_good_after_its_attempts_with_all_reasons) {
    start(1);
    submit(0);
    submit(1);
    decide(0s);
    done(0, "0", 0s);
    failed(1, "1", 1s);
    decide(1s);
    failed(0, "1", 2s);
    // Everybody has failed on it by now: anybody may try again.
    decide(2s);
    failed(0, "1", 3s);
    EXPECT_THAT(events(),
                ElementsAre("0: 0 done by 0",
                            "1 failed: rank 1 on n1: out of memory; rank 0 on n0: out of memory; "
                            "rank 0 on n0: out of memory"));
    EXPECT_THAT(decide(3s), IsEmpty());
}

TEST_F(DispatcherTest,
       a_failed_unit_waits_for_a_busy_worker_rather_than_return_to_the_one_that_failed) {
    start(1);
    for (std::uint64_t unit = 0; unit < 4; ++unit) submit(unit);
    decide(0s);
    failed(1, "1", 1s);
    EXPECT_THAT(decide(1s), IsEmpty());  // rank 0 is full
    done(0, "0", 2s);
    EXPECT_THAT(decide(2s), ElementsAre(Pair(0, "1")));
}

TEST_F(DispatcherTest, a_unit_that_silences_its_workers_fails_for_good) {
    start(3);
    submit(0);
    submit(1);
    decide(0s);
    done(0, "0", 1s);
    Duration now = 0s;
    for (const int victim : {1, 2, 3}) {
        now += 60s;
        for (int other = victim + 1; other <= 3; ++other) beat(other, 0, now, 0);
        const Lent lent = decide(now);
        // While a fresh remote worker is there, rank 0 does not risk it.
        if (victim < 3) {
            EXPECT_THAT(lent, ElementsAre(Pair(victim + 1, "1")));
        }
    }
    EXPECT_THAT(events(),
                ElementsAre("0: 0 done by 0",
                            "1 failed: rank 1 on n1: it fell silent; rank 2 on n2: it fell silent; "
                            "rank 3 on n3: it fell silent"));
}

TEST_F(DispatcherTest, only_the_oldest_unit_of_a_silent_worker_is_to_blame) {
    start(1, 1);
    for (std::uint64_t unit = 0; unit < 4; ++unit) submit(unit);
    decide(0s);
    done(0, "0", 1s);
    done(0, "2", 1s);
    EXPECT_THAT(decide(60s), ElementsAre(Pair(0, "3")));
    EXPECT_THAT(events(), testing::Contains("1 failed: rank 1 on n1: it fell silent"));
}

TEST_F(DispatcherTest, rank_0_takes_a_dangerous_unit_when_nobody_else_is_left) {
    start(1);
    submit(0);
    submit(1);
    decide(0s);
    done(0, "0", 1s);
    EXPECT_THAT(decide(60s), ElementsAre(Pair(0, "1")));
}

TEST_F(DispatcherTest, when_nobody_works_for_a_whole_lease_what_waits_fails) {
    start(0);
    submit(0);
    submit(1);
    decide(0s);
    EXPECT_THAT(decide(60s), IsEmpty());  // rank 0 hangs
    EXPECT_THAT(decide(119s), IsEmpty());
    EXPECT_THAT(events(), IsEmpty());
    decide(120s);
    const auto failed_units = events();
    ASSERT_EQ(failed_units.size(), 2U);
    EXPECT_THAT(failed_units[0], HasSubstr("0 failed: rank 0 on n0: no progress for 60 s; no rank "
                                           "is left that makes progress"));
    EXPECT_THAT(failed_units[1], HasSubstr("1 failed: no rank is left that makes progress"));
}

TEST_F(DispatcherTest, a_slow_rank_alone_is_given_its_time) {
    start(0);
    submit(0);
    submit(1);
    decide(0s);
    decide(60s);
    done(0, "0", 100s);
    EXPECT_THAT(events(), ElementsAre("0: 0 done by 0"));
    EXPECT_THAT(decide(100s), ElementsAre(Pair(0, "1")));
}

}  // namespace
}  // namespace evoke::cluster
