#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "evoke/core/random.hpp"
#include "evoke/evolution/services.hpp"

namespace evoke::test {

/// Services without a cluster or a model: answers come from functions, in any order wanted. Words
/// are tokens: the vocabulary is `words`, token n is words[n], and any other word counts as one
/// token, too.
class ScriptedServices final : public evolution::Services {
public:
    enum class Order { first_first, last_first, shuffled };

    std::function<population::Outcome(const population::Genome&, ExampleId)> on_evaluate;
    std::function<population::Reply(const evolution::MetaPrompt&)> on_ask;
    std::function<population::Reply(const population::ContinueUnit&)> on_continue;
    Order order = Order::first_first;
    std::uint64_t shuffle_seed = 0;
    std::vector<std::string> words;

    // What was asked for, in the order of submission.
    std::vector<population::Genome> evaluated;
    std::vector<evolution::MetaPrompt> asked;
    std::vector<population::ContinueUnit> continued;

    evolution::Ticket submit(const population::Genome& genome,
                             const population::Block& block) override;
    evolution::Ticket submit(const evolution::MetaPrompt& prompt) override;
    evolution::Ticket submit(const population::ContinueUnit& unit) override;
    [[nodiscard]] evolution::Event wait() override;
    [[nodiscard]] std::size_t under_way() const { return waiting_.size(); }

    /// Words of the instruction and one for each demonstration; or its own tokens.
    [[nodiscard]] std::size_t prompt_tokens(const population::Genome& genome) const override;
    /// "<|…|>" stands for a special token.
    [[nodiscard]] bool is_plain_text(const population::Genome& genome) const override;
    /// Requires: every word is one of `words`.
    [[nodiscard]] std::vector<TokenId> tokenize(std::string_view text) const override;
    [[nodiscard]] std::string detokenize(std::span<const TokenId> tokens) const override;
    [[nodiscard]] std::span<const TokenId> vocabulary() const override;

private:
    evolution::Ticket next_ticket() { return evolution::Ticket{ticket_++}; }

    std::deque<evolution::Event> waiting_;
    std::uint64_t ticket_ = 0;
    std::uint32_t draw_ = 0;
    mutable std::vector<TokenId> vocabulary_;
};

/// An outcome with these measures, ten prompt tokens and one generated token.
[[nodiscard]] population::Outcome outcome(std::vector<float> values);
/// One that did not fit the context.
[[nodiscard]] population::Outcome overflow(std::size_t measures = 1);
/// A reply of one prompt token and one generated token.
[[nodiscard]] population::Reply reply(std::string text, bool truncated = false);
/// "<prompt>text</prompt>" as a reply.
[[nodiscard]] population::Reply tagged(const std::string& text);
/// A block with the examples 0 .. size-1.
[[nodiscard]] population::Block block_of(std::uint32_t size);

}  // namespace evoke::test
