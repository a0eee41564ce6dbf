#pragma once

#include <functional>
#include <optional>
#include <string>

namespace evoke::cluster {

/// Reads one environment variable; nullptr when it is not set.
using Environment = std::function<const char*(const char* name)>;

/// Whether the environment is that of a rank under mpirun, or of a task under srun.
[[nodiscard]] bool started_by_mpi(const Environment& environment);

/// How many tasks srun started this process among; nullopt under mpirun (also inside a Slurm
/// allocation) and without Slurm. MPI must see as many ranks: without a PMIx plugin each task
/// would silently be a cluster of its own.
[[nodiscard]] std::optional<int> tasks_of_srun(const Environment& environment);

/// The same for what `size` MPI saw: the mistake in words, if it is one.
[[nodiscard]] std::optional<std::string> singleton_mistake(const Environment& environment,
                                                           int size);

}  // namespace evoke::cluster
