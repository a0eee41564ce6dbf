#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evoke/config/job.hpp"
#include "job_file.hpp"

namespace evoke::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Job good() {
    const JobFolder folder;
    return parse_job(folder.write("job.toml", good_job)).job;
}

std::vector<std::string> conflicts_of(const Job& before, const Job& after) {
    std::vector<std::string> keys;
    for (const auto& item : resume_conflicts(before, after).items()) keys.push_back(item.what);
    return keys;
}

TEST(ToToml, reads_back_as_the_same_job) {
    Job job = good();
    job.task.labels = {"a \"b\"", "c\\d\n", "\x01\x7f ü"};
    job.search.temperature = 0.1;
    job.proposer.emplace();
    job.proposer->path = "elsewhere";
    const Job again = parse_recorded_job(to_toml(job));
    EXPECT_EQ(to_toml(again), to_toml(job));
    EXPECT_EQ(again.task.labels, job.task.labels);
    EXPECT_EQ(job_identity(again), job_identity(job));
}

TEST(ResumeConflicts, identity_keys_are_refused_by_name) {
    const Job before = good();
    Job after = before;
    after.search.population = 5;
    after.run.seed = 8;
    EXPECT_THAT(conflicts_of(before, after), ElementsAre("run.seed", "search.population"));
}

TEST(ResumeConflicts, extendable_keys_may_grow_but_not_shrink) {
    const Job before = good();
    Job after = before;
    after.search.generations = before.search.generations + 5;
    after.budget.tokens = 1000;
    EXPECT_THAT(conflicts_of(before, after), ElementsAre("budget.tokens"));
    after = before;
    after.search.generations = before.search.generations - 1;
    EXPECT_THAT(conflicts_of(before, after), ElementsAre("search.generations"));
}

TEST(ResumeConflicts, free_keys_and_paths_may_change) {
    const Job before = good();
    Job after = before;
    after.cluster.lease_seconds = 5;
    after.model.device = "cuda";
    after.task.dev = "/moved/dev.jsonl";
    EXPECT_THAT(conflicts_of(before, after), IsEmpty());
    EXPECT_EQ(job_identity(before), job_identity(after));
}

TEST(ResumeConflicts, a_proposer_that_appears_is_a_conflict) {
    const Job before = good();
    Job after = before;
    after.proposer.emplace();
    EXPECT_THAT(conflicts_of(before, after), ElementsAre("proposer.dtype"));
}

TEST(JobIdentity, changes_with_an_identity_key) {
    Job job = good();
    const auto before = job_identity(job);
    job.task.delimiter = "";
    EXPECT_NE(job_identity(job), before);
}

TEST(JobsReference, names_every_table_and_a_default) {
    const auto text = jobs_reference();
    EXPECT_THAT(text, HasSubstr("## [proposer]"));
    EXPECT_THAT(text, HasSubstr("| `population` |"));
    EXPECT_THAT(text, HasSubstr("| `10` | identity |"));
}

}  // namespace
}  // namespace evoke::config
