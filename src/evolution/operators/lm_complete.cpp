#include "evolution/operators/lm_complete.hpp"

#include <algorithm>
#include <utility>

#include "evolution/phrases.hpp"
#include "evolution/replies.hpp"

namespace evoke::evolution {

namespace {

class LmComplete final : public LanguageOperator {
public:
    explicit LmComplete(const OperatorContext& context)
        : LanguageOperator{context, {.name = "lm-complete", .parents = 3, .stop = {"\n"}}} {}

    [[nodiscard]] std::optional<MetaPrompt> meta_prompt(const Plan& plan,
                                                        const RandomKey& key) const override {
        std::vector<std::string> items;
        for (const auto& parent : plan.parents) {
            std::string line = join_words(split_words(parent.genome.instruction));
            if (std::ranges::find(items, line) == items.end()) items.push_back(std::move(line));
        }
        return ask(plan, std::move(items), key);
    }
    [[nodiscard]] Parsed parse(const Reply& reply) const override {
        return parse_first_line(reply);
    }
};

}  // namespace

std::unique_ptr<const Operator> make_lm_complete(const OperatorContext& context) {
    return std::make_unique<LmComplete>(context);
}

}  // namespace evoke::evolution
