#include "evoke/evolution/breed.hpp"

#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "evoke/evolution/measures.hpp"

namespace evoke::evolution {

namespace {

using population::Genome;
using population::Outcome;
using population::Proposal;
using population::Verdict;

// Every genome prefers the lowest slot, and every slot wants its proposals in the order of their
// attempts. A slot holds a genome until a lower slot claims the same one, and then goes on with its
// next attempt. This is deferred acceptance (Gale and Shapley 1962), whose result does not depend
// on the order of proposals, and with preferences that all genomes share it is the result of
// filling the slots one after the other. Therefore
//   * a slot asks again only when its last proposal is refused for good, so every proposal counts;
//   * a genome is evaluated once, as soon as any slot holds it, and is some slot's child in the
//   end,
//     so every evaluation counts, too.
class Brood {
public:
    Brood(Services& services, std::span<const Plan> plans, const population::Block& block,
          const BreedOptions& options, const population::SearchState& state)
        : services_{services}, block_{block}, options_{options}, state_{state} {
        for (const Plan& plan : plans) {
            if (!plan.operation || plan.parents.size() != plan.operation->parents())
                throw std::invalid_argument{"a plan without the parents that its operator needs"};
            slots_.push_back({.plan = &plan, .proposals = {}, .genome = {}, .hash = {}});
        }
    }

    void run() {
        for (std::size_t slot = 0; slot < slots_.size(); ++slot) to_propose_.push_back(slot);
        propose_all();
        while (!asked_.empty() || !evaluating_.empty()) {
            handle(services_.wait());
            propose_all();
        }
    }

    Litter litter(population::SearchState& state) {
        Litter litter;
        for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
            if (slots_[slot].genome) litter.children.push_back(child(slot, state));
            for (const Proposal& proposal : slots_[slot].proposals) {
                ++state.spent.proposals;
                state.spent.prompt_tokens += proposal.prompt_tokens;
                state.spent.generated_tokens += proposal.generated_tokens;
                litter.proposals.push_back(proposal);
            }
        }
        return litter;
    }

private:
    struct Slot {
        const Plan* plan;
        std::vector<Proposal> proposals;
        std::optional<Genome> genome;  ///< held: the last proposal, so far accepted
        ContentHash hash;
    };
    struct Claim {
        std::size_t slot;
        std::vector<Outcome> outcomes;
    };

    RandomKey key(std::size_t slot) const {
        return {.seed = options_.seed,
                .purpose = Purpose::variation,
                .generation = options_.generation,
                .slot = static_cast<std::uint32_t>(slot),
                .attempt = static_cast<std::uint32_t>(slots_[slot].proposals.size())};
    }

    void propose_all() {
        while (!to_propose_.empty()) {
            const std::size_t slot = to_propose_.front();
            to_propose_.pop_front();
            propose(slot);
        }
    }

    void propose(std::size_t slot) {
        const Plan& plan = *slots_[slot].plan;
        if (slots_[slot].proposals.size() >= options_.attempts) return;
        if (const auto prompt = plan.operation->meta_prompt(plan, key(slot))) {
            asked_.emplace(services_.submit(*prompt), slot);
            return;
        }
        Genome genome = plan.operation->make(plan, {}, key(slot));
        std::string raw = genome.instruction;
        consider(slot, std::move(genome), Reply{.text = std::move(raw)});
    }

    void handle(Event event) {
        if (auto* evaluated = std::get_if<Evaluated>(&event)) {
            const auto hash = evaluating_.extract(evaluated->ticket);
            if (hash.empty()) throw std::logic_error{"an evaluation that nobody asked for"};
            claims_.at(hash.mapped()).outcomes = std::move(evaluated->outcomes);
            return;
        }
        auto& answered = std::get<Answered>(event);
        const auto asked = asked_.extract(answered.ticket);
        if (asked.empty()) throw std::logic_error{"an answer that nobody asked for"};
        read(asked.mapped(), answered.reply);
    }

    void read(std::size_t slot, const Reply& reply) {
        const Plan& plan = *slots_[slot].plan;
        const Parsed parsed = plan.operation->parse(reply);
        if (parsed.verdict != Verdict::accepted) return refuse(slot, reply, parsed.verdict);
        consider(slot, plan.operation->make(plan, parsed.instruction, key(slot)), reply);
    }

    void consider(std::size_t slot, Genome genome, const Reply& reply) {
        if (genome == Genome{}) return refuse(slot, reply, Verdict::empty);
        if (!services_.is_plain_text(genome)) return refuse(slot, reply, Verdict::malformed);
        if (services_.prompt_tokens(genome) > options_.max_prompt_tokens)
            return refuse(slot, reply, Verdict::too_long);
        const ContentHash hash = content_hash(genome);
        if (state_.seen.contains(hash)) return refuse(slot, reply, Verdict::duplicate);

        const auto [claim, first] = claims_.try_emplace(hash, Claim{slot, {}});
        if (!first && claim->second.slot < slot) return refuse(slot, reply, Verdict::duplicate);
        if (first) evaluating_.emplace(services_.submit(genome, block_), hash);
        if (!first) give_up(std::exchange(claim->second.slot, slot));
        record(slot, reply, Verdict::accepted);
        slots_[slot].hash = hash;
        slots_[slot].genome = std::move(genome);
    }

    /// A lower slot claimed what this one held.
    void give_up(std::size_t slot) {
        slots_[slot].genome.reset();
        slots_[slot].proposals.back().verdict = Verdict::duplicate;
        to_propose_.push_back(slot);
    }

    void refuse(std::size_t slot, const Reply& reply, Verdict verdict) {
        record(slot, reply, verdict);
        to_propose_.push_back(slot);
    }

    void record(std::size_t slot, const Reply& reply, Verdict verdict) {
        const Plan& plan = *slots_[slot].plan;
        Proposal proposal{.generation = options_.generation,
                          .slot = static_cast<std::uint32_t>(slot),
                          .attempt = key(slot).attempt,
                          .operation = std::string{plan.operation->name()},
                          .raw = reply.text,
                          .verdict = verdict,
                          .prompt_tokens = reply.prompt_tokens,
                          .generated_tokens = reply.generated_tokens};
        for (const auto& parent : plan.parents) proposal.parents.push_back(parent.id);
        slots_[slot].proposals.push_back(std::move(proposal));
    }

    Child child(std::size_t slot, population::SearchState& state) {
        Slot& filled = slots_[slot];
        Proposal& proposal = filled.proposals.back();
        proposal.child = state.next_id;
        Child child{.individual = {.id = state.next_id,
                                   .genome = std::move(*filled.genome),
                                   .parents = proposal.parents,
                                   .operation = proposal.operation,
                                   .generation = options_.generation,
                                   .slot = proposal.slot,
                                   .attempt = proposal.attempt},
                    .outcomes = std::move(claims_.at(filled.hash).outcomes)};
        ++state.next_id.value;
        state.seen.insert(filled.hash);
        count_outcomes(state.spent, child.outcomes);
        return child;
    }

    Services& services_;
    const population::Block& block_;
    const BreedOptions& options_;
    const population::SearchState& state_;
    std::vector<Slot> slots_;
    std::deque<std::size_t> to_propose_;
    std::map<Ticket, std::size_t> asked_;
    std::map<Ticket, ContentHash> evaluating_;
    std::unordered_map<ContentHash, Claim> claims_;
};

}  // namespace

Litter breed(Services& services, std::span<const Plan> plans, const population::Block& block,
             const BreedOptions& options, population::SearchState& state) {
    Brood brood{services, plans, block, options, state};
    brood.run();
    return brood.litter(state);
}

}  // namespace evoke::evolution
