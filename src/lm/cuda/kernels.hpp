#pragma once

#include <cstdint>

/// Our own kernels, as kernels.cu defines them: plain pointers into device memory, rows without
/// gaps, no libtorch. Each is queued on `stream` (a cudaStream_t) and returns null, or why it could
/// not be. Activations are bfloat16 or float16; a row is computed alike whatever the other rows.
namespace evoke::lm::cuda::kernels {

enum class Number : std::uint8_t { bfloat16, float16 };

struct AddNorm {
    float* hidden;        ///< [rows, size], the sum is written back
    const void* delta;    ///< [rows, size], or null
    const float* weight;  ///< [size], or null: no normalisation
    const float* bias;    ///< [size], or null
    void* out;            ///< [rows, size]
    std::int64_t rows, size;
    float epsilon;
    bool centred;  ///< LayerNorm instead of RMSNorm
};
const char* add_norm(const AddNorm& a, Number number, void* stream);

struct Activate {
    const void* gate;
    const void* up;  ///< or null
    void* out;
    std::int64_t count;
    int activation;  ///< the value of lm::Activation
};
const char* activate(const Activate& a, Number number, void* stream);

struct Rotate {
    const void* x;               ///< [rows, heads, head_dim]
    void* out;                   ///< row r goes to slots[r] of [slots, heads, head_dim]
    const float* cosines;        ///< [places, pairs], or null
    const float* sines;          ///< the same
    const std::int64_t* places;  ///< [rows]
    const std::int64_t* slots;   ///< [rows], or null: row r goes to r
    const float* growth;         ///< [rows], or null
    std::int64_t rows, heads, head_dim, pairs;
};
const char* rotate(const Rotate& a, Number number, void* stream);

/// Keys turned, values as they are, into their slots, by one kernel.
struct Store {
    Rotate keys;
    const void* values;
    void* value_store;
};
const char* store(const Store& a, Number number, void* stream);

struct Merge {
    static constexpr int most = 64;
    const void* outs[most];       ///< [rows, heads, head_dim] each
    const float* log_sums[most];  ///< [heads, rows] each; ±inf: no keys
    int count;
    void* out;
    float* log_sum;
    std::int64_t rows, heads, head_dim;
};
const char* merge(const Merge& a, Number number, void* stream);

struct Summarise {
    const float* logits;  ///< [rows, columns]
    float* maximum;       ///< [rows]
    std::int64_t* place;  ///< [rows], of the first maximum
    double* sum;          ///< [rows], of exp(logit - maximum)
    std::int64_t rows, columns;
};
const char* summarise(const Summarise& a, void* stream);

}  // namespace evoke::lm::cuda::kernels
