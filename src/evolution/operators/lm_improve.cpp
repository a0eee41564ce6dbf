#include "evolution/operators/lm_improve.hpp"

#include "evolution/replies.hpp"

namespace evoke::evolution {

namespace {

class LmImprove final : public LanguageOperator {
public:
    explicit LmImprove(const OperatorContext& context)
        : LanguageOperator{context, {.name = "lm-improve", .parents = 1, .chat = true}} {}
    [[nodiscard]] Parsed parse(const Reply& reply) const override { return parse_tagged(reply); }
};

}  // namespace

std::unique_ptr<const Operator> make_lm_improve(const OperatorContext& context) {
    return std::make_unique<LmImprove>(context);
}

}  // namespace evoke::evolution
