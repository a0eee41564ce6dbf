#include "evoke/core/queue.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace evoke {
namespace {

TEST(Queue, gives_items_in_the_order_they_came) {
    Queue<std::unique_ptr<int>> queue;
    queue.push(std::make_unique<int>(1));
    queue.push(std::make_unique<int>(2));
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(**queue.pop(), 1);
    EXPECT_EQ(**queue.try_pop(), 2);
    EXPECT_EQ(queue.try_pop(), std::nullopt);
}

TEST(Queue, closed_gives_what_is_left_and_then_nothing) {
    Queue<int> queue;
    queue.push(5);
    queue.close();
    EXPECT_TRUE(queue.closed());
    EXPECT_EQ(queue.pop(), 5);
    EXPECT_EQ(queue.pop(), std::nullopt);
    EXPECT_EQ(queue.pop_for(std::chrono::hours{1}), std::nullopt);
}

TEST(Queue, pop_for_gives_up_when_patience_ends) {
    Queue<int> queue;
    EXPECT_EQ(queue.pop_for(std::chrono::nanoseconds{1}), std::nullopt);
}

TEST(Queue, every_item_reaches_exactly_one_of_many_threads) {
    constexpr int pushers = 3;
    constexpr int each = 2000;
    Queue<int> queue;
    std::vector<std::vector<int>> taken(4);
    std::vector<std::thread> threads;
    for (auto& mine : taken)
        threads.emplace_back([&queue, &mine] {
            while (const auto item = queue.pop()) mine.push_back(*item);
        });
    std::vector<std::thread> writers;
    for (int p = 0; p < pushers; ++p)
        writers.emplace_back([&queue, p] {
            for (int i = 0; i < each; ++i) queue.push(p * each + i);
        });
    for (auto& writer : writers) writer.join();
    queue.close();
    for (auto& thread : threads) thread.join();

    std::vector<int> times(pushers * each, 0);
    for (const auto& mine : taken)
        for (const int item : mine) ++times.at(static_cast<std::size_t>(item));
    EXPECT_EQ(times, std::vector<int>(pushers * each, 1));
}

}  // namespace
}  // namespace evoke
