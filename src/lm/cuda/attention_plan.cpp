#include "lm/cuda/attention_plan.hpp"

#include <algorithm>
#include <utility>

#include "lm/cuda/kv_arena.hpp"

namespace evoke::lm::cuda {

namespace {

const ArenaState& arena_state(const KvState* state) {
    return static_cast<const ArenaState&>(*state);
}

class Planner {
public:
    explicit Planner(std::int64_t back) : back_{back} {}

    void add(const QueryRun& run, const Span& span) {
        const std::int64_t near = std::clamp<std::int64_t>(back_ + 1 - run.position, 0, run.count);
        if (near > 0) add_near({run.span, run.first_row, near, run.position}, span);
        if (near < run.count)
            add_far({run.span, run.first_row + near, run.count - near, run.position + near}, span);
    }

    std::vector<PackedCall> finish(std::int64_t rows) {
        std::vector<PackedCall> calls;
        for (const auto& level : shared_) calls.push_back(pack(level, rows));
        if (!own_.empty()) {
            calls.push_back(pack(own_, rows));
            calls.back().causal = true;
        }
        if (!far_.empty()) {
            calls.push_back(pack(far_, rows));
            calls.back().causal = true;
            calls.back().back = back_;
            calls.back().gather = std::move(gathered_);
        }
        return calls;
    }

private:
    void add_near(const QueryRun& run, const Span& span) {
        const std::size_t depth = span.states.size() - 1;
        if (shared_.size() < depth) shared_.resize(depth);
        for (std::size_t i = 0; i < depth; ++i) {
            const ArenaState& state = arena_state(span.states[i]);
            add_shared(shared_[i], {.first_row = run.first_row,
                                    .rows = run.count,
                                    .first_key = state.slot(state.first()),
                                    .keys = state.end() - state.first()});
        }
        const ArenaState& own = arena_state(span.states.back());
        own_.push_back({.first_row = run.first_row,
                        .rows = run.count,
                        .first_key = own.slot(own.first()),
                        .keys = run.position + run.count - own.first()});
    }

    static void add_shared(std::vector<Sequence>& level, const Sequence& added) {
        if (!level.empty() && level.back().end_row() == added.first_row &&
            level.back().first_key == added.first_key) {
            level.back().rows += added.rows;
        } else {
            level.push_back(added);
        }
    }

    void add_far(const QueryRun& run, const Span& span) {
        const std::int64_t first = (run.position - back_) / gather_alignment * gather_alignment;
        const std::int64_t end = run.position + run.count;
        far_.push_back({.first_row = run.first_row,
                        .rows = run.count,
                        .first_key = static_cast<std::int64_t>(gathered_.size()),
                        .keys = end - first});
        for (const KvState* state : span.states)
            for (std::int64_t t = std::max(first, state->first()); t < std::min(end, state->end());
                 ++t)
                gathered_.push_back(arena_state(state).slot(t));
    }

    std::int64_t back_;
    std::vector<std::vector<Sequence>> shared_;  ///< by depth
    std::vector<Sequence> own_, far_;
    std::vector<std::int64_t> gathered_;
};

}  // namespace

std::vector<PackedCall> plan_attention(const std::vector<QueryRun>& runs,
                                       const std::vector<Span>& spans, std::int64_t rows,
                                       std::int64_t back) {
    Planner planner{back};
    for (const QueryRun& run : runs) planner.add(run, spans[run.span]);
    return planner.finish(rows);
}

}  // namespace evoke::lm::cuda
