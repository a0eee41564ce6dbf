#include "evolution/operators/edit_swap.hpp"

#include <algorithm>
#include <utility>

#include "evolution/operators/edit_operator.hpp"
#include "evolution/phrases.hpp"

namespace evoke::evolution {

namespace {

class EditSwap final : public EditOperator {
public:
    EditSwap() : EditOperator{"edit-swap", 1} {}

    [[nodiscard]] population::Genome make(const Plan& plan, std::string_view,
                                          const RandomKey& key) const override {
        population::Genome child = plan.parents.front().genome;
        auto parts = split_parts(child.instruction);
        if (parts.size() < 2) return child;
        const auto first = random_below(key, 0, parts.size());
        const auto step = 1 + random_below(key, 1, parts.size() - 1);
        std::swap(parts[first], parts[(first + step) % parts.size()]);
        child.instruction = join_words(parts);
        return child;
    }
};

}  // namespace

std::unique_ptr<const Operator> make_edit_swap(const OperatorContext&) {
    return std::make_unique<EditSwap>();
}

}  // namespace evoke::evolution
