#pragma once

#include "evoke/core/hash.hpp"
#include "evoke/lm/language_model.hpp"

namespace evoke::app {

/// Hashes the bits that a replica answers a fixed probe with: scoring and greedy text, alone and in
/// company. Replicas whose hashes differ would not give the same run.
/// Throws RunFolderError when alone and in company differ: such a replica gives no reproducible
/// run.
[[nodiscard]] Sha256 probe_replica(lm::LanguageModel& model);

}  // namespace evoke::app
