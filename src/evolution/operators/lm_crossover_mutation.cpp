#include "evolution/operators/lm_crossover_mutation.hpp"

#include "evolution/replies.hpp"

namespace evoke::evolution {

namespace {

class LmCrossoverMutation final : public LanguageOperator {
public:
    explicit LmCrossoverMutation(const OperatorContext& context)
        : LanguageOperator{context, {.name = "lm-crossover-mutation", .parents = 2, .chat = true}} {
    }
    [[nodiscard]] Parsed parse(const Reply& reply) const override { return parse_tagged(reply); }
};

}  // namespace

std::unique_ptr<const Operator> make_lm_crossover_mutation(const OperatorContext& context) {
    return std::make_unique<LmCrossoverMutation>(context);
}

}  // namespace evoke::evolution
