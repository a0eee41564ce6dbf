#include "lm/cpu_tiles.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "lm/cpu_kernels.hpp"

namespace evoke::lm {
namespace {

using testing::Each;
using testing::Field;
using testing::SizeIs;

class State final : public KvState {
public:
    using KvState::KvState;
    [[nodiscard]] std::size_t bytes() const override { return 0; }
};

/// Texts with one query each at their end.
class Texts {
public:
    KvState* state(std::int64_t first, std::int64_t end) {
        return states_.emplace_back(std::make_unique<State>(first, end - first)).get();
    }

    void add(const std::vector<KvState*>& shared, std::int64_t end, std::int64_t count = 1) {
        const std::int64_t first = shared.empty() ? 0 : shared.back()->end();
        Span span{.states = shared,
                  .first_row = rows_,
                  .count = count,
                  .position = end - count,
                  .long_text = false};
        span.states.push_back(state(first, end));
        runs.push_back({spans.size(), rows_, count, end - count});
        spans.push_back(std::move(span));
        rows_ += count;
    }

    [[nodiscard]] std::vector<AttendTile> tiles(const TileShape& shape) const {
        return cut_into_tiles(runs, spans, shape);
    }

    std::vector<Span> spans;
    std::vector<QueryRun> runs;

private:
    std::deque<std::unique_ptr<State>> states_;
    std::int64_t rows_ = 0;
};

std::int64_t rows_of(const AttendTile& tile) {
    std::int64_t rows = 0;
    for (const TileMember& member : tile.members) rows += member.rows;
    return rows;
}

/// Every (query, head) row of every run is in one tile.
void expect_all_rows_once(const std::vector<AttendTile>& tiles, const Texts& texts,
                          std::int64_t group) {
    std::set<std::pair<std::int64_t, std::int64_t>> seen;
    for (const AttendTile& tile : tiles) {
        EXPECT_LE(rows_of(tile), cpu::tile_rows);
        for (const TileMember& member : tile.members)
            for (std::int64_t row = member.first_row; row < member.first_row + member.rows; ++row)
                EXPECT_TRUE(seen.insert({member.run->first_row + row / group, row % group}).second);
    }
    std::size_t rows = 0;
    for (const QueryRun& run : texts.runs) rows += static_cast<std::size_t>(run.count * group);
    EXPECT_THAT(seen, SizeIs(rows));
}

TEST(CpuTiles, texts_behind_one_prefix_share_its_whole_blocks) {
    Texts texts;
    KvState* prompt = texts.state(0, 290);
    KvState* other = texts.state(0, 70);
    for (int i = 0; i < 30; ++i) texts.add({i % 2 == 0 ? prompt : other}, 350 + i);
    const auto tiles = texts.tiles({.group = 2, .key_value_heads = 4, .threads = 2});
    expect_all_rows_once(tiles, texts, 2);
    ASSERT_THAT(tiles, SizeIs(4));
    EXPECT_THAT(tiles, Each(Field(&AttendTile::shared_states, 1)));
    for (const AttendTile& tile : tiles) {
        const KvState* first = texts.spans[tile.members.front().run->span].states.front();
        EXPECT_EQ(tile.shared_end, first == prompt ? 256 : 64);
        for (const TileMember& member : tile.members)
            EXPECT_EQ(texts.spans[member.run->span].states.front(), first);
    }
}

TEST(CpuTiles, samples_of_one_text_share_all_but_what_they_grew) {
    Texts texts;
    KvState* prompt = texts.state(0, 100);
    KvState* question = texts.state(100, 200);
    for (int i = 0; i < 6; ++i) texts.add({prompt, question}, 210 + i);
    const auto tiles = texts.tiles({.group = 1, .key_value_heads = 8, .threads = 1});
    ASSERT_THAT(tiles, SizeIs(1));
    EXPECT_EQ(tiles.front().shared_states, 2U);
    EXPECT_EQ(tiles.front().shared_end, 192);
}

TEST(CpuTiles, many_rows_of_one_text_and_strangers_are_alone) {
    Texts texts;
    texts.add({texts.state(0, 100)}, 160, 55);
    texts.add({texts.state(0, 100)}, 130);
    texts.add({}, 7);
    const auto tiles = texts.tiles({.group = 1, .key_value_heads = 8, .threads = 2});
    expect_all_rows_once(tiles, texts, 1);
    EXPECT_THAT(tiles, SizeIs(5));
    EXPECT_THAT(tiles, Each(Field(&AttendTile::shared_end, 0)));
}

TEST(CpuTiles, tiles_stay_small_enough_to_keep_all_threads_busy) {
    Texts texts;
    KvState* prompt = texts.state(0, 128);
    for (int i = 0; i < 16; ++i) texts.add({prompt}, 150);
    const auto tiles = texts.tiles({.group = 1, .key_value_heads = 2, .threads = 4});
    expect_all_rows_once(tiles, texts, 1);
    EXPECT_GE(tiles.size() * 2, 8U);
}

}  // namespace
}  // namespace evoke::lm
