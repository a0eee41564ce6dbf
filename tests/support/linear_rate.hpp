#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace evoke::test {

/// Products [rows, depth] x [columns, depth]ᵀ, `count` of them.
struct ProductShape {
    std::int64_t rows, columns, depth, count;
};

struct ProductTimes {
    double own = 0.0;      ///< seconds, of the model's backend
    double library = 0.0;  ///< seconds, of at::linear
};

/// The time of these products alone, the weights of each read afresh; the fastest of `rounds`.
[[nodiscard]] ProductTimes time_products(const std::filesystem::path& model,
                                         const std::string& dtype, int rounds,
                                         const std::vector<ProductShape>& shapes);

}  // namespace evoke::test
