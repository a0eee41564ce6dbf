#include "support/scripted_services.hpp"

#include <algorithm>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace evoke::test {

using evolution::Answered;
using evolution::Evaluated;
using evolution::Event;
using evolution::Ticket;

namespace {

std::vector<std::string> split(std::string_view text) {
    std::istringstream stream{std::string{text}};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

}  // namespace

Ticket ScriptedServices::submit(const population::Genome& genome, const population::Block& block) {
    evaluated.push_back(genome);
    Evaluated result{.ticket = next_ticket(), .outcomes = {}};
    for (const ExampleId example : block.examples)
        result.outcomes.push_back(on_evaluate(genome, example));
    const Ticket ticket = result.ticket;
    waiting_.emplace_back(std::move(result));
    return ticket;
}

Ticket ScriptedServices::submit(const evolution::MetaPrompt& prompt) {
    asked.push_back(prompt);
    const Ticket ticket = next_ticket();
    waiting_.emplace_back(Answered{.ticket = ticket, .reply = on_ask(prompt)});
    return ticket;
}

Ticket ScriptedServices::submit(const population::ContinueUnit& unit) {
    continued.push_back(unit);
    const Ticket ticket = next_ticket();
    waiting_.emplace_back(Answered{.ticket = ticket, .reply = on_continue(unit)});
    return ticket;
}

Event ScriptedServices::wait() {
    if (waiting_.empty()) throw std::logic_error{"wait, but nothing is under way"};
    std::size_t place = 0;
    if (order == Order::last_first) place = waiting_.size() - 1;
    if (order == Order::shuffled)
        place = random_below({.seed = shuffle_seed}, draw_++, waiting_.size());
    Event event = std::move(waiting_[place]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(place));
    return event;
}

std::size_t ScriptedServices::prompt_tokens(const population::Genome& genome) const {
    if (!genome.tokens.empty()) return genome.tokens.size();
    return split(genome.instruction).size() + genome.demonstrations.size();
}

bool ScriptedServices::is_plain_text(const population::Genome& genome) const {
    return genome.instruction.find("<|") == std::string::npos;
}

std::vector<TokenId> ScriptedServices::tokenize(std::string_view text) const {
    std::vector<TokenId> tokens;
    for (const std::string& word : split(text)) {
        const auto found = std::ranges::find(words, word);
        if (found == words.end()) throw std::invalid_argument{"not a word of the test: " + word};
        tokens.push_back(static_cast<TokenId>(found - words.begin()));
    }
    return tokens;
}

std::string ScriptedServices::detokenize(std::span<const TokenId> tokens) const {
    std::string text;
    for (const TokenId token : tokens)
        text += (text.empty() ? "" : " ") + words.at(static_cast<std::size_t>(token));
    return text;
}

std::span<const TokenId> ScriptedServices::vocabulary() const {
    vocabulary_.clear();
    for (std::size_t i = 0; i < words.size(); ++i) vocabulary_.push_back(static_cast<TokenId>(i));
    return vocabulary_;
}

population::Outcome outcome(std::vector<float> values) {
    return {.values = std::move(values), .prompt_tokens = 10, .generated_tokens = 1};
}

population::Outcome overflow(std::size_t measures) {
    return {.values = std::vector<float>(measures, std::numeric_limits<float>::quiet_NaN()),
            .status = population::OutcomeStatus::overflow};
}

population::Reply reply(std::string text, bool truncated) {
    return {.text = std::move(text),
            .tokens = {},
            .truncated = truncated,
            .prompt_tokens = 1,
            .generated_tokens = 1};
}

population::Reply tagged(const std::string& text) {
    return reply("<prompt>" + text + "</prompt>");
}

population::Block block_of(std::uint32_t size) {
    population::Block block;
    for (std::uint32_t i = 0; i < size; ++i) block.examples.emplace_back(i);
    return block;
}

}  // namespace evoke::test
