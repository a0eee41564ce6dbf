// Part of cpu_kernels_body.hpp; see there.
#pragma once

#include "lm/cpu_kernels.hpp"

namespace evoke::lm::cpu {

namespace {

using Int = std::int64_t;

constexpr Int width = EVOKE_VECTOR_FLOATS;
typedef float Vec __attribute__((vector_size(width * 4)));
typedef std::int32_t IntVec __attribute__((vector_size(width * 4)));
typedef std::uint32_t UintVec __attribute__((vector_size(width * 4)));
typedef std::uint16_t HalfVec __attribute__((vector_size(width * 2)));

Int smaller_of(Int a, Int b) {
    return a < b ? a : b;
}

Int larger_of(Int a, Int b) {
    return a > b ? a : b;
}

Vec splat(float value) {
    return value - Vec{};
}

Vec load(const float* from) {
    Vec v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

Vec load(const BFloat16* from) {
    HalfVec half;
    __builtin_memcpy(&half, from, sizeof half);
    const UintVec bits = __builtin_convertvector(half, UintVec) << 16;
    Vec v;
    __builtin_memcpy(&v, &bits, sizeof v);
    return v;
}

void store(float* to, Vec v) {
    __builtin_memcpy(to, &v, sizeof v);
}

/// Rounds to nearest, ties to even; no number stays none.
void store(BFloat16* to, Vec v) {
    UintVec bits;
    __builtin_memcpy(&bits, &v, sizeof bits);
    const UintVec rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    const UintVec none = UintVec{} + 0x7fc0U;
    const HalfVec half = __builtin_convertvector(v == v ? rounded : none, HalfVec);
    __builtin_memcpy(to, &half, sizeof half);
}

/// The first `count` < width elements, then zeros.
template <class T>
Vec load_part(const T* from, Int count) {
    T part[width] = {};
    for (Int i = 0; i < count; ++i) part[i] = from[i];
    return load(part);
}

template <class T>
void store_part(T* to, Vec v, Int count) {
    T part[width];
    store(part, v);
    for (Int i = 0; i < count; ++i) to[i] = part[i];
}

Vec larger(Vec a, Vec b) {
    return a > b ? a : b;
}

/// Lane i becomes lane i + half.
template <Int Half>
Vec upper(Vec v) {
    IntVec place;
    for (Int i = 0; i < width; ++i) place[i] = static_cast<std::int32_t>((i + Half) % width);
    return __builtin_shuffle(v, place);
}

float fold_sum(Vec v) {
    if constexpr (width > 8) v += upper<8>(v);
    if constexpr (width > 4) v += upper<4>(v);
    v += upper<2>(v);
    v += upper<1>(v);
    return v[0];
}

float fold_max(Vec v) {
    if constexpr (width > 8) v = larger(v, upper<8>(v));
    if constexpr (width > 4) v = larger(v, upper<4>(v));
    v = larger(v, upper<2>(v));
    return larger(v, upper<1>(v))[0];
}

/// exp for arguments <= 0 (below -87: e^-87, about 1e-38) within 1.5 units in the last place;
/// exp(0) is 1. The polynomial is the Taylor series to degree 7 on |x| <= ln(2)/2.
Vec exp_negative(Vec x) {
    x = larger(x, splat(-87.0F));
    const Vec shift = splat(12582912.0F);  // 1.5 * 2^23: adding it rounds to an integer
    const Vec n = (x * 1.44269504F + shift) - shift;
    Vec r = x - n * 0.693359375F;
    r = r - n * -2.12194440e-4F;
    Vec p = splat(1.0F / 5040.0F);
    p = p * r + 1.0F / 720.0F;
    p = p * r + 1.0F / 120.0F;
    p = p * r + 1.0F / 24.0F;
    p = p * r + 1.0F / 6.0F;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    const IntVec exponent = (__builtin_convertvector(n, IntVec) + 127) << 23;
    Vec power;
    __builtin_memcpy(&power, &exponent, sizeof power);
    return p * power;
}

/// Within 1e-7.
Vec tanh_of(Vec x) {
    const Vec negative = x < Vec{} ? x : -x;
    const Vec e = exp_negative(negative + negative);
    const Vec size = (1.0F - e) / (1.0F + e);
    return x < Vec{} ? -size : size;
}

/// The error function within 2e-7: Abramowitz and Stegun, Handbook of Mathematical
/// Functions, 7.1.26.
Vec erf_of(Vec x) {
    const Vec size = x < Vec{} ? -x : x;
    const Vec t = 1.0F / (1.0F + size * 0.3275911F);
    Vec p = splat(1.061405429F);
    p = p * t - 1.453152027F;
    p = p * t + 1.421413741F;
    p = p * t - 0.284496736F;
    p = p * t + 0.254829592F;
    const Vec value = 1.0F - p * t * exp_negative(-size * size);
    return x < Vec{} ? -value : value;
}

float number(float value) {
    return value;
}

float number(BFloat16 value) {
    const std::uint32_t bits = static_cast<std::uint32_t>(value.bits) << 16U;
    float result;
    __builtin_memcpy(&result, &bits, sizeof result);
    return result;
}

void assign(float& to, float value) {
    to = value;
}

void assign(BFloat16& to, float value) {
    BFloat16 part[width];
    store(part, splat(value));
    to = part[0];
}

}  // namespace

}  // namespace evoke::lm::cpu
