#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "evoke/checkpoint/journal.hpp"
#include "evoke/cluster/cluster.hpp"
#include "evoke/evaluation/cache.hpp"
#include "evoke/evaluation/task.hpp"
#include "evoke/evolution/services.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::app {

/// What the cluster did for one generation.
struct ServiceCounts {
    std::uint64_t cache_hits = 0;
    std::uint64_t cache_misses = 0;
    std::uint64_t units = 0;
    std::uint64_t computed_tokens = 0;  ///< prompt and generated tokens of finished units
};

/// Connects an algorithm to the cluster: cuts what is asked into units, answers from the cache what
/// is known, writes finished units to the journal. Used by the search thread alone.
class SearchServices final : public evolution::Services {
public:
    struct Parts {
        cluster::WorkQueue& queue;
        evaluation::Cache& cache;
        const evaluation::Task& task;
        const text::Tokenizer& tokenizer;
        int unit_tokens = 0;
        std::size_t ranks = 1;
        /// Called between events: renews locks, shows progress. May throw Stopped.
        std::function<void()> between;
    };
    explicit SearchServices(Parts parts);

    evolution::Ticket submit(const population::Genome& genome,
                             const population::Block& block) override;
    evolution::Ticket submit(const evolution::MetaPrompt& prompt) override;
    evolution::Ticket submit(const population::ContinueUnit& unit) override;
    [[nodiscard]] evolution::Event wait() override;

    [[nodiscard]] std::size_t prompt_tokens(const population::Genome& genome) const override;
    [[nodiscard]] bool is_plain_text(const population::Genome& genome) const override;
    [[nodiscard]] std::vector<TokenId> tokenize(std::string_view text) const override;
    [[nodiscard]] std::string detokenize(std::span<const TokenId> tokens) const override;
    [[nodiscard]] std::span<const TokenId> vocabulary() const override;

    /// Where finished units are written from now on; it must outlive its use.
    void use_journal(checkpoint::Journal& journal) { journal_ = &journal; }
    /// Counts since the last call.
    [[nodiscard]] ServiceCounts take_counts();
    [[nodiscard]] const ServiceCounts& counts() const { return counts_; }

private:
    struct Evaluation {
        population::Genome genome;
        std::vector<ExampleId> examples;
        std::size_t missing = 0;
    };
    /// A genome with the examples that are not known yet.
    struct Wanted {
        evolution::Ticket ticket;
        std::vector<ExampleId> examples;
    };
    /// What a unit in flight will answer.
    struct InFlight {
        population::Unit unit;
        std::vector<evolution::Ticket> tickets;  ///< per genome, or per ask
    };

    evolution::Ticket next_ticket() { return evolution::Ticket{++last_ticket_}; }
    evolution::Ticket submit_reply(population::Unit unit);
    void flush();
    void flush_evaluations();
    void send(InFlight work, std::uint64_t weight);
    [[nodiscard]] std::uint64_t weight_of(const population::Genome& genome,
                                          std::span<const ExampleId> examples) const;
    void settle(const cluster::UnitDone& done);
    void settle_outcomes(const InFlight& work, population::EvaluateResult result);
    void settle_reply(const InFlight& work, population::Reply reply);
    [[nodiscard]] evolution::Event assemble(evolution::Ticket ticket);

    Parts parts_;
    checkpoint::Journal* journal_ = nullptr;
    ServiceCounts counts_;
    std::uint64_t last_ticket_ = 0;
    std::map<evolution::Ticket, Evaluation> evaluations_;
    std::vector<Wanted> wanted_;
    std::vector<InFlight> asks_;
    std::unordered_map<UnitId, InFlight> in_flight_;
    std::deque<evolution::Event> ready_;
    mutable std::vector<TokenId> vocabulary_;
};

}  // namespace evoke::app
