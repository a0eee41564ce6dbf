#include "cluster/launcher.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "evoke/cluster/mpi_session.hpp"

namespace evoke::cluster {

namespace {

std::optional<int> number(const char* text) {
    if (text == nullptr) return std::nullopt;
    const std::string_view digits{text};
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

}  // namespace

bool started_by_mpi(const Environment& environment) {
    return environment("OMPI_COMM_WORLD_SIZE") != nullptr || environment("PMIX_RANK") != nullptr ||
           environment("PMI_RANK") != nullptr || tasks_of_srun(environment).value_or(1) > 1;
}

bool started_by_mpi() {
    return started_by_mpi([](const char* name) { return std::getenv(name); });
}

std::optional<int> tasks_of_srun(const Environment& environment) {
    // mpirun inside an allocation starts its daemons with srun; its ranks inherit Slurm's words.
    if (environment("OMPI_COMM_WORLD_SIZE") != nullptr) return std::nullopt;
    // A batch script has SLURM_PROCID and SLURM_NTASKS, too, but is not a step.
    if (environment("SLURM_STEP_ID") == nullptr || environment("SLURM_PROCID") == nullptr)
        return std::nullopt;
    if (const auto tasks = number(environment("SLURM_STEP_NUM_TASKS"))) return tasks;
    return number(environment("SLURM_NTASKS"));
}

std::optional<std::string> singleton_mistake(const Environment& environment, int size) {
    const std::optional<int> tasks = tasks_of_srun(environment);
    if (!tasks || *tasks == size) return std::nullopt;
    return "srun started " + std::to_string(*tasks) + " tasks, but MPI sees " +
           std::to_string(size) +
           ": it lacks the plugin by which they would find each other; use `srun --mpi=pmix`, or "
           "mpirun inside the allocation";
}

}  // namespace evoke::cluster
