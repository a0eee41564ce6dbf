#include "checkpoint/tree.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace evoke::checkpoint {

std::string_view type_name(const Numbers& numbers) {
    constexpr std::array<std::string_view, 7> names{"u8", "u16", "u32", "u64", "i32", "f32", "f64"};
    return names.at(numbers.index());
}

ByteView bytes_of(const Numbers& numbers) {
    return std::visit([](const auto& values) { return ByteView{std::as_bytes(std::span{values})}; },
                      numbers);
}

std::size_t count_of(const Numbers& numbers) {
    return std::visit([](const auto& values) { return values.size(); }, numbers);
}

Numbers narrowed(std::vector<std::uint32_t> numbers) {
    const std::uint32_t largest = numbers.empty() ? 0 : *std::ranges::max_element(numbers);
    const auto as = [&]<class T>(T /*type*/) {
        std::vector<T> narrow(numbers.size());
        std::ranges::transform(numbers, narrow.begin(),
                               [](std::uint32_t number) { return static_cast<T>(number); });
        return narrow;
    };
    if (largest <= std::numeric_limits<std::uint8_t>::max()) return as(std::uint8_t{});
    if (largest <= std::numeric_limits<std::uint16_t>::max()) return as(std::uint16_t{});
    return numbers;
}

}  // namespace evoke::checkpoint
