#include "evoke/lm/language_model.hpp"
#include "lm/replica.hpp"

namespace evoke::lm {

std::unique_ptr<LanguageModel> load_model(const ModelOptions& options) {
    return load_replica(options, text::load_tokenizer(options.path));
}

}  // namespace evoke::lm
