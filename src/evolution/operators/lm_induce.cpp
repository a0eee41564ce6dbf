#include "evolution/operators/lm_induce.hpp"

#include "evolution/replies.hpp"

namespace evoke::evolution {

namespace {

class LmInduce final : public LanguageOperator {
public:
    explicit LmInduce(const OperatorContext& context)
        : LanguageOperator{context, {.name = "lm-induce", .parents = 0, .chat = true}} {}
    [[nodiscard]] Parsed parse(const Reply& reply) const override { return parse_tagged(reply); }
};

}  // namespace

std::unique_ptr<const Operator> make_lm_induce(const OperatorContext& context) {
    return std::make_unique<LmInduce>(context);
}

}  // namespace evoke::evolution
