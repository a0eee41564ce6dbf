#include "evolution/operators/lm_paraphrase.hpp"

#include "evolution/replies.hpp"

namespace evoke::evolution {

namespace {

class LmParaphrase final : public LanguageOperator {
public:
    explicit LmParaphrase(const OperatorContext& context)
        : LanguageOperator{context, {.name = "lm-paraphrase", .parents = 1, .chat = true}} {}
    [[nodiscard]] Parsed parse(const Reply& reply) const override { return parse_tagged(reply); }
};

}  // namespace

std::unique_ptr<const Operator> make_lm_paraphrase(const OperatorContext& context) {
    return std::make_unique<LmParaphrase>(context);
}

}  // namespace evoke::evolution
