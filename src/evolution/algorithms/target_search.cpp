#include "evolution/algorithms/target_search.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "evoke/core/format.hpp"
#include "evoke/evolution/measures.hpp"
#include "evolution/note.hpp"
#include "evolution/replies.hpp"
#include "evolution/token_changes.hpp"

namespace evoke::evolution {

namespace {

using population::ContinueUnit;
using population::Genome;
using population::Individual;
using population::SearchState;

/// Tokens that the continuation is shown with behind those that the target needs.
constexpr std::size_t shown_tokens = 4;
/// Changes tried for each candidate wanted, before an iteration makes do with fewer.
constexpr std::size_t patience = 8;

struct Candidate {
    Genome genome;
    std::string operation;
    std::vector<IndividualId> parents;
};

/// What one iteration tries: no candidate twice, none that was measured before, and none whose text
/// would be read as other tokens.
class Candidates {
public:
    Candidates(const Services& services, const SearchState& state, std::size_t wanted)
        : services_{services}, state_{state}, wanted_{wanted} {}

    [[nodiscard]] bool full() const { return list_.size() >= wanted_; }
    [[nodiscard]] std::vector<Candidate> take() { return std::move(list_); }

    void add(TokenChange change) {
        if (full()) return;
        Genome genome{.instruction = services_.detokenize(change.tokens),
                      .demonstrations = {},
                      .tokens = std::move(change.tokens)};
        if (services_.tokenize(genome.instruction) != genome.tokens) return;
        const ContentHash hash = content_hash(genome);
        if (state_.seen.contains(hash) || !hashes_.insert(hash).second) return;
        list_.push_back(
            {std::move(genome), std::string{change.operation}, std::move(change.parents)});
    }

private:
    const Services& services_;
    const SearchState& state_;
    std::size_t wanted_;
    std::set<ContentHash> hashes_;
    std::vector<Candidate> list_;
};

Genome as_tokens(const Genome& genome, const Services& services) {
    Genome next = genome;
    if (next.tokens.empty()) next.tokens = services.tokenize(genome.instruction);
    next.instruction = services.detokenize(next.tokens);
    if (next.tokens.empty())
        throw InputError{Diagnostic{.what = "search.initial",
                                    .expected = "prompts of at least one token",
                                    .found = "an empty one"}};
    return next;
}

std::vector<Reply> continued(std::span<const ContinueUnit> units, SearchState& state,
                             Services& services) {
    std::vector<Reply> replies = services.continue_all(units);
    for (const Reply& reply : replies) {
        state.spent.prompt_tokens += reply.prompt_tokens;
        state.spent.generated_tokens += reply.generated_tokens;
    }
    return replies;
}

class TargetSearch final : public Algorithm {
public:
    explicit TargetSearch(Setting setting) : setting_{std::move(setting)} {
        if (trimmed(setting_.problem.target).empty())
            throw InputError{Diagnostic{.what = "task.target",
                                        .expected = "the text that the model shall continue with",
                                        .found = "none"}};
    }

    [[nodiscard]] std::string_view name() const override { return "target-search"; }

    [[nodiscard]] SearchState start(Services& services) const override {
        SearchState state;
        std::vector<Candidate> first;
        for (const Genome& initial : setting_.problem.initial) {
            Genome genome = as_tokens(initial, services);
            if (std::ranges::find(first, genome, &Candidate::genome) == first.end())
                first.push_back({std::move(genome), "initial", {}});
        }
        std::vector<Individual> measured = measure(state, std::move(first), services);
        state.archive = best_of(measured, 1, setting_.objectives());
        select(state, std::move(measured));
        conclude(state, services);
        return state;
    }

    [[nodiscard]] SearchState step(SearchState state, Services& services) const override {
        open_generation(state);
        Candidates candidates{services, state,
                              static_cast<std::size_t>(setting_.options.candidates)};
        add_continuations(candidates, state, services);
        add_changes(candidates, state, services);
        select(state, measure(state, candidates.take(), services));
        conclude(state, services);
        return state;
    }

private:
    static void add_continuations(Candidates& candidates, SearchState& state, Services& services) {
        const Individual best = state.population.front();
        const auto& tokens = best.genome.tokens;
        std::vector<ContinueUnit> units;
        for (std::size_t kept = 1; kept < tokens.size(); ++kept)
            units.push_back(
                {.tokens = {tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(kept)},
                 .max_tokens = static_cast<std::uint32_t>(tokens.size() - kept)});
        const auto vocabulary = sorted_vocabulary(services);
        for (const std::vector<Reply> replies = continued(units, state, services);
             const Reply& reply : replies) {
            const auto kept = static_cast<std::size_t>(&reply - replies.data()) + 1;
            for (auto& change : continuation_changes(best, kept, reply.tokens, vocabulary))
                candidates.add(std::move(change));
        }
    }

    void add_changes(Candidates& candidates, const SearchState& state,
                     const Services& services) const {
        const auto vocabulary = services.vocabulary();
        if (vocabulary.empty()) throw InputError{"the model has no ordinary tokens to search with"};
        const auto tries = patience * static_cast<std::size_t>(setting_.options.candidates);
        for (std::uint32_t slot = 0; slot < tries && !candidates.full(); ++slot)
            candidates.add(change_tokens(state.population, vocabulary,
                                         {.seed = setting_.problem.seed,
                                          .purpose = Purpose::variation,
                                          .generation = state.generation,
                                          .slot = slot}));
    }

    static std::vector<TokenId> sorted_vocabulary(const Services& services) {
        const auto vocabulary = services.vocabulary();
        std::vector<TokenId> sorted{vocabulary.begin(), vocabulary.end()};
        std::ranges::sort(sorted);
        return sorted;
    }

    /// Numbers, measures and counts candidates; their scores enter the matrix.
    std::vector<Individual> measure(SearchState& state, std::vector<Candidate> candidates,
                                    Services& services) const {
        std::vector<Genome> genomes;
        for (const Candidate& candidate : candidates) genomes.push_back(candidate.genome);
        const auto outcomes = services.evaluate(genomes, setting_.problem.dev);
        std::vector<Individual> measured;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            state.seen.insert(content_hash(genomes[i]));
            count_outcomes(state.spent, outcomes[i]);
            Individual one{.id = state.next_id,
                           .genome = std::move(genomes[i]),
                           .parents = std::move(candidates[i].parents),
                           .operation = std::move(candidates[i].operation),
                           .generation = state.generation,
                           .slot = static_cast<std::uint32_t>(i)};
            ++state.next_id.value;
            set_measures(one, outcomes[i], setting_.problem.measures,
                         services.prompt_tokens(one.genome), setting_.objectives());
            state.scores.set(one.id, setting_.problem.dev, outcomes[i]);
            measured.push_back(std::move(one));
        }
        return measured;
    }

    /// The best of population and candidates survive; born are those who entered anything.
    void select(SearchState& state, std::vector<Individual> measured) const {
        state.archive = updated_archive(state.archive, measured, setting_.objectives());
        std::vector<Individual> all = state.population;
        all.insert(all.end(), measured.begin(), measured.end());
        state.population = best_of(std::move(all), setting_.population(), setting_.objectives());
        const auto holds = [](const std::vector<Individual>& group, const Individual& one) {
            return std::ranges::find(group, one.id, &Individual::id) != group.end();
        };
        for (Individual& one : measured) {
            if (state.generation > 0 && !holds(state.population, one) && !holds(state.archive, one))
                continue;
            if (state.generation > 0) record(state, one);
            state.born.push_back(std::move(one));
        }
        keep_rows(state);
    }

    static void record(SearchState& state, const Individual& one) {
        ++state.spent.proposals;
        state.proposals.push_back({.generation = one.generation,
                                   .slot = one.slot,
                                   .operation = one.operation,
                                   .parents = one.parents,
                                   .raw = one.genome.instruction,
                                   .child = one.id});
    }

    /// Asks what the best prompt continues with, and says so.
    void conclude(SearchState& state, Services& services) const {
        const Individual& best = state.population.front();
        const std::size_t needed = services.tokenize(setting_.problem.target).size();
        const std::vector<ContinueUnit> units{
            {.tokens = best.genome.tokens,
             .max_tokens = static_cast<std::uint32_t>(needed + shown_tokens)}};
        const Reply reply = continued(units, state, services).front();
        state.finished = continues_with(setting_.problem.target, best.genome, reply, services);
        state.note = note(state, reply);
    }

    std::string note(const SearchState& state, const Reply& reply) const {
        const Individual& best = state.population.front();
        std::string text = format("{} continues with {}", in_quotes(best.genome.instruction),
                                  in_quotes(reply.text));
        for (std::size_t i = 0; i < setting_.problem.measures.size(); ++i)
            text += format("; {} {:.4f}", setting_.problem.measures[i], best.measures[i]);
        if (best.generation == state.generation && state.generation > 0)
            text += "; by " + best.operation;
        else if (state.generation > 0)
            text += format("; unchanged since iteration {}", best.generation);
        if (state.finished) {
            text += format("; the target is reached after {} iterations", state.generation);
        } else if (static_cast<int>(state.generation) >= setting_.options.generations) {
            text += format("; the limit of {} iterations is reached, the target is not",
                           setting_.options.generations);
        }
        return text;
    }

    Setting setting_;
};

}  // namespace

bool continues_with(std::string_view target, const Genome& prompt, const Reply& reply,
                    const Services& services) {
    std::vector<TokenId> tokens = prompt.tokens;
    const std::string before = services.detokenize(tokens);
    for (std::size_t count = 0; count < reply.tokens.size(); ++count) {
        tokens.push_back(reply.tokens[count]);
        const std::string whole = services.detokenize(tokens);
        if (whole.starts_with(before) &&
            trimmed(std::string_view{whole}.substr(before.size())) == trimmed(target))
            return true;
    }
    return false;
}

std::unique_ptr<Algorithm> make_target_search(Setting setting) {
    return std::make_unique<TargetSearch>(std::move(setting));
}

}  // namespace evoke::evolution
