#include "lm/masked_scoring.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "evoke/core/error.hpp"
#include "lm/scoring.hpp"

namespace evoke::lm {

namespace {

void check(const MaskedRequest& request, std::size_t number, std::int64_t vocabulary) {
    const std::string subject = "masked request " + std::to_string(number) + ": expected ";
    if (request.masks.empty()) throw InputError{subject + "at least one mask, found none"};
    if (!std::ranges::is_sorted(request.masks, std::less_equal<>{}) ||
        request.masks.back() >= request.tokens.size())
        throw InputError{subject + "ascending places below " +
                         std::to_string(request.tokens.size())};
    if (request.candidates.empty())
        throw InputError{subject + "at least one candidate, found none"};
    check_ids(request.tokens, vocabulary, number);
    check_ids(request.candidates, vocabulary, number);
}

/// Texts of one packed forward.
class Batch {
public:
    Batch(TreeMachine machine, const Head& head, std::vector<MaskedResult>& results)
        : machine_{machine}, head_{head}, results_{results} {}

    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(input_.ids.size()); }

    void add(const MaskedRequest& request, std::size_t number) {
        const auto count = static_cast<std::int64_t>(request.tokens.size());
        states_.push_back(machine_.transformer.backend().allocate(0, count));
        Span span{.states = {states_.back().get()}, .first_row = size(), .count = count};
        for (std::size_t mask = 0; mask < request.masks.size(); ++mask) {
            const auto row = static_cast<std::int64_t>(input_.outputs.size());
            input_.outputs.push_back(size() + static_cast<std::int64_t>(request.masks[mask]));
            for (std::size_t i = 0; i < request.candidates.size(); ++i) {
                wanted_.push_back({row, request.candidates[i]});
                places_.push_back({number, mask, i});
            }
        }
        input_.ids.insert(input_.ids.end(), request.tokens.begin(), request.tokens.end());
        input_.spans.push_back(std::move(span));
    }

    void run() {
        if (input_.ids.empty()) return;
        const HeadScores scores = head_.score(machine_.transformer.forward(input_), wanted_);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const Place& place = places_[i];
            const double sum = scores.log_sums[static_cast<std::size_t>(wanted_[i].row)];
            results_[place.request].logprobs[place.mask][place.candidate] =
                static_cast<float>(static_cast<double>(scores.targets[i]) - sum);
        }
        if (machine_.progress) machine_.progress();
        input_ = {};
        states_.clear();
        wanted_.clear();
        places_.clear();
    }

private:
    struct Place {
        std::size_t request, mask, candidate;
    };

    TreeMachine machine_;
    const Head& head_;
    std::vector<MaskedResult>& results_;
    ForwardInput input_;
    std::vector<std::shared_ptr<KvState>> states_;
    std::vector<LogitTarget> wanted_;
    std::vector<Place> places_;
};

}  // namespace

std::vector<MaskedResult> score_masks(std::span<const MaskedRequest> requests, TreeMachine machine,
                                      const Head& head) {
    const ModelSpec& spec = machine.transformer.spec();
    std::vector<MaskedResult> results(requests.size());
    Batch batch{machine, head, results};
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const MaskedRequest& request = requests[i];
        check(request, i, spec.vocabulary);
        const auto length = static_cast<std::int64_t>(request.tokens.size());
        if (length > spec.context) {
            results[i].status = RequestStatus::overflow;
            continue;
        }
        results[i].logprobs.assign(request.masks.size(),
                                   std::vector<float>(request.candidates.size()));
        if (batch.size() > 0 && batch.size() + length > machine.chunk_tokens) batch.run();
        batch.add(request, i);
    }
    batch.run();
    return results;
}

}  // namespace evoke::lm
