#pragma once

#include <string>

#include "checkpoint/tree.hpp"
#include "evoke/checkpoint/generation_file.hpp"

namespace evoke::checkpoint {

/// The digest of an encoded record: of its scientific columns, its identities (but for "probe",
/// which names a machine's numerics) and the digest of the generation before.
[[nodiscard]] std::string digest_of(const Tree& tree, const GenerationRecord& record);

/// The digest of a whole run: the chain up to this generation, and the test outcomes.
[[nodiscard]] std::string run_digest(const GenerationRecord& newest);

}  // namespace evoke::checkpoint
