#include "cluster/launcher.hpp"

#include <gmock/gmock.h>

#include <map>

namespace evoke::cluster {
namespace {

using testing::HasSubstr;

Environment environment(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    };
}

TEST(Launcher, a_plain_start_is_not_by_mpi) {
    EXPECT_FALSE(started_by_mpi(environment({})));
    EXPECT_EQ(tasks_of_srun(environment({})), std::nullopt);
}

TEST(Launcher, mpirun_is_recognised) {
    EXPECT_TRUE(started_by_mpi(environment({{"OMPI_COMM_WORLD_SIZE", "4"}, {"PMIX_RANK", "1"}})));
}

TEST(Launcher, srun_with_and_without_plugin_is_recognised) {
    EXPECT_TRUE(started_by_mpi(environment({{"PMIX_RANK", "0"}})));
    EXPECT_TRUE(started_by_mpi(environment(
        {{"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "2"}, {"SLURM_STEP_NUM_TASKS", "4"}})));
}

TEST(Launcher, a_batch_script_is_not_a_step) {
    const auto script = environment({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}});
    EXPECT_FALSE(started_by_mpi(script));
    EXPECT_EQ(singleton_mistake(script, 1), std::nullopt);
}

TEST(Launcher, mpirun_inside_an_allocation_is_judged_by_mpirun) {
    const auto rank = environment({{"OMPI_COMM_WORLD_SIZE", "2"},
                                   {"SLURM_STEP_ID", "0"},
                                   {"SLURM_PROCID", "0"},
                                   {"SLURM_STEP_NUM_TASKS", "1"},
                                   {"SLURM_NTASKS", "8"}});
    EXPECT_EQ(singleton_mistake(rank, 2), std::nullopt);
}

TEST(Launcher, srun_without_plugin_makes_singletons_and_is_told_so) {
    const auto task =
        environment({{"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "3"}, {"SLURM_STEP_NUM_TASKS", "4"}});
    EXPECT_THAT(singleton_mistake(task, 1).value_or(""),
                HasSubstr("srun started 4 tasks, but MPI sees 1"));
    EXPECT_EQ(singleton_mistake(task, 4), std::nullopt);
}

TEST(Launcher, the_number_of_tasks_of_the_job_serves_where_the_step_has_none) {
    const auto task =
        environment({{"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "3"}, {"SLURM_NTASKS", "4"}});
    EXPECT_EQ(tasks_of_srun(task), 4);
}

TEST(Launcher, nonsense_is_no_number_of_tasks) {
    const auto task =
        environment({{"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "3"}, {"SLURM_NTASKS", "4x"}});
    EXPECT_EQ(tasks_of_srun(task), std::nullopt);
}

}  // namespace
}  // namespace evoke::cluster
