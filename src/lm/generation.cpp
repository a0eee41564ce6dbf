#include "lm/generation.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "evoke/core/error.hpp"
#include "lm/sampler.hpp"
#include "lm/scoring.hpp"

namespace evoke::lm {

namespace {

/// Logits that exist at once, unless one row has more.
constexpr std::int64_t most_logits = std::int64_t{1} << 23;
/// New states of a growing text are made for this many positions at a time, aligned.
constexpr std::int64_t growth = 64;

void check(const GenerateRequest& request, std::size_t number) {
    if (request.prefix_length >= request.prompt.size())
        throw InputError{"generate request " + std::to_string(number) +
                         ": expected prefix < prompt, found prefix " +
                         std::to_string(request.prefix_length) + ", prompt " +
                         std::to_string(request.prompt.size())};
    check_sampling(request.sampling);
}

/// A text that grows.
struct Row {
    std::size_t request = 0;
    std::vector<std::shared_ptr<KvState>> states;
    std::vector<TokenId> history;  ///< prompt and generated ids; the last one is not fed yet
    std::vector<TokenId> stop_ids;
    bool long_text = false;  ///< see Span
};

class Generation {
public:
    Generation(std::span<const GenerateRequest> requests, TreeMachine machine, const Head& head,
               const text::Tokenizer& tokenizer)
        : requests_{requests},
          machine_{machine},
          head_{head},
          tokenizer_{tokenizer},
          traits_{machine.transformer.backend().traits()},
          results_(requests.size()) {}

    // A waiting request joins when a quarter of the rows is free, so that prompts are not computed
    // one by one.
    std::vector<GenerateResult> run() {
        std::vector<std::size_t> waiting = ready_requests();
        std::ranges::reverse(waiting);
        while (!waiting.empty() || !rows_.empty()) {
            const std::size_t free = machine_.most_texts - rows_.size();
            if (!waiting.empty() && (rows_.empty() || free >= (machine_.most_texts + 3) / 4)) {
                std::vector<std::unique_ptr<Row>> joining;
                for (std::size_t i = 0; i < free && !waiting.empty(); ++i) {
                    joining.push_back(new_row(waiting.back()));
                    waiting.pop_back();
                }
                admit(std::move(joining));
            }
            step();
        }
        return std::move(results_);
    }

private:
    std::vector<std::size_t> ready_requests() {
        std::vector<std::size_t> ready;
        const ModelSpec& spec = machine_.transformer.spec();
        for (std::size_t i = 0; i < requests_.size(); ++i) {
            check(requests_[i], i);
            check_ids(requests_[i].prompt, spec.vocabulary, i);
            const auto length = static_cast<std::int64_t>(requests_[i].prompt.size());
            if (length > spec.context) {
                results_[i].status = RequestStatus::overflow;
                results_[i].finish_reason = FinishReason::error;
            } else if (length == spec.context || requests_[i].max_tokens == 0) {
                results_[i].finish_reason = FinishReason::length;
            } else {
                ready.push_back(i);
            }
        }
        return ready;
    }

    /// Computes what these rows hold so far and draws their next ids.
    void admit(std::vector<std::unique_ptr<Row>> rows) {
        // Such a text is a context whose continuation is not known: any id stands for it.
        std::vector<ScoreRequest> texts;
        std::vector<std::size_t> all;
        const std::int64_t short_text = machine_.transformer.spec().short_text();
        const Cuts cuts = traits_.cuts_show ? Cuts::declared : Cuts::free;
        for (const auto& row : rows) {
            ScoreRequest text{.tokens = row->history,
                              .context_length = row->history.size(),
                              .prefix_length = requests_[row->request].prefix_length};
            row->long_text = static_cast<std::int64_t>(row->history.size()) > short_text;
            text.tokens.push_back(0);
            all.push_back(texts.size());
            texts.push_back(std::move(text));
        }
        const ScoreTree tree = build_score_tree(texts, all, short_text, cuts);
        TreeRunner runner{machine_, tree.nodes};
        for (const ScoreTarget& target : tree.targets) keep_path(runner, tree, target.node);
        std::vector<std::vector<Row*>> waiting(tree.nodes.size());
        for (const ScoreTarget& target : tree.targets)
            waiting[static_cast<std::size_t>(target.node)].push_back(rows[target.request].get());
        runner.run([&](const std::vector<TreeRow>& places, const at::Tensor& states) {
            extend_prompts(places, states, waiting);
        });
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i]->states = runner.states(tree.targets[i].node);
            if (!finished(*rows[i])) rows_.push_back(std::move(rows[i]));
        }
    }

    /// A text that outgrows the short frequencies of its model's ropes is computed anew with the
    /// long ones.
    void readmit_long_texts() {
        const std::int64_t short_text = machine_.transformer.spec().short_text();
        const auto outgrown = std::ranges::partition(rows_, [&](const auto& row) {
            return row->long_text || static_cast<std::int64_t>(row->history.size()) <= short_text;
        });
        if (outgrown.empty()) return;
        std::vector<std::unique_ptr<Row>> rows;
        for (auto& row : outgrown) rows.push_back(std::move(row));
        rows_.erase(outgrown.begin(), outgrown.end());
        admit(std::move(rows));
    }

    static void keep_path(TreeRunner& runner, const ScoreTree& tree, std::int64_t node) {
        for (; node >= 0; node = tree.nodes[static_cast<std::size_t>(node)].parent)
            runner.keep(node);
    }

    std::unique_ptr<Row> new_row(std::size_t request) const {
        auto row = std::make_unique<Row>();
        row->request = request;
        row->history = requests_[request].prompt;
        row->stop_ids = machine_.transformer.spec().end_ids;
        if (const auto end = tokenizer_.eos()) row->stop_ids.push_back(*end);
        // A stop text that is one special token never shows in the decoded text.
        for (const std::string& text : requests_[request].stop) {
            const std::vector<TokenId> ids = tokenizer_.encode(text, false);
            if (ids.size() == 1 && tokenizer_.is_special(ids[0])) row->stop_ids.push_back(ids[0]);
        }
        return row;
    }

    void extend_prompts(const std::vector<TreeRow>& places, const at::Tensor& states,
                        const std::vector<std::vector<Row*>>& waiting) {
        std::vector<std::int64_t> wanted;
        std::vector<std::vector<Row*>> rows;
        for (std::size_t i = 0; i < places.size(); ++i) {
            const auto& some = waiting[static_cast<std::size_t>(places[i].node)];
            if (some.empty()) continue;
            wanted.push_back(static_cast<std::int64_t>(i));
            rows.push_back(some);
        }
        if (wanted.empty()) return;
        const at::Tensor index = at::tensor(wanted, at::kLong).to(states.device());
        extend_all(states.index_select(0, index), rows);
    }

    [[nodiscard]] bool takes_best(const Row& row) const {
        const Sampling& sampling = requests_[row.request].sampling;
        return sampling.temperature == 0.0 && sampling.repetition_penalty == 1.0;
    }

    /// One more id for each of rows[i] from state i. Rows that take their most probable id need no
    /// logits. Which way a row goes is its request's own matter, since the ways may round
    /// differently.
    void extend_all(const at::Tensor& states, const std::vector<std::vector<Row*>>& rows) {
        std::vector<std::vector<Row*>> best;
        std::vector<std::vector<Row*>> drawn;
        std::vector<std::int64_t> best_places;
        std::vector<std::int64_t> drawn_places;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::vector<Row*> some = rows[i];
            const auto sampled = std::ranges::stable_partition(
                some, [&](const Row* row) { return takes_best(*row); });
            const auto place = static_cast<std::int64_t>(i);
            if (!sampled.empty()) {
                drawn.emplace_back(sampled.begin(), sampled.end());
                drawn_places.push_back(place);
            }
            some.erase(sampled.begin(), sampled.end());
            if (!some.empty()) {
                best.push_back(std::move(some));
                best_places.push_back(place);
            }
        }
        const auto picked = [&](const std::vector<std::int64_t>& places) {
            return states.index_select(0, at::tensor(places, at::kLong).to(states.device()));
        };
        if (!best.empty()) {
            const std::vector<TokenId> ids = head_.best(picked(best_places));
            for (std::size_t i = 0; i < best.size(); ++i)
                for (Row* row : best[i]) row->history.push_back(ids[i]);
        }
        if (!drawn.empty()) sample_all(picked(drawn_places), drawn);
    }

    void sample_all(const at::Tensor& states, const std::vector<std::vector<Row*>>& rows) {
        const std::int64_t vocabulary = machine_.transformer.spec().vocabulary;
        const std::int64_t most = std::max<std::int64_t>(1, most_logits / vocabulary);
        for (std::int64_t first = 0; first < states.size(0); first += most) {
            const std::int64_t count = std::min(most, states.size(0) - first);
            const at::Tensor logits = head_.logits(states.narrow(0, first, count));
            const float* data = logits.const_data_ptr<float>();
            at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i)
                    for (Row* row : rows[static_cast<std::size_t>(first + i)])
                        extend(*row, data + i * vocabulary);
            });
        }
    }

    /// One more id for every row; finished rows leave.
    void step() {
        readmit_long_texts();
        if (rows_.empty()) return;
        ForwardInput input;
        for (const auto& row : rows_) add_row(*row, input);
        const at::Tensor states = machine_.transformer.step(std::move(input));
        std::vector<std::vector<Row*>> rows;
        for (const auto& row : rows_) rows.push_back({row.get()});
        extend_all(states, rows);
        std::erase_if(rows_, [&](const auto& row) { return finished(*row); });
        if (machine_.progress) machine_.progress();
    }

    void add_row(Row& row, ForwardInput& input) const {
        const ModelSpec& spec = machine_.transformer.spec();
        Span span;
        span.first_row = static_cast<std::int64_t>(input.ids.size());
        span.count = 1;
        span.position = static_cast<std::int64_t>(row.history.size()) - 1;
        span.long_text = row.long_text;
        if (row.states.back()->end() <= span.position) {
            const std::int64_t end = std::min(spec.context, (span.position / growth + 1) * growth);
            row.states.push_back(
                machine_.transformer.backend().allocate(span.position, end - span.position));
        }
        for (const auto& state : row.states) span.states.push_back(state.get());
        input.ids.push_back(row.history.back());
        input.spans.push_back(std::move(span));
    }

    void extend(Row& row, const float* logits) const {
        const GenerateRequest& request = requests_[row.request];
        const auto size = static_cast<std::size_t>(machine_.transformer.spec().vocabulary);
        const auto number = static_cast<std::uint32_t>(row.history.size() - request.prompt.size());
        const double uniform =
            request.sampling.temperature == 0.0 ? 0.0 : random_uniform(request.key, number);
        row.history.push_back(sample({logits, size}, request.sampling, row.history, uniform));
    }

    /// Judges the newest id; when the text ends with it, writes the result.
    bool finished(const Row& row) {
        const GenerateRequest& request = requests_[row.request];
        GenerateResult& result = results_[row.request];
        const auto generated =
            row.history.begin() + static_cast<std::ptrdiff_t>(request.prompt.size());
        result.tokens.assign(generated, row.history.end());
        if (std::ranges::find(row.stop_ids, result.tokens.back()) != row.stop_ids.end()) {
            result.tokens.pop_back();
            result.text = text::decode_behind(tokenizer_, request.prompt, result.tokens, true);
            result.finish_reason = FinishReason::stop;
            return true;
        }
        const bool full =
            result.tokens.size() >= request.max_tokens ||
            static_cast<std::int64_t>(row.history.size()) >= machine_.transformer.spec().context;
        if (!full && request.stop.empty()) return false;
        result.text = text::decode_behind(tokenizer_, request.prompt, result.tokens, true);
        result.finish_reason = FinishReason::length;
        return cut_at_stop(request, result) || full;
    }

    static bool cut_at_stop(const GenerateRequest& request, GenerateResult& result) {
        std::size_t cut = std::string::npos;
        for (const std::string& text : request.stop)
            if (!text.empty()) cut = std::min(cut, result.text.find(text));
        if (cut == std::string::npos) return false;
        result.text.resize(cut);
        result.finish_reason = FinishReason::stop;
        return true;
    }

    std::span<const GenerateRequest> requests_;
    TreeMachine machine_;
    const Head& head_;
    const text::Tokenizer& tokenizer_;
    BackendTraits traits_;
    std::vector<GenerateResult> results_;
    std::vector<std::unique_ptr<Row>> rows_;
};

}  // namespace

std::vector<GenerateResult> generate_requests(std::span<const GenerateRequest> requests,
                                              TreeMachine machine, const Head& head,
                                              const text::Tokenizer& tokenizer) {
    return Generation{requests, machine, head, tokenizer}.run();
}

}  // namespace evoke::lm
