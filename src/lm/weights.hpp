#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "lm/checkpoint.hpp"
#include "lm/model_spec.hpp"

namespace evoke::lm {

/// x * weightᵀ + bias.
struct Linear {
    at::Tensor weight;  ///< [out, in]; undefined: absent
    at::Tensor bias;    ///< [out], or undefined
};

struct Norm {
    at::Tensor weight;  ///< [size] float32; undefined: no normalisation
    at::Tensor bias;    ///< [size] float32, or undefined
};

struct ExpertWeights {
    Linear gate, up, down;
};

/// What a family does not have stays undefined.
struct LayerWeights {
    Norm attention_norm;
    Linear query, key, value;
    Norm query_norm, key_norm;
    Linear attention_output;
    Norm attention_post_norm, attention_sum_norm;
    Norm mlp_norm;
    Linear gate, up, down;
    Norm mlp_post_norm, mlp_sum_norm;
    Linear router;  ///< [experts, hidden]
    std::vector<ExpertWeights> experts;
};

struct ModelWeights {
    at::Tensor embedding;  ///< [vocabulary, embedded]
    at::Tensor positions;  ///< [context, hidden] float32, token type 0 added; or undefined
    Norm embedding_norm;
    Linear project_in, project_out;
    std::vector<LayerWeights> layers;
    Norm final_norm;
    Linear transform;
    Norm transform_norm;
    Linear head;  ///< [vocabulary, embedded]
    /// Tensors of the file's own type on the processor are views of the mapped file.
    std::shared_ptr<const Checkpoint> checkpoint;
};

/// Throws LoadError naming what is missing, surplus, of another shape, or of a type that is not
/// computed with.
void require_tensors(const ModelSpec& spec, const Checkpoint& checkpoint);

/// Requires: `require_tensors(spec, *checkpoint)` passed.
[[nodiscard]] ModelWeights load_weights(const ModelSpec& spec,
                                        std::shared_ptr<const Checkpoint> checkpoint,
                                        at::ScalarType dtype, at::Device device);

}  // namespace evoke::lm
