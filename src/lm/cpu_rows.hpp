// Part of cpu_kernels_body.hpp; see there.
#pragma once

#include "lm/cpu_vector.hpp"

namespace evoke::lm::cpu {

namespace {

template <class T>
void add(float* hidden, const T* delta, Int size) {
    Int i = 0;
    for (; i + width <= size; i += width) store(hidden + i, load(hidden + i) + load(delta + i));
    if (i < size)
        store_part(hidden + i, load_part(hidden + i, size - i) + load_part(delta + i, size - i),
                   size - i);
}

template <class T>
void add_norm(float* hidden, const T* delta, const float* weight, float epsilon, Int size, T* out) {
    if (delta != nullptr) add(hidden, delta, size);
    Vec sum[2] = {Vec{}, Vec{}};
    Int i = 0;
    for (; i + 2 * width <= size; i += 2 * width) {
        const Vec a = load(hidden + i);
        const Vec b = load(hidden + i + width);
        sum[0] += a * a;
        sum[1] += b * b;
    }
    for (; i < size; i += width) {
        const Vec a = i + width <= size ? load(hidden + i) : load_part(hidden + i, size - i);
        sum[0] += a * a;
    }
    const float mean = fold_sum(sum[0] + sum[1]) / static_cast<float>(size);
    const Vec scale = splat(1.0F / __builtin_sqrtf(mean + epsilon));
    for (i = 0; i + width <= size; i += width)
        store(out + i, load(hidden + i) * scale * load(weight + i));
    if (i < size)
        store_part(out + i,
                   load_part(hidden + i, size - i) * scale * load_part(weight + i, size - i),
                   size - i);
}

template <class T>
void add_layer_norm(float* hidden, const T* delta, const float* weight, const float* bias,
                    float epsilon, Int size, T* out) {
    if (delta != nullptr) add(hidden, delta, size);
    Vec total{};
    Int i = 0;
    for (; i + width <= size; i += width) total += load(hidden + i);
    if (i < size) total += load_part(hidden + i, size - i);
    const Vec mean = splat(fold_sum(total) / static_cast<float>(size));
    Vec square{};
    for (i = 0; i + width <= size; i += width) {
        const Vec a = load(hidden + i) - mean;
        square += a * a;
    }
    for (; i < size; ++i) {
        const float a = hidden[i] - mean[0];
        square[0] += a * a;
    }
    const float variance = fold_sum(square) / static_cast<float>(size);
    const Vec scale = splat(1.0F / __builtin_sqrtf(variance + epsilon));
    const auto normal = [&](Vec x, Vec weights) { return (x - mean) * scale * weights; };
    for (i = 0; i + width <= size; i += width) {
        const Vec y = normal(load(hidden + i), load(weight + i));
        store(out + i, bias == nullptr ? y : y + load(bias + i));
    }
    if (i < size) {
        const Int rest = size - i;
        const Vec y = normal(load_part(hidden + i, rest), load_part(weight + i, rest));
        store_part(out + i, bias == nullptr ? y : y + load_part(bias + i, rest), rest);
    }
}

/// x / (1 + e^-x), from the side where the exponential is at most 1.
Vec silu(Vec x) {
    const Vec e = exp_negative(x < Vec{} ? x : -x);
    return x * (x < Vec{} ? e : splat(1.0F)) / (e + 1.0F);
}

Vec gelu_tanh(Vec x) {
    const Vec inner = (x + x * x * x * 0.044715F) * 0.7978845608F;  // sqrt(2 / pi)
    return x * 0.5F * (tanh_of(inner) + 1.0F);
}

/// `function` of gates, times `up` unless it is null.
template <class T, class Function>
void activate_with(Function function, const T* gates, const T* up, Int size, T* out) {
    Int i = 0;
    for (; i + width <= size; i += width) {
        const Vec y = function(load(gates + i));
        store(out + i, up == nullptr ? y : y * load(up + i));
    }
    if (i < size) {
        const Vec y = function(load_part(gates + i, size - i));
        store_part(out + i, up == nullptr ? y : y * load_part(up + i, size - i), size - i);
    }
}

template <class T>
void activate(Activation activation, const T* gates, const T* up, Int size, T* out) {
    switch (activation) {
        case Activation::silu:
            return activate_with([](Vec x) { return silu(x); }, gates, up, size, out);
        case Activation::gelu:
            return activate_with(
                [](Vec x) { return x * 0.5F * (erf_of(x * 0.7071067812F) + 1.0F); }, gates, up,
                size, out);
        case Activation::gelu_tanh:
            return activate_with([](Vec x) { return gelu_tanh(x); }, gates, up, size, out);
        case Activation::relu:
            return activate_with([](Vec x) { return larger(x, Vec{}); }, gates, up, size, out);
    }
}

void soft_cap(float* values, float cap, Int size) {
    Int i = 0;
    for (; i + width <= size; i += width) store(values + i, tanh_of(load(values + i) / cap) * cap);
    if (i < size)
        store_part(values + i, tanh_of(load_part(values + i, size - i) / cap) * cap, size - i);
}

struct RotatedPair {
    float low, high;
};

RotatedPair rotate(float low, float high, float cosine, float sine) {
    return {low * cosine - high * sine, high * cosine + low * sine};
}

template <class T>
void rotate_query(const AttentionRow& row, Int head_dim, Int pairs, float* __restrict to) {
    const T* from = static_cast<const T*>(row.query);
    for (Int i = 0; i < pairs; ++i) {
        const RotatedPair turned =
            rotate(number(from[i]), number(from[i + pairs]), row.cosines[i], row.sines[i]);
        to[i] = turned.low * row.scale;
        to[i + pairs] = turned.high * row.scale;
    }
    for (Int i = 2 * pairs; i < head_dim; ++i) to[i] = number(from[i]) * row.scale;
}

template <class T>
void store_key(const T* __restrict from, const NewStates<T>& states, Int place,
               float* __restrict to) {
    const Int pairs = states.rotated_pairs;
    const float* cosines = states.cosines + place * pairs;
    const float* sines = states.sines + place * pairs;
    for (Int i = 0; i < pairs; ++i) {
        const RotatedPair turned =
            rotate(number(from[i]), number(from[i + pairs]), cosines[i], sines[i]);
        to[i * key_block] = turned.low;
        to[(i + pairs) * key_block] = turned.high;
    }
    for (Int i = 2 * pairs; i < states.head_dim; ++i) to[i * key_block] = number(from[i]);
}

// Head by head: the block of keys that a head's positions fill lane by lane stays in the cache.
template <class T>
void store_states(const NewStates<T>& states, const StateSlot& slot) {
    const Int dim = states.head_dim;
    const Int columns = padded_values(dim);
    const Int row = states.key_value_heads * dim;
    for (Int head = 0; head < states.key_value_heads; ++head) {
        for (Int i = 0; i < states.count; ++i) {
            const Int position = slot.position + i;
            const Int block = position / key_block - slot.first / key_block;
            float* keys = slot.keys + head * slot.key_head_stride + block * dim * key_block +
                          position % key_block;
            store_key(states.key + i * row + head * dim, states, i, keys);

            const T* value = states.value + i * row + head * dim;
            float* values =
                slot.values + head * slot.value_head_stride + (position - slot.first) * columns;
            for (Int n = 0; n < dim; ++n) values[n] = number(value[n]);
            for (Int n = dim; n < columns; ++n) values[n] = 0.0F;
        }
    }
}

LogitBest logit_best(const float* logits, Int size) {
    LogitBest best{logits[0], 0};
    Int i = 0;
    if (size >= width) {
        Vec top = load(logits);
        IntVec place;
        for (Int lane = 0; lane < width; ++lane) place[lane] = static_cast<std::int32_t>(lane);
        IntVec here = place;
        for (i = width; i + width <= size; i += width) {
            const Vec x = load(logits + i);
            here += static_cast<std::int32_t>(width);
            place = x > top ? here : place;
            top = larger(x, top);
        }
        best = {top[0], place[0]};
        for (Int lane = 1; lane < width; ++lane)
            if (top[lane] > best.maximum || (top[lane] == best.maximum && place[lane] < best.place))
                best = {top[lane], place[lane]};
    }
    for (; i < size; ++i)
        if (logits[i] > best.maximum) best = {logits[i], i};
    return best;
}

LogitStats logit_stats(const float* logits, Int size) {
    LogitStats stats{logit_best(logits, size), 0.0F};
    const float maximum = stats.best.maximum;
    Vec sum{};
    Int i = 0;
    for (; i + width <= size; i += width) sum += exp_negative(load(logits + i) - maximum);
    float rest = 0.0F;
    for (; i < size; ++i) rest += exp_negative(splat(logits[i] - maximum))[0];
    stats.sum = fold_sum(sum) + rest;
    return stats;
}

}  // namespace

}  // namespace evoke::lm::cpu
