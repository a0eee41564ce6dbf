#include "evoke/evaluation/cache.hpp"

#include <array>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "evaluation/utf8.hpp"

namespace evoke::evaluation {

namespace {

using population::AskUnit;
using population::ContinueUnit;
using population::Outcome;
using population::Reply;

void feed(ContentHasher& hasher, const AskUnit& unit) {
    hasher.field(std::string_view{"ask"})
        .field(std::string_view{unit.prompt})
        .field(std::uint64_t{unit.chat ? 1U : 0U})
        .field(std::uint64_t{unit.stop.size()});
    for (const std::string& stop : unit.stop) hasher.field(std::string_view{stop});
    hasher.field(std::uint64_t{unit.max_tokens})
        .field(unit.temperature)
        .field(unit.top_p)
        .field(unit.key.seed)
        .field(static_cast<std::uint64_t>(unit.key.purpose))
        .field(std::uint64_t{unit.key.generation})
        .field(std::uint64_t{unit.key.slot})
        .field(std::uint64_t{unit.key.attempt});
}

void feed(ContentHasher& hasher, const ContinueUnit& unit) {
    hasher.field(std::string_view{"continue"}).field(std::uint64_t{unit.tokens.size()});
    for (const TokenId id : unit.tokens) hasher.field(static_cast<std::uint64_t>(id));
    hasher.field(std::uint64_t{unit.max_tokens});
}

/// With as many digits as tell it from its neighbours.
std::string digits(float value) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string describe(const Outcome& outcome) {
    std::string text = "{values";
    for (const float value : outcome.values) text += " " + digits(value);
    return text + ", " + std::string{to_string(outcome.status)} + ", " +
           std::to_string(outcome.prompt_tokens) + " + " +
           std::to_string(outcome.generated_tokens) + " tokens}";
}

std::string describe(const Reply& reply) {
    return "{" + in_quotes(reply.text, 200) + (reply.truncated ? ", truncated, " : ", ") +
           std::to_string(reply.prompt_tokens) + " + " + std::to_string(reply.generated_tokens) +
           " tokens}";
}

template <class Result>
[[noreturn]] void refuse(const ContentHash& key, const Result& known, const Result& given) {
    throw std::logic_error{"two answers to one question (key " + to_string(key) +
                           "): " + describe(known) + " and " + describe(given)};
}

}  // namespace

ContentHash Cache::outcome_key(const population::Genome& genome, ExampleId example) const {
    return ContentHasher{}
        .field(context_)
        .field(std::string_view{"outcome"})
        .field(population::content_hash(genome))
        .field(std::uint64_t{example.value})
        .finish();
}

ContentHash Cache::reply_key(const population::Unit& unit) const {
    ContentHasher hasher;
    hasher.field(context_);
    if (const auto* ask = std::get_if<AskUnit>(&unit)) {
        feed(hasher, *ask);
    } else if (const auto* more = std::get_if<ContinueUnit>(&unit)) {
        feed(hasher, *more);
    } else {
        throw std::invalid_argument{"reply_key: an EvaluateUnit has outcomes, not a reply"};
    }
    return hasher.finish();
}

const Outcome* Cache::find_outcome(const ContentHash& key) const {
    const auto found = outcomes_.find(key);
    return found == outcomes_.end() ? nullptr : &found->second;
}

const Reply* Cache::find_reply(const ContentHash& key) const {
    const auto found = replies_.find(key);
    return found == replies_.end() ? nullptr : &found->second;
}

void Cache::put(const ContentHash& key, const Outcome& outcome) {
    const auto [known, is_new] = outcomes_.try_emplace(key, outcome);
    if (!is_new && !known->second.same_result(outcome)) refuse(key, known->second, outcome);
}

void Cache::put(const ContentHash& key, const Reply& reply) {
    const auto [known, is_new] = replies_.try_emplace(key, reply);
    if (!is_new && known->second != reply) refuse(key, known->second, reply);
}

}  // namespace evoke::evaluation
