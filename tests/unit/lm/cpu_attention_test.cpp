#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "lm/cpu_kernels.hpp"
#include "unit/lm/kernel_cases.hpp"

namespace evoke::lm::cpu {
namespace {

/// Each instruction set that this machine runs.
class CpuAttention : public testing::TestWithParam<const Kernels*> {
protected:
    const Kernels& k = *GetParam();
};

/// Keys and values of one head over positions 0 .. length-1, cut into segments as a tree would.
class Memory {
public:
    Memory(Int length, Int head_dim, const std::vector<Int>& cuts)
        : dim_{head_dim}, keys(noise(length * head_dim, 5)), values(noise(length * head_dim, 6)) {
        Int first = 0;
        for (std::size_t i = 0; i <= cuts.size(); ++i) {
            const Int end = i < cuts.size() ? cuts[i] : length;
            add_segment(first, end);
            first = end;
        }
    }

    [[nodiscard]] std::vector<SegmentView> views() const {
        std::vector<SegmentView> views;
        for (const Part& part : parts_)
            views.push_back({part.keys.data(), part.values.data(), part.first, part.end});
        return views;
    }

private:
    struct Part {
        std::vector<float> keys, values;
        Int first, end;
    };

    void add_segment(Int first, Int end) {
        const Int blocks = (end - 1) / key_block - first / key_block + 1;
        Part part{.keys = std::vector<float>(static_cast<std::size_t>(blocks * dim_ * key_block)),
                  .values = std::vector<float>(
                      static_cast<std::size_t>((end - first) * padded_values(dim_))),
                  .first = first,
                  .end = end};
        for (Int t = first; t < end; ++t) {
            const Int block = t / key_block - first / key_block;
            for (Int i = 0; i < dim_; ++i) {
                const auto from = static_cast<std::size_t>(t * dim_ + i);
                part.keys[static_cast<std::size_t>((block * dim_ + i) * key_block +
                                                   t % key_block)] = keys[from];
                part.values[static_cast<std::size_t>((t - first) * padded_values(dim_) + i)] =
                    values[from];
            }
        }
        parts_.push_back(std::move(part));
    }

    Int dim_;
    std::vector<Part> parts_;

public:
    std::vector<float> keys, values;  ///< [length, head_dim]
};

struct Queries {
    Int first, count, group, head_dim;
    Int back = 1 << 20, ahead = 0;
    float soft_cap = 0.0F;
};

AttentionTile tile_of(const Queries& q, std::span<const AttentionRow> rows,
                      std::span<const AttentionPart> parts,
                      const std::vector<SegmentView>& segments) {
    return {.rows = rows.data(),
            .row_count = static_cast<Int>(rows.size()),
            .parts = parts.data(),
            .part_count = static_cast<Int>(parts.size()),
            .segments = segments.data(),
            .head_dim = q.head_dim,
            .rotated_pairs = 0,
            .back = q.back,
            .ahead = q.ahead,
            .soft_cap = q.soft_cap};
}

/// Outputs of queries first .. first+count-1, [count, group, head_dim].
std::vector<float> attended(const Kernels& k, const Queries& q, const std::vector<float>& queries,
                            const std::vector<SegmentView>& segments) {
    std::vector<float> out(queries.size());
    std::vector<float> scratch(static_cast<std::size_t>(attention_scratch(q.head_dim)));
    for (Int first = 0; first < q.count * q.group; first += tile_rows) {
        std::vector<AttentionRow> rows;
        for (Int row = first; row < std::min(first + tile_rows, q.count * q.group); ++row)
            rows.push_back({.query = queries.data() + row * q.head_dim,
                            .out = out.data() + row * q.head_dim,
                            .cosines = nullptr,
                            .sines = nullptr,
                            .scale = 1.0F,
                            .position = q.first + row / q.group});
        const Int begin = std::max<Int>(rows.front().position - q.back, 0);
        const AttentionPart part{
            .first_row = 0,
            .rows = static_cast<Int>(rows.size()),
            .begin = begin / key_block * key_block,
            .end = std::min(rows.back().position + q.ahead + 1, segments.back().end),
            .first_segment = 0,
            .segments = static_cast<Int>(segments.size())};
        k.float32.attend(tile_of(q, rows, {&part, 1}, segments), scratch.data());
    }
    return out;
}

/// The same from the definition, in double.
std::vector<double> defined(const Queries& q, const std::vector<float>& queries, const Memory& m) {
    std::vector<double> out;
    for (Int query = 0; query < q.count * q.group; ++query) {
        const Int position = q.first + query / q.group;
        const auto length = static_cast<Int>(m.keys.size()) / q.head_dim;
        const Int first = std::max<Int>(0, position - q.back);
        const Int seen = std::min(length, position + q.ahead + 1);
        std::vector<double> weight;
        for (Int t = first; t < seen; ++t) {
            double score = 0.0;
            for (Int i = 0; i < q.head_dim; ++i)
                score +=
                    static_cast<double>(queries[static_cast<std::size_t>(query * q.head_dim + i)]) *
                    m.keys[static_cast<std::size_t>(t * q.head_dim + i)];
            if (q.soft_cap != 0.0F) score = q.soft_cap * std::tanh(score / q.soft_cap);
            weight.push_back(std::exp(score));
        }
        double total = 0.0;
        for (const double w : weight) total += w;
        for (Int i = 0; i < q.head_dim; ++i) {
            double sum = 0.0;
            for (Int t = first; t < seen; ++t)
                sum += weight[static_cast<std::size_t>(t - first)] *
                       m.values[static_cast<std::size_t>(t * q.head_dim + i)];
            out.push_back(sum / total);
        }
    }
    return out;
}

TEST_P(CpuAttention, is_softmax_over_all_earlier_positions) {
    const Queries q{.first = 100, .count = 41, .group = 3, .head_dim = 20};
    const Memory memory{141, 20, {30, 64, 65, 100}};
    std::vector<float> queries = noise(q.count * q.group * q.head_dim, 7);
    for (float& value : queries) value *= 4.0F;
    const auto out = attended(k, q, queries, memory.views());
    const auto expected = defined(q, queries, memory);
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], expected[i], 1e-5);
}

TEST_P(CpuAttention, within_a_reach_and_with_capped_scores) {
    const Memory memory{141, 20, {30, 64, 65, 100}};
    std::vector<float> queries = noise(41 * 3 * 20, 7);
    for (float& value : queries) value *= 4.0F;
    for (const Int back : {0, 1, 35, 36, 63, 64, 90, 100, 500}) {
        for (const Int ahead : {0, 1, 20, 500}) {
            const Queries q{.first = 100,
                            .count = 41,
                            .group = 3,
                            .head_dim = 20,
                            .back = back,
                            .ahead = ahead,
                            .soft_cap = back == 36 ? 1.5F : 0.0F};
            const auto out = attended(k, q, queries, memory.views());
            const auto expected = defined(q, queries, memory);
            for (std::size_t i = 0; i < out.size(); ++i)
                ASSERT_NEAR(out[i], expected[i], 1e-5) << back << ' ' << ahead;
        }
    }
}

TEST_P(CpuAttention, bits_within_a_reach_depend_neither_on_cuts_nor_on_company) {
    const Queries q{.first = 70, .count = 60, .group = 2, .head_dim = 32, .back = 37, .ahead = 5};
    const auto queries = noise(q.count * q.group * q.head_dim, 8);
    const auto whole = attended(k, q, queries, Memory{140, 32, {}}.views());
    EXPECT_EQ(attended(k, q, queries, Memory{140, 32, {1, 33, 64, 70, 71, 128}}.views()), whole);
    const Memory memory{140, 32, {70}};
    for (Int query = 0; query < q.count; query += 7) {
        const auto begin = queries.begin() + query * q.group * q.head_dim;
        const std::vector<float> one{begin, begin + q.group * q.head_dim};
        Queries single = q;
        single.first += query;
        single.count = 1;
        const auto alone = attended(k, single, one, memory.views());
        ASSERT_EQ(std::memcmp(alone.data(), whole.data() + query * q.group * q.head_dim,
                              alone.size() * sizeof(float)),
                  0);
    }
}

TEST_P(CpuAttention, bits_depend_neither_on_cuts_nor_on_company) {
    const Queries q{.first = 70, .count = 60, .group = 2, .head_dim = 32};
    const auto queries = noise(q.count * q.group * q.head_dim, 8);
    const auto whole = attended(k, q, queries, Memory{130, 32, {}}.views());
    EXPECT_EQ(attended(k, q, queries, Memory{130, 32, {1, 63, 64, 70, 71, 128}}.views()), whole);
    // Later positions are there for others.
    EXPECT_EQ(attended(k, q, queries, Memory{130, 32, {70, 120}}.views()), whole);
    const Memory memory{130, 32, {70}};
    for (Int query = 0; query < q.count; query += 7) {
        const auto begin = queries.begin() + query * q.group * q.head_dim;
        const std::vector<float> one{begin, begin + q.group * q.head_dim};
        const auto alone = attended(
            k, {.first = q.first + query, .count = 1, .group = q.group, .head_dim = q.head_dim},
            one, memory.views());
        ASSERT_EQ(std::memcmp(alone.data(), whole.data() + query * q.group * q.head_dim,
                              alone.size() * sizeof(float)),
                  0);
    }
}

// Two texts behind one prefix of 130: the blocks that it fills are read for both at once.
TEST_P(CpuAttention, bits_of_a_tile_of_several_texts_are_those_of_each_alone) {
    for (const Int back : {1 << 20, 40, 150}) {
        const Queries one{.first = 170, .count = 1, .group = 2, .head_dim = 32, .back = back};
        Queries other = one;
        other.first = 199;
        const auto queries = noise(2 * one.group * one.head_dim, 12);
        const auto half = queries.begin() + one.group * one.head_dim;
        const Memory memory{210, 32, {130}};
        const std::vector<SegmentView> views = memory.views();
        std::vector<float> expected = attended(k, one, {queries.begin(), half}, views);
        const auto rest = attended(k, other, {half, queries.end()}, views);
        expected.insert(expected.end(), rest.begin(), rest.end());

        std::vector<float> out(queries.size());
        std::vector<AttentionRow> rows;
        for (Int row = 0; row < 4; ++row)
            rows.push_back({.query = queries.data() + row * one.head_dim,
                            .out = out.data() + row * one.head_dim,
                            .cosines = nullptr,
                            .sines = nullptr,
                            .scale = 1.0F,
                            .position = row < 2 ? one.first : other.first});
        const std::vector<AttentionPart> parts{
            {.first_row = 0, .rows = 4, .begin = 0, .end = 128, .first_segment = 0, .segments = 1},
            {.first_row = 0,
             .rows = 2,
             .begin = 128,
             .end = 171,
             .first_segment = 0,
             .segments = 2},
            {.first_row = 2,
             .rows = 2,
             .begin = 128,
             .end = 200,
             .first_segment = 0,
             .segments = 2}};
        std::vector<float> scratch(static_cast<std::size_t>(attention_scratch(one.head_dim)));
        k.float32.attend(tile_of(one, rows, parts, views), scratch.data());
        EXPECT_EQ(out, expected) << back;
    }
}

// What lies in a block beyond a query's position may be anything, even what is no number.
TEST_P(CpuAttention, never_looks_ahead) {
    const Queries q{.first = 10, .count = 1, .group = 1, .head_dim = 16};
    const auto queries = noise(16, 9);
    const Memory memory{40, 16, {}};
    const auto before = attended(k, q, queries, memory.views());
    std::vector<float> keys{memory.views()[0].keys, memory.views()[0].keys + 16 * key_block};
    for (Int i = 0; i < 16; ++i)
        for (Int lane = 11; lane < key_block; ++lane)
            keys[static_cast<std::size_t>(i * key_block + lane)] =
                std::numeric_limits<float>::quiet_NaN();
    std::vector<SegmentView> views = memory.views();
    views[0].keys = keys.data();
    EXPECT_EQ(attended(k, q, queries, views), before);
}

TEST_P(CpuAttention, survives_scores_far_apart) {
    const Queries q{.first = 99, .count = 1, .group = 1, .head_dim = 16};
    std::vector<float> queries = noise(16, 10);
    for (float& value : queries) value *= 1000.0F;
    const Memory memory{100, 16, {}};
    const auto out = attended(k, q, queries, memory.views());
    for (const float value : out) {
        EXPECT_TRUE(std::isfinite(value));
        EXPECT_LE(std::abs(value), 1.0F);
    }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, CpuAttention, testing::ValuesIn(available()),
                         [](const auto& chosen) { return std::string{chosen.param->name}; });

}  // namespace
}  // namespace evoke::lm::cpu
