#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "lm/cuda/kernels.hpp"

namespace evoke::lm::cuda::kernels {

namespace {

constexpr int warp = 32;
constexpr int most_threads = 256;

__device__ float to_float(__nv_bfloat16 x) {
    return __bfloat162float(x);
}
__device__ float to_float(__half x) {
    return __half2float(x);
}
__device__ void put(__nv_bfloat16* to, float x) {
    *to = __float2bfloat16(x);
}
__device__ void put(__half* to, float x) {
    *to = __float2half(x);
}

/// The sum over the block's threads, the same in all of them, in an order that depends on the
/// number of threads alone. Requires: all threads call it; blockDim.x a multiple of a warp.
template <class Sum>
__device__ Sum block_sum(Sum value) {
    __shared__ Sum parts[most_threads / warp];
    for (int step = warp / 2; step > 0; step /= 2)
        value += __shfl_xor_sync(0xffffffffU, value, step);
    __syncthreads();  // The parts of the sum before have been read.
    if (threadIdx.x % warp == 0) parts[threadIdx.x / warp] = value;
    __syncthreads();
    Sum total = 0;
    for (int i = 0; i < static_cast<int>(blockDim.x) / warp; ++i) total += parts[i];
    return total;
}

/// A block for each row.
template <class T>
__global__ void add_norm_kernel(AddNorm a) {
    const std::int64_t row = blockIdx.x;
    float* hidden = a.hidden + row * a.size;
    const T* delta = a.delta == nullptr ? nullptr : static_cast<const T*>(a.delta) + row * a.size;
    T* out = static_cast<T*>(a.out) + row * a.size;
    float sum = 0.0F;
    float squares = 0.0F;
    for (std::int64_t i = threadIdx.x; i < a.size; i += blockDim.x) {
        float x = hidden[i];
        if (delta != nullptr) {
            x += to_float(delta[i]);
            hidden[i] = x;
        }
        if (a.weight == nullptr) put(out + i, x);
        sum += x;
        squares += x * x;
    }
    if (a.weight == nullptr) return;
    const auto size = static_cast<float>(a.size);
    float mean = 0.0F;
    if (a.centred) {
        // A second pass, since the difference of two large sums would lose digits. Each thread
        // reads what it wrote itself.
        mean = block_sum(sum) / size;
        squares = 0.0F;
        for (std::int64_t i = threadIdx.x; i < a.size; i += blockDim.x)
            squares += (hidden[i] - mean) * (hidden[i] - mean);
    }
    const float factor = rsqrtf(block_sum(squares) / size + a.epsilon);
    for (std::int64_t i = threadIdx.x; i < a.size; i += blockDim.x) {
        float y = (hidden[i] - mean) * factor * a.weight[i];
        if (a.bias != nullptr) y += a.bias[i];
        put(out + i, y);
    }
}

__device__ float activated(int activation, float x) {
    switch (activation) {
        case 0:  // silu
            return x / (1.0F + expf(-x));
        case 1:  // gelu
            return 0.5F * x * (1.0F + erff(x * 0.70710678F));
        case 2:  // gelu_tanh
            return 0.5F * x * (1.0F + tanhf(0.79788456F * (x + 0.044715F * x * x * x)));
        default:  // relu
            return fmaxf(x, 0.0F);
    }
}

template <class T>
__global__ void activate_kernel(Activate a) {
    const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
         i < a.count; i += step) {
        float y = activated(a.activation, to_float(static_cast<const T*>(a.gate)[i]));
        if (a.up != nullptr) y *= to_float(static_cast<const T*>(a.up)[i]);
        put(static_cast<T*>(a.out) + i, y);
    }
}

/// One row of queries or keys.
template <class T>
__device__ void rotate_row(const Rotate& a, std::int64_t row) {
    const std::int64_t size = a.heads * a.head_dim;
    const T* x = static_cast<const T*>(a.x) + row * size;
    T* out = static_cast<T*>(a.out) + (a.slots == nullptr ? row : a.slots[row]) * size;
    const float growth = a.growth == nullptr ? 1.0F : a.growth[row];
    const float* cosines = a.cosines + (a.pairs > 0 ? a.places[row] * a.pairs : 0);
    const float* sines = a.sines + (a.pairs > 0 ? a.places[row] * a.pairs : 0);
    for (std::int64_t i = threadIdx.x; i < size; i += blockDim.x) {
        const std::int64_t at = i % a.head_dim;
        float y = to_float(x[i]);
        if (at < a.pairs) {
            y = y * cosines[at] - to_float(x[i + a.pairs]) * sines[at];
        } else if (at < 2 * a.pairs) {
            y = y * cosines[at - a.pairs] + to_float(x[i - a.pairs]) * sines[at - a.pairs];
        }
        put(out + i, y * growth);
    }
}

template <class T>
__global__ void rotate_kernel(Rotate a) {
    rotate_row<T>(a, blockIdx.x);
}

template <class T>
__global__ void store_kernel(Store a) {
    const std::int64_t row = blockIdx.x;
    rotate_row<T>(a.keys, row);
    const std::int64_t size = a.keys.heads * a.keys.head_dim;
    const T* values = static_cast<const T*>(a.values) + row * size;
    T* to = static_cast<T*>(a.value_store) + a.keys.slots[row] * size;
    for (std::int64_t i = threadIdx.x; i < size; i += blockDim.x) to[i] = values[i];
}

/// A block for each row, whose threads walk over heads and their dimensions.
template <class T>
__global__ void merge_kernel(Merge a) {
    const std::int64_t row = blockIdx.x;
    for (std::int64_t i = threadIdx.x; i < a.heads * a.head_dim; i += blockDim.x) {
        const std::int64_t head = i / a.head_dim;
        const std::int64_t place = head * a.rows + row;
        float top = -INFINITY;
        for (int part = 0; part < a.count; ++part) {
            const float log_sum = a.log_sums[part][place];
            if (!isinf(log_sum)) top = fmaxf(top, log_sum);
        }
        float total = 0.0F;
        float sum = 0.0F;
        for (int part = 0; part < a.count; ++part) {
            const float log_sum = a.log_sums[part][place];
            if (isinf(log_sum)) continue;
            const float weight = expf(log_sum - top);
            total += weight;
            sum += weight * to_float(static_cast<const T*>(
                                a.outs[part])[row * a.heads * a.head_dim + i]);
        }
        put(static_cast<T*>(a.out) + row * a.heads * a.head_dim + i,
            total == 0.0F ? 0.0F : sum / total);
        if (i % a.head_dim == 0) a.log_sum[place] = total == 0.0F ? top : top + logf(total);
    }
}

struct Best {
    float value;
    std::int64_t place;
};

/// The larger one; of equal ones the first.
__device__ Best better(Best a, Best b) {
    if (a.value != b.value) return a.value > b.value ? a : b;
    return a.place < b.place ? a : b;
}

__device__ Best block_best(Best best) {
    __shared__ Best parts[most_threads / warp];
    for (int step = warp / 2; step > 0; step /= 2)
        best = better(best, {__shfl_xor_sync(0xffffffffU, best.value, step),
                             __shfl_xor_sync(0xffffffffU, best.place, step)});
    if (threadIdx.x % warp == 0) parts[threadIdx.x / warp] = best;
    __syncthreads();
    best = parts[0];
    for (int i = 1; i < static_cast<int>(blockDim.x) / warp; ++i) best = better(best, parts[i]);
    return best;
}

/// A block for each row.
__global__ void summarise_kernel(Summarise a) {
    const std::int64_t row = blockIdx.x;
    const float* logits = a.logits + row * a.columns;
    Best best{-INFINITY, a.columns};
    for (std::int64_t i = threadIdx.x; i < a.columns; i += blockDim.x)
        best = better(best, {logits[i], i});
    best = block_best(best);
    double sum = 0.0;
    for (std::int64_t i = threadIdx.x; i < a.columns; i += blockDim.x)
        sum += static_cast<double>(expf(logits[i] - best.value));
    sum = block_sum(sum);
    if (threadIdx.x != 0) return;
    a.maximum[row] = best.value;
    a.place[row] = best.place;
    a.sum[row] = sum;
}

/// Threads of a block that works on `size` numbers; a function of the size alone.
unsigned threads_for(std::int64_t size) {
    const std::int64_t wanted = (size + warp - 1) / warp * warp;
    return static_cast<unsigned>(wanted < most_threads ? wanted : most_threads);
}

const char* result() {
    const cudaError_t error = cudaGetLastError();
    return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

/// Starts the kernel made for a type of numbers, a block for each of `blocks`.
template <class Arguments>
const char* start(void (*bfloat16)(Arguments), void (*float16)(Arguments), const Arguments& a,
                  Number number, std::int64_t blocks, std::int64_t size, void* stream) {
    if (blocks == 0) return nullptr;
    auto* kernel = number == Number::bfloat16 ? bfloat16 : float16;
    kernel<<<static_cast<unsigned>(blocks), threads_for(size), 0,
             static_cast<cudaStream_t>(stream)>>>(a);
    return result();
}

}  // namespace

const char* add_norm(const AddNorm& a, Number number, void* stream) {
    return start(add_norm_kernel<__nv_bfloat16>, add_norm_kernel<__half>, a, number, a.rows, a.size,
                 stream);
}

const char* activate(const Activate& a, Number number, void* stream) {
    const std::int64_t blocks = (a.count + most_threads - 1) / most_threads;
    return start(activate_kernel<__nv_bfloat16>, activate_kernel<__half>, a, number,
                 blocks < 65536 ? blocks : 65536, most_threads, stream);
}

const char* rotate(const Rotate& a, Number number, void* stream) {
    return start(rotate_kernel<__nv_bfloat16>, rotate_kernel<__half>, a, number, a.rows,
                 a.heads * a.head_dim, stream);
}

const char* store(const Store& a, Number number, void* stream) {
    return start(store_kernel<__nv_bfloat16>, store_kernel<__half>, a, number, a.keys.rows,
                 a.keys.heads * a.keys.head_dim, stream);
}

const char* merge(const Merge& a, Number number, void* stream) {
    return start(merge_kernel<__nv_bfloat16>, merge_kernel<__half>, a, number, a.rows,
                 a.heads * a.head_dim, stream);
}

const char* summarise(const Summarise& a, void* stream) {
    if (a.rows == 0) return nullptr;
    summarise_kernel<<<static_cast<unsigned>(a.rows), most_threads, 0,
                       static_cast<cudaStream_t>(stream)>>>(a);
    return result();
}

}  // namespace evoke::lm::cuda::kernels
