#include "app/search_services.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "evoke/core/error.hpp"
#include "evoke/core/format.hpp"
#include "evoke/evaluation/render.hpp"
#include "evoke/text/ordinary.hpp"

namespace evoke::app {

using evolution::Answered;
using evolution::Evaluated;
using evolution::Event;
using evolution::Ticket;
using population::AskUnit;
using population::Block;
using population::ContinueUnit;
using population::EvaluateUnit;
using population::Genome;
using population::Outcome;
using population::Reply;
using population::Unit;

namespace {

/// A rough measure of work; it cuts and orders units and never touches a result.
std::uint64_t tokens_in(std::size_t bytes) {
    return bytes / 3 + 1;
}

constexpr auto patience = std::chrono::milliseconds{100};

}  // namespace

SearchServices::SearchServices(Parts parts) : parts_{std::move(parts)} {}

Ticket SearchServices::submit(const Genome& genome, const Block& block) {
    const Ticket ticket = next_ticket();
    std::vector<ExampleId> missing;
    for (const ExampleId example : block.examples) {
        const auto key = parts_.cache.outcome_key(genome, example);
        if (parts_.cache.find_outcome(key) == nullptr) missing.push_back(example);
    }
    counts_.cache_hits += block.examples.size() - missing.size();
    counts_.cache_misses += missing.size();
    evaluations_[ticket] = {genome, block.examples, missing.size()};
    if (missing.empty()) {
        ready_.push_back(assemble(ticket));
    } else {
        wanted_.push_back({ticket, std::move(missing)});
    }
    return ticket;
}

Ticket SearchServices::submit(const evolution::MetaPrompt& prompt) {
    return submit_reply(Unit{prompt});
}

Ticket SearchServices::submit(const ContinueUnit& unit) {
    return submit_reply(Unit{unit});
}

Ticket SearchServices::submit_reply(Unit unit) {
    const Ticket ticket = next_ticket();
    if (const Reply* known = parts_.cache.find_reply(parts_.cache.reply_key(unit))) {
        ++counts_.cache_hits;
        ready_.push_back(Answered{ticket, *known});
    } else {
        ++counts_.cache_misses;
        asks_.push_back({std::move(unit), {ticket}});
    }
    return ticket;
}

std::uint64_t SearchServices::weight_of(const Genome& genome,
                                        std::span<const ExampleId> examples) const {
    std::uint64_t weight = tokens_in(genome.instruction.size());
    for (const ExampleId id : examples) {
        weight += tokens_in(parts_.task.example(id).input.size());
    }
    return weight;
}

/// Genomes that want the same examples share a unit, so that small prompts (a token search tries
/// hundreds) reach the model as one batch; large ones are cut by examples.
void SearchServices::flush_evaluations() {
    std::map<std::vector<ExampleId>, std::vector<Ticket>> groups;
    std::uint64_t total = 0;
    for (const Wanted& wanted : wanted_) {
        groups[wanted.examples].push_back(wanted.ticket);
        total += weight_of(evaluations_.at(wanted.ticket).genome, wanted.examples);
    }
    wanted_.clear();
    // At least two units a rank, so that nobody waits for the last one.
    const auto limit = std::max<std::uint64_t>(
        1, std::min<std::uint64_t>(static_cast<std::uint64_t>(parts_.unit_tokens),
                                   total / (2 * parts_.ranks) + 1));
    for (const auto& [examples, tickets] : groups) {
        InFlight work;
        std::uint64_t weight = 0;
        const auto close = [&](std::vector<ExampleId> of) {
            if (work.tickets.empty()) return;
            EvaluateUnit unit{{}, std::move(of)};
            for (const Ticket ticket : work.tickets) {
                unit.genomes.push_back(evaluations_.at(ticket).genome);
            }
            work.unit = std::move(unit);
            send(std::exchange(work, {}), std::exchange(weight, 0));
        };
        for (const Ticket ticket : tickets) {
            const Genome& genome = evaluations_.at(ticket).genome;
            const std::uint64_t whole = weight_of(genome, examples);
            if (weight + whole > limit) close(examples);
            if (whole <= limit) {
                work.tickets.push_back(ticket);
                weight += whole;
                continue;
            }
            const auto pieces = std::min<std::size_t>(
                examples.size(), static_cast<std::size_t>((whole + limit - 1) / limit));
            for (std::size_t piece = 0; piece < pieces; ++piece) {
                const auto from = examples.size() * piece / pieces;
                const auto to = examples.size() * (piece + 1) / pieces;
                std::vector<ExampleId> part(examples.begin() + static_cast<std::ptrdiff_t>(from),
                                            examples.begin() + static_cast<std::ptrdiff_t>(to));
                work.tickets.push_back(ticket);
                weight = weight_of(genome, part);
                close(std::move(part));
            }
        }
        close(examples);
    }
}

void SearchServices::flush() {
    if (!wanted_.empty()) flush_evaluations();
    for (InFlight& ask : std::exchange(asks_, {})) {
        std::uint64_t weight = 0;
        if (const auto* prompt = std::get_if<AskUnit>(&ask.unit)) {
            weight = tokens_in(prompt->prompt.size()) + prompt->max_tokens;
        } else {
            weight = std::get<ContinueUnit>(ask.unit).max_tokens;
        }
        send(std::move(ask), weight);
    }
}

void SearchServices::send(InFlight work, std::uint64_t weight) {
    const UnitId id = parts_.queue.submit(population::encode(work.unit), weight);
    in_flight_.emplace(id, std::move(work));
}

Event SearchServices::wait() {
    flush();
    while (ready_.empty()) {
        if (journal_ != nullptr) journal_->tick();
        parts_.between();
        const auto event = parts_.queue.wait_for(patience);
        if (!event) continue;
        if (const auto* done = std::get_if<cluster::UnitDone>(&*event)) {
            settle(*done);
        } else if (const auto* failed = std::get_if<cluster::UnitFailed>(&*event)) {
            throw EnvironmentError{"a unit of work failed on every attempt: " + failed->reason};
        }
        // A stop request needs nothing here: `between` reads the flag and unwinds.
    }
    Event next = std::move(ready_.front());
    ready_.pop_front();
    return next;
}

void SearchServices::settle(const cluster::UnitDone& done) {
    const auto found = in_flight_.find(done.unit);
    if (found == in_flight_.end()) return;  // of an earlier, unwound search
    const InFlight work = std::move(found->second);
    in_flight_.erase(found);
    ++counts_.units;
    population::UnitResult result = population::decode_result(done.result);
    if (auto* outcomes = std::get_if<population::EvaluateResult>(&result)) {
        settle_outcomes(work, std::move(*outcomes));
    } else {
        settle_reply(work, std::get<Reply>(std::move(result)));
    }
}

void SearchServices::settle_outcomes(const InFlight& work, population::EvaluateResult result) {
    const auto& unit = std::get<EvaluateUnit>(work.unit);
    checkpoint::JournalOutcomes entry;
    for (const Genome& genome : unit.genomes) {
        for (const ExampleId example : unit.examples) {
            entry.keys.push_back(parts_.cache.outcome_key(genome, example));
        }
    }
    if (entry.keys.size() != result.outcomes.size()) {
        throw std::logic_error{format("a unit of {} evaluations was answered with {} outcomes",
                                      entry.keys.size(), result.outcomes.size())};
    }
    entry.outcomes = std::move(result.outcomes);
    for (std::size_t i = 0; i < entry.keys.size(); ++i) {
        const Outcome& outcome = entry.outcomes[i];
        counts_.computed_tokens += outcome.prompt_tokens + outcome.generated_tokens;
        parts_.cache.put(entry.keys[i], outcome);
    }
    if (journal_ != nullptr) journal_->append(entry);
    for (const Ticket ticket : work.tickets) {
        Evaluation& evaluation = evaluations_.at(ticket);
        evaluation.missing -= unit.examples.size();
        if (evaluation.missing == 0) ready_.push_back(assemble(ticket));
    }
}

void SearchServices::settle_reply(const InFlight& work, Reply reply) {
    const auto key = parts_.cache.reply_key(work.unit);
    counts_.computed_tokens += reply.prompt_tokens + reply.generated_tokens;
    parts_.cache.put(key, reply);
    if (journal_ != nullptr) journal_->append(checkpoint::JournalReply{key, reply});
    ready_.push_back(Answered{work.tickets.front(), std::move(reply)});
}

Event SearchServices::assemble(Ticket ticket) {
    const Evaluation evaluation = std::move(evaluations_.at(ticket));
    evaluations_.erase(ticket);
    Evaluated result{ticket, {}};
    result.outcomes.reserve(evaluation.examples.size());
    for (const ExampleId example : evaluation.examples) {
        const auto key = parts_.cache.outcome_key(evaluation.genome, example);
        result.outcomes.push_back(*parts_.cache.find_outcome(key));
    }
    return result;
}

std::size_t SearchServices::prompt_tokens(const Genome& genome) const {
    if (!genome.tokens.empty()) return genome.tokens.size();
    return parts_.tokenizer.encode(evaluation::own_text(parts_.task, genome), false).size();
}

bool SearchServices::is_plain_text(const Genome& genome) const {
    if (!genome.tokens.empty()) return true;  // chosen from the vocabulary, not read from a text
    const auto ids = parts_.tokenizer.encode(evaluation::own_text(parts_.task, genome), false);
    return std::none_of(ids.begin(), ids.end(),
                        [&](TokenId id) { return parts_.tokenizer.is_special(id); });
}

std::vector<TokenId> SearchServices::tokenize(std::string_view text) const {
    return parts_.tokenizer.encode(text, false);
}

std::string SearchServices::detokenize(std::span<const TokenId> tokens) const {
    return parts_.tokenizer.decode(tokens, false);
}

std::span<const TokenId> SearchServices::vocabulary() const {
    if (!vocabulary_.empty()) return vocabulary_;
    const auto& tokenizer = parts_.tokenizer;
    for (std::size_t i = 0; i < tokenizer.vocabulary_size(); ++i) {
        const auto id = static_cast<TokenId>(i);
        if (text::is_ordinary(tokenizer, id)) vocabulary_.push_back(id);
    }
    return vocabulary_;
}

ServiceCounts SearchServices::take_counts() {
    return std::exchange(counts_, {});
}

}  // namespace evoke::app
