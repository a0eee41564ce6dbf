#include "lm/cpu_tiles.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "lm/cpu_kernels.hpp"

namespace evoke::lm {

namespace {

/// Leading states that two texts share; the last one of a text is its own.
std::size_t shared_states(const Span& a, const Span& b) {
    const std::size_t most = std::min(a.states.size(), b.states.size()) - 1;
    const auto first = a.states.begin();
    const auto differ =
        std::mismatch(first, first + static_cast<std::ptrdiff_t>(most), b.states.begin());
    return static_cast<std::size_t>(differ.first - first);
}

class Cutter {
public:
    Cutter(std::span<const QueryRun> runs, std::span<const Span> spans, const TileShape& shape)
        : spans_{spans}, group_{shape.group} {
        std::int64_t few_rows = 0;
        for (const QueryRun& run : runs) {
            const std::int64_t rows = run.count * group_;
            if (2 * rows > cpu::tile_rows || span_of(run).states.size() < 2) {
                add_alone(run, rows);
            } else {
                few_.push_back(&run);
                few_rows += rows;
            }
        }
        // Two tasks for each thread are worth more than full tiles.
        most_rows_ =
            std::min(cpu::tile_rows, few_rows * shape.key_value_heads / (2 * shape.threads));
    }

    std::vector<AttendTile> finish() {
        bring_relatives_together();
        AttendTile tile;
        std::int64_t rows = 0;
        for (const QueryRun* run : few_) {
            const std::int64_t more = run->count * group_;
            const std::size_t shared = tile.members.empty() ? 0 : shared_with(tile, *run);
            if (shared == 0 || rows + more > most_rows_) {
                add(std::move(tile));
                tile = {};
                rows = 0;
            } else {
                tile.shared_states = shared;
            }
            tile.members.push_back({run, 0, more});
            rows += more;
        }
        add(std::move(tile));
        return std::move(tiles_);
    }

private:
    [[nodiscard]] const Span& span_of(const QueryRun& run) const { return spans_[run.span]; }

    void add_alone(const QueryRun& run, std::int64_t rows) {
        for (std::int64_t row = 0; row < rows; row += cpu::tile_rows)
            tiles_.push_back({.members = {{&run, row, std::min(cpu::tile_rows, rows - row)}}});
    }

    void add(AttendTile tile) {
        if (tile.members.empty()) return;
        if (tile.shared_states > 0) {
            const auto& states = span_of(*tile.members.front().run).states;
            const std::int64_t end = states[tile.shared_states - 1]->end();
            tile.shared_end = end / cpu::key_block * cpu::key_block;
        }
        tiles_.push_back(std::move(tile));
    }

    /// The states that all members would share if the run joined them.
    [[nodiscard]] std::size_t shared_with(const AttendTile& tile, const QueryRun& run) const {
        const std::size_t shared = shared_states(span_of(*tile.members.front().run), span_of(run));
        return tile.members.size() == 1 ? shared : std::min(shared, tile.shared_states);
    }

    /// Orders the few-row runs by their first states, then by their second ones, as these appear.
    void bring_relatives_together() {
        std::map<const KvState*, std::size_t> seen;
        using Key = std::pair<std::size_t, std::size_t>;
        std::vector<std::pair<Key, const QueryRun*>> keyed;
        for (const QueryRun* run : few_) {
            const auto& states = span_of(*run).states;
            const std::size_t first = seen.try_emplace(states[0], seen.size()).first->second;
            const std::size_t second = seen.try_emplace(states[1], seen.size()).first->second;
            keyed.push_back({{first, second}, run});
        }
        std::ranges::stable_sort(keyed, {}, [](const auto& entry) { return entry.first; });
        std::ranges::transform(keyed, few_.begin(), [](const auto& entry) { return entry.second; });
    }

    std::span<const Span> spans_;
    std::int64_t group_;
    std::int64_t most_rows_ = 0;
    std::vector<const QueryRun*> few_;
    std::vector<AttendTile> tiles_;
};

}  // namespace

std::vector<AttendTile> cut_into_tiles(std::span<const QueryRun> runs, std::span<const Span> spans,
                                       const TileShape& shape) {
    return Cutter{runs, spans, shape}.finish();
}

}  // namespace evoke::lm
