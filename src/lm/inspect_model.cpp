#include "evoke/lm/language_model.hpp"
#include "lm/checkpoint.hpp"
#include "lm/families.hpp"
#include "lm/weights.hpp"

namespace evoke::lm {

ModelInfo inspect_model(const std::filesystem::path& folder) {
    const ModelSpec spec = read_model_spec(folder);
    const Checkpoint checkpoint{folder};
    require_tensors(spec, checkpoint);
    return {.model_type = spec.model_type,
            .masked = spec.masked,
            .vocabulary_size = static_cast<std::size_t>(spec.vocabulary),
            .context_length = static_cast<std::size_t>(spec.context),
            .parameters = checkpoint.parameters()};
}

}  // namespace evoke::lm
