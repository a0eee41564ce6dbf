#include "lm/scoring.hpp"

#include <ATen/ops/cat.h>

#include <string>
#include <unordered_map>
#include <utility>

#include "evoke/core/error.hpp"

namespace evoke::lm {

namespace {

/// Rows that go through the head at once, at least.
constexpr std::size_t head_rows = 256;

void check(const ScoreRequest& request, std::size_t number) {
    if (request.context_length > 0 && request.context_length < request.tokens.size() &&
        request.prefix_length <= request.context_length &&
        request.stem_length <= request.prefix_length)
        return;
    throw InputError{"score request " + std::to_string(number) +
                     ": expected stem <= prefix <= context, 1 <= context < tokens; found stem " +
                     std::to_string(request.stem_length) + ", prefix " +
                     std::to_string(request.prefix_length) + ", context " +
                     std::to_string(request.context_length) + ", tokens " +
                     std::to_string(request.tokens.size())};
}

/// Collects final states and turns them into answers, many rows at a time.
class Answers {
public:
    Answers(const ScoreTree& tree, std::vector<ScoreResult>& results, const Head& head)
        : tree_{tree}, results_{results}, head_{head} {
        for (std::size_t i = 0; i < tree.targets.size(); ++i)
            targets_[key(tree.targets[i].node, tree.targets[i].offset)].push_back(i);
    }

    void add(const std::vector<TreeRow>& rows, const at::Tensor& states) {
        rows_.insert(rows_.end(), rows.begin(), rows.end());
        states_.push_back(states);
        if (rows_.size() >= head_rows) flush();
    }

    void flush() {
        if (rows_.empty()) return;
        std::vector<LogitTarget> wanted;
        std::vector<std::size_t> which;
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const auto found = targets_.find(key(rows_[row].node, rows_[row].offset));
            if (found == targets_.end()) continue;
            for (const std::size_t target : found->second) {
                wanted.push_back({static_cast<std::int64_t>(row), tree_.targets[target].token});
                which.push_back(target);
            }
        }
        const HeadScores scores = head_.score(at::cat(states_), wanted);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            settle(tree_.targets[which[i]], wanted[i], scores, scores.targets[i]);
        rows_.clear();
        states_.clear();
    }

private:
    static std::uint64_t key(std::int64_t node, std::int64_t offset) {
        return static_cast<std::uint64_t>(node) << 32U | static_cast<std::uint64_t>(offset);
    }

    void settle(const ScoreTarget& target, const LogitTarget& wanted, const HeadScores& scores,
                float logit) {
        const auto row = static_cast<std::size_t>(wanted.row);
        ScoreResult& result = results_[target.request];
        result.token_logprobs[target.slot] =
            static_cast<float>(static_cast<double>(logit) - scores.log_sums[row]);
        if (scores.best[row] != target.token) result.greedy = false;
    }

    const ScoreTree& tree_;
    std::vector<ScoreResult>& results_;
    const Head& head_;
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> targets_;
    std::vector<TreeRow> rows_;
    std::vector<at::Tensor> states_;
};

}  // namespace

void check_ids(std::span<const TokenId> ids, std::int64_t vocabulary, std::size_t request) {
    for (const TokenId id : ids)
        if (id < 0 || id >= vocabulary)
            throw InputError{"request " + std::to_string(request) + ": expected ids from 0 to " +
                             std::to_string(vocabulary - 1) + ", found " + std::to_string(id)};
}

std::vector<ScoreResult> score_requests(std::span<const ScoreRequest> requests, TreeMachine machine,
                                        const Head& head) {
    const ModelSpec& spec = machine.transformer.spec();
    std::vector<ScoreResult> results(requests.size());
    std::vector<std::size_t> included;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        check(requests[i], i);
        check_ids(requests[i].tokens, spec.vocabulary, i);
        if (static_cast<std::int64_t>(requests[i].tokens.size()) > spec.context) {
            results[i].status = RequestStatus::overflow;
            continue;
        }
        results[i].token_logprobs.resize(requests[i].tokens.size() - requests[i].context_length);
        results[i].greedy = true;
        included.push_back(i);
    }
    const Cuts cuts =
        machine.transformer.backend().traits().cuts_show ? Cuts::declared : Cuts::free;
    const ScoreTree tree = build_score_tree(requests, included, spec.short_text(), cuts);
    Answers answers{tree, results, head};
    TreeRunner runner{machine, tree.nodes};
    runner.run([&](const std::vector<TreeRow>& rows, const at::Tensor& states) {
        answers.add(rows, states);
    });
    answers.flush();
    return results;
}

}  // namespace evoke::lm
