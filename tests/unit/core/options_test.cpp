#include "evoke/core/options.hpp"

#include <gmock/gmock.h>

namespace evoke {
namespace {

struct Oven {
    std::int64_t degrees = 180;
    double minutes = 12.5;
    bool fan = false;
    std::string program = "bake";
    std::vector<std::string> dishes;

    static constexpr auto rows() {
        return std::tuple{
            OptionRow{.name = "degrees",
                      .member = &Oven::degrees,
                      .meaning = "inside",
                      .unit = "celsius",
                      .minimum = 30,
                      .maximum = 300},
            OptionRow{.name = "minutes", .member = &Oven::minutes, .meaning = "until done"},
            OptionRow{.name = "fan", .member = &Oven::fan, .meaning = "moves the air"},
            OptionRow{.name = "program",
                      .member = &Oven::program,
                      .meaning = "what heats",
                      .choices = "bake|grill",
                      .kind = KeyKind::free},
            OptionRow{.name = "dishes", .member = &Oven::dishes, .meaning = "what is in it"}};
    }
};

static_assert(Described<Oven>);
static_assert(!Described<int>);

TEST(OptionRow, rows_are_visited_in_order_with_their_types) {
    std::vector<std::string> seen;
    for_each_row<Oven>([&]<class Value>(const OptionRow<Oven, Value>& row) {
        seen.push_back(std::string{row.name} + ": " + std::string{type_name<Value>()});
    });
    EXPECT_THAT(seen,
                testing::ElementsAre("degrees: integer", "minutes: number", "fan: true or false",
                                     "program: text", "dishes: list of texts"));
}

TEST(OptionRow, reads_and_writes_the_member_it_describes) {
    Oven oven;
    for_each_row<Oven>([&]<class Value>(const OptionRow<Oven, Value>& row) {
        if constexpr (std::same_as<Value, std::int64_t>) oven.*row.member = 220;
    });
    EXPECT_EQ(oven.degrees, 220);
    EXPECT_EQ(oven.minutes, 12.5);
}

TEST(OptionRow, is_part_of_a_runs_identity_unless_it_says_otherwise) {
    constexpr auto rows = Oven::rows();
    EXPECT_EQ(std::get<0>(rows).kind, KeyKind::identity);
    EXPECT_EQ(std::get<3>(rows).kind, KeyKind::free);
    EXPECT_FALSE(std::get<0>(rows).required);
    EXPECT_GT(std::get<1>(rows).maximum, 1e300);
}

}  // namespace
}  // namespace evoke
