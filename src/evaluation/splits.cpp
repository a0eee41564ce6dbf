#include "evaluation/splits.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "evoke/core/random.hpp"

namespace evoke::evaluation {

namespace {

using Ids = std::vector<ExampleId>;

/// The examples of one file in the order in which they are drawn.
Ids shuffled_file(std::size_t first, std::size_t size, std::uint64_t seed, std::uint32_t file) {
    const RandomKey key{.seed = seed, .purpose = Purpose::split, .slot = file};
    Ids ids;
    ids.reserve(size);
    for (const std::size_t offset : random_permutation(key, size)) {
        ids.emplace_back(static_cast<std::uint32_t>(first + offset));
    }
    return ids;
}

/// What a split is called, how many it wants (0: all there are) and whether it needs any.
struct Wish {
    std::string_view split;
    int size = 0;
    bool needed = false;
};

class Draw {
public:
    Draw(std::span<const Example> examples, Diagnostics& diagnostics)
        : examples_{examples}, diagnostics_{diagnostics} {}

    /// Takes from `pool` the first `wish.size` examples whose input no earlier split has. What was
    /// not taken stays in the pool.
    Ids take(Ids& pool, const Wish& wish) {
        const auto most = wish.size == 0 ? pool.size() : static_cast<std::size_t>(wish.size);
        Ids taken;
        Ids left;
        for (const ExampleId id : pool) {
            const bool free = !inputs_.contains(examples_[id.value].input);
            (free && taken.size() < most ? taken : left).push_back(id);
        }
        check(wish, taken.size(), pool.size());
        for (const ExampleId id : taken) inputs_.insert(examples_[id.value].input);
        std::sort(taken.begin(), taken.end());
        pool = std::move(left);
        return taken;
    }

private:
    void check(const Wish& wish, std::size_t taken, std::size_t candidates) {
        const std::string split{wish.split};
        const std::string hint =
            taken == candidates ? "" : "examples whose input stands in another split are left out";
        if (wish.size > 0 && taken < static_cast<std::size_t>(wish.size)) {
            diagnostics_.add(
                {.what = "task." + (split == "demonstrations" ? "demonstration" : split) + "_size",
                 .expected = "at most " + std::to_string(taken),
                 .found = std::to_string(wish.size),
                 .hint = hint});
        } else if (wish.needed && taken == 0) {
            diagnostics_.add({.what = "task." + split,
                              .expected = "one example or more",
                              .found = "none that is left",
                              .hint = hint});
        }
    }

    std::span<const Example> examples_;
    Diagnostics& diagnostics_;
    std::unordered_set<std::string_view> inputs_;
};

}  // namespace

Splits draw_splits(const TaskOptions& options, std::span<const Example> examples,
                   const FileSizes& sizes, std::uint64_t seed, Diagnostics& diagnostics) {
    Ids dev_pool = shuffled_file(0, sizes.dev, seed, 0);
    Ids test_pool = shuffled_file(sizes.dev, sizes.test, seed, 1);
    Ids demonstration_pool = shuffled_file(sizes.dev + sizes.test, sizes.demonstrations, seed, 2);

    const bool test_file = !options.test.empty();
    const bool demonstration_file = !options.demonstrations.empty();
    const bool test_from_dev = !test_file && options.test_size > 0;
    const bool demonstrations_from_dev = !demonstration_file && options.demonstration_size > 0;
    const bool dev_is_the_rest =
        options.dev_size == 0 && (test_from_dev || demonstrations_from_dev);

    Draw draw{examples, diagnostics};
    Splits splits;
    const auto draw_dev = [&] {
        splits.dev = draw.take(dev_pool, {"dev", options.dev_size, true});
    };
    const auto draw_test = [&] {
        if (!test_file && !test_from_dev) return;
        splits.test =
            draw.take(test_file ? test_pool : dev_pool, {"test", options.test_size, test_file});
    };
    const auto draw_demonstrations = [&] {
        if (!demonstration_file && !demonstrations_from_dev) return;
        splits.demonstrations =
            draw.take(demonstration_file ? demonstration_pool : dev_pool,
                      {"demonstrations", options.demonstration_size, demonstration_file});
    };
    if (dev_is_the_rest) {
        if (test_from_dev) draw_test();
        if (demonstrations_from_dev) draw_demonstrations();
        draw_dev();
        if (!test_from_dev) draw_test();
        if (!demonstrations_from_dev) draw_demonstrations();
    } else {
        draw_dev();
        draw_test();
        draw_demonstrations();
    }
    return splits;
}

std::vector<population::Block> draw_blocks(std::span<const ExampleId> examples, std::size_t count,
                                           std::uint64_t seed) {
    const auto order =
        random_permutation({.seed = seed, .purpose = Purpose::blocks}, examples.size());
    std::vector<population::Block> blocks(count);
    for (std::size_t b = 0; b < count; ++b) {
        blocks[b].number = static_cast<std::uint32_t>(b);
        const std::size_t begin = b * order.size() / count;
        const std::size_t end = (b + 1) * order.size() / count;
        for (std::size_t i = begin; i < end; ++i) blocks[b].examples.push_back(examples[order[i]]);
        std::sort(blocks[b].examples.begin(), blocks[b].examples.end());
    }
    return blocks;
}

}  // namespace evoke::evaluation
