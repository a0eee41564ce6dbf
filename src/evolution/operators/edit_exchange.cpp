#include "evolution/operators/edit_exchange.hpp"

#include <algorithm>
#include <utility>

#include "evolution/operators/edit_operator.hpp"
#include "evolution/phrases.hpp"

namespace evoke::evolution {

namespace {

class EditExchange final : public EditOperator {
public:
    EditExchange() : EditOperator{"edit-exchange", 2} {}

    [[nodiscard]] population::Genome make(const Plan& plan, std::string_view,
                                          const RandomKey& key) const override {
        population::Genome child = plan.parents.front().genome;
        auto parts = split_parts(child.instruction);
        auto others = split_parts(plan.parents[1].genome.instruction);
        if (parts.empty() || others.empty()) return child;
        auto& replaced = parts[random_below(key, 0, parts.size())];
        replaced = std::move(others[random_below(key, 1, others.size())]);
        child.instruction = join_words(parts);
        return child;
    }
};

}  // namespace

std::unique_ptr<const Operator> make_edit_exchange(const OperatorContext&) {
    return std::make_unique<EditExchange>();
}

}  // namespace evoke::evolution
