#include "evoke/lm/language_model.hpp"
#include "lm/checkpoint.hpp"
#include "lm/families.hpp"

namespace evoke::lm {

ModelInfo inspect_model(const std::filesystem::path& folder) {
    const DecoderSpec spec = read_decoder_spec(folder);
    const Checkpoint checkpoint{folder};
    checkpoint.require(spec);
    return {.model_type = spec.model_type,
            .vocabulary_size = static_cast<std::size_t>(spec.vocabulary),
            .context_length = static_cast<std::size_t>(spec.context),
            .parameters = checkpoint.parameters()};
}

}  // namespace evoke::lm
