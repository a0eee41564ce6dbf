#include "checkpoint/lock_rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace evoke::checkpoint {
namespace {

using testing::HasSubstr;

LockHolder holder() {
    return {.host = "n1",
            .boot = "b-1",
            .process_space = "pid:[1]",
            .process = 42,
            .started = 1000,
            .slurm_job = "77",
            .slurm_restart = 1,
            .taken = "2024-02-29T12:00:00.000000001Z"};
}

LockSituation situation(HolderProcess process, double beat_age) {
    LockHolder me = holder();
    me.host = "n2";
    me.process = 43;
    me.slurm_job = "78";
    return {
        .holder = holder(), .me = me, .process = process, .beat_age = beat_age, .stale_after = 120};
}

TEST(LockRule, a_gone_process_gives_its_lock_up_at_once) {
    const LockVerdict verdict = judge(situation(HolderProcess::gone, 0));
    EXPECT_TRUE(verdict.free);
    EXPECT_EQ(verdict.reason, "process 42 on n1 is gone");
}

TEST(LockRule, a_living_process_keeps_it_however_old_its_beat) {
    const LockVerdict verdict = judge(situation(HolderProcess::alive, 1e6));
    EXPECT_FALSE(verdict.free);
    EXPECT_THAT(verdict.reason, HasSubstr("process 42 on n1, which is running; end it first"));
}

TEST(LockRule, elsewhere_the_beat_decides) {
    EXPECT_FALSE(judge(situation(HolderProcess::elsewhere, 119)).free);
    EXPECT_FALSE(judge(situation(HolderProcess::elsewhere, 120)).free);
    EXPECT_TRUE(judge(situation(HolderProcess::elsewhere, 121)).free);
    EXPECT_EQ(judge(situation(HolderProcess::elsewhere, 5)).reason,
              "locked by process 42 on n1, Slurm job 77; its last sign of life is 5 s old, it can "
              "be taken over 120 s after the last");
}

TEST(LockRule, the_same_slurm_job_restarted_takes_it) {
    LockSituation now = situation(HolderProcess::elsewhere, 5);
    now.me.slurm_job = "77";
    now.me.slurm_restart = 2;
    EXPECT_TRUE(judge(now).free);
    EXPECT_EQ(judge(now).reason, "Slurm job 77 was restarted");
    now.me.slurm_restart = 1;
    EXPECT_FALSE(judge(now).free);
    now.me.slurm_restart = 0;
    EXPECT_FALSE(judge(now).free);
    now = situation(HolderProcess::elsewhere, 5);
    now.holder->slurm_job = now.me.slurm_job = "";
    now.me.slurm_restart = 2;
    EXPECT_FALSE(judge(now).free);
}

TEST(LockRule, an_unreadable_lock_counts_by_its_beat_alone) {
    LockSituation now = situation(HolderProcess::elsewhere, 5);
    now.holder.reset();
    EXPECT_FALSE(judge(now).free);
    now.beat_age = 121;
    EXPECT_TRUE(judge(now).free);
}

TEST(LockRule, the_text_of_a_lock_reads_back) {
    EXPECT_EQ(to_text(holder()),
              "host = n1\nboot = b-1\nprocess_space = pid:[1]\nprocess = 42\nstarted = 1000\n"
              "slurm_job = 77\nslurm_restart = 1\ntaken = 2024-02-29T12:00:00.000000001Z\nend\n");
    EXPECT_EQ(parse_lock(to_text(holder())), holder());
}

TEST(LockRule, half_a_text_is_none) {
    const std::string text = to_text(holder());
    for (std::size_t size = 0; size + 1 < text.size(); ++size)
        EXPECT_EQ(parse_lock(text.substr(0, size)), std::nullopt) << size;
    EXPECT_EQ(parse_lock("process = many\nstarted = 1\nslurm_restart = 0\nend\n"), std::nullopt);
}

TEST(LockRule, this_process_is_found_alive) {
    const LockHolder me = this_process();
    EXPECT_EQ(me.process, ::getpid());
    EXPECT_GT(me.started, 0U);
    EXPECT_FALSE(me.host.empty());
    EXPECT_FALSE(me.boot.empty());
    EXPECT_EQ(look_for(me, me), HolderProcess::alive);
}

TEST(LockRule, a_number_used_again_is_another_process) {
    LockHolder old = this_process();
    old.started -= 1;
    EXPECT_EQ(look_for(old, this_process()), HolderProcess::gone);
}

TEST(LockRule, a_process_is_looked_for_only_where_its_number_means_something) {
    const LockHolder me = this_process();
    LockHolder other = me;
    other.host = "another-host";
    EXPECT_EQ(look_for(other, me), HolderProcess::elsewhere);
    other = me;
    other.boot = "another-boot";
    EXPECT_EQ(look_for(other, me), HolderProcess::elsewhere);
    other = me;
    other.process_space = "pid:[another]";
    EXPECT_EQ(look_for(other, me), HolderProcess::elsewhere);
}

TEST(LockRule, a_killed_process_that_nobody_has_buried_is_gone) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const LockHolder me = this_process();
        (void)!::write(ready[1], &me.started, sizeof me.started);
        ::pause();
        ::_exit(0);
    }
    LockHolder other = this_process();
    other.process = child;
    ASSERT_EQ(::read(ready[0], &other.started, sizeof other.started),
              static_cast<ssize_t>(sizeof other.started));
    EXPECT_EQ(look_for(other, this_process()), HolderProcess::alive);
    ::kill(child, SIGKILL);
    siginfo_t ended{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(look_for(other, this_process()), HolderProcess::gone);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_EQ(look_for(other, this_process()), HolderProcess::gone);
    ::close(ready[0]);
    ::close(ready[1]);
}

}  // namespace
}  // namespace evoke::checkpoint
