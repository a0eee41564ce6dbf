#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "evoke/core/ids.hpp"
#include "evoke/population/block.hpp"
#include "evoke/population/genome.hpp"
#include "evoke/population/outcome.hpp"
#include "evoke/population/wire.hpp"

namespace evoke::evolution {

/// A text for the proposing model, and how it is sampled.
using MetaPrompt = population::AskUnit;
using population::Reply;

/// Identifies something submitted; unique within a process.
using Ticket = Id<struct TicketTag>;

/// Outcomes of one genome on one block, in the block's order.
struct Evaluated {
    Ticket ticket;
    std::vector<population::Outcome> outcomes;
};
struct Answered {
    Ticket ticket;
    Reply reply;
};
using Event = std::variant<Evaluated, Answered>;

/// What an algorithm is handed instead of a cluster, a model or a tokenizer. Tests script it.
/// Calls come from the search thread alone. Any of them may throw Stopped (the user or the budget
/// of wall time asked to stop) or EnvironmentError.
class Services {
public:
    virtual ~Services() = default;

    virtual Ticket submit(const population::Genome& genome, const population::Block& block) = 0;
    virtual Ticket submit(const MetaPrompt& prompt) = 0;
    virtual Ticket submit(const population::ContinueUnit& unit) = 0;
    /// The next of the submitted to be finished, in whatever order that happens: whoever calls must
    /// make the result independent of the order.
    /// Requires: something submitted that was not handed back yet.
    [[nodiscard]] virtual Event wait() = 0;

    /// Tokens of the genome's own text (instruction and demonstrations as they are shown, or its
    /// own tokens), tokenised alone: the measure "prompt_tokens", and what max_prompt_tokens
    /// limits.
    [[nodiscard]] virtual std::size_t prompt_tokens(const population::Genome& genome) const = 0;
    /// Whether the genome's text is text alone: it spells out no token that a tokenizer takes for a
    /// special one (an end of text, a role). Such a prompt would act by accident of its spelling.
    [[nodiscard]] virtual bool is_plain_text(const population::Genome& genome) const = 0;
    [[nodiscard]] virtual std::vector<TokenId> tokenize(std::string_view text) const = 0;
    [[nodiscard]] virtual std::string detokenize(std::span<const TokenId> tokens) const = 0;
    /// Ordinary tokens that a search may put into a prompt: printable, and no special ones. Whether
    /// a token survives decode and encode depends on its neighbours: a search checks whole prompts.
    [[nodiscard]] virtual std::span<const TokenId> vocabulary() const = 0;

    // The three below wait for everything they submit. Requires: nothing else is under way.

    /// Outcomes in the order of `genomes`, each in the order of the block.
    [[nodiscard]] std::vector<std::vector<population::Outcome>> evaluate(
        std::span<const population::Genome> genomes, const population::Block& block);
    /// Replies in the order of `prompts`.
    [[nodiscard]] std::vector<Reply> ask(std::span<const MetaPrompt> prompts);
    /// Replies in the order of `units`.
    [[nodiscard]] std::vector<Reply> continue_all(std::span<const population::ContinueUnit> units);
};

/// Thrown out of a service to unwind the search: results so far are journalled.
struct Stopped {
    enum class Why { interrupted, terminated, walltime };
    Why why;
};

}  // namespace evoke::evolution
