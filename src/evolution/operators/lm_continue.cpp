#include "evolution/operators/lm_continue.hpp"

#include <algorithm>

#include "evolution/phrases.hpp"
#include "evolution/replies.hpp"

namespace evoke::evolution {

namespace {

/// The words that are kept; nothing when the parent has none.
std::string beginning(const Plan& plan, RandomKey key) {
    key.purpose = Purpose::variation;
    const auto words = split_words(plan.parents.front().genome.instruction);
    const std::size_t least = std::max<std::size_t>(1, words.size() / 3);
    const std::size_t most = std::max(least, words.size() - std::min<std::size_t>(1, words.size()));
    const std::size_t kept = least + random_below(key, 0, most - least + 1);
    return join_words(std::span{words}.first(std::min(kept, words.size())));
}

bool starts_with_letter_or_quote(std::string_view text) {
    return !text.empty() &&
           std::string_view{".,;:!?)'"}.find(text.front()) == std::string_view::npos;
}

class LmContinue final : public LanguageOperator {
public:
    explicit LmContinue(const OperatorContext& context)
        : LanguageOperator{context, {.name = "lm-continue", .parents = 1, .stop = {"\n"}}} {}

    [[nodiscard]] std::optional<MetaPrompt> meta_prompt(const Plan& plan,
                                                        const RandomKey& key) const override {
        const std::string kept = beginning(plan, key);
        // Nothing to continue: the child is the parent again, and is refused as a duplicate.
        if (kept.empty()) return std::nullopt;
        return ask(plan, {kept}, key);
    }
    [[nodiscard]] Parsed parse(const Reply& reply) const override { return parse_sentence(reply); }
    [[nodiscard]] population::Genome make(const Plan& plan, std::string_view text,
                                          const RandomKey& key) const override {
        std::string whole = beginning(plan, key);
        if (starts_with_letter_or_quote(text)) whole += ' ';
        whole += text;
        return LanguageOperator::make(plan, whole, key);
    }
};

}  // namespace

std::unique_ptr<const Operator> make_lm_continue(const OperatorContext& context) {
    return std::make_unique<LmContinue>(context);
}

}  // namespace evoke::evolution
