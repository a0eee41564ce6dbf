#include "evolution/operators/edit_delete.hpp"

#include <algorithm>
#include <utility>

#include "evolution/operators/edit_operator.hpp"
#include "evolution/phrases.hpp"

namespace evoke::evolution {

namespace {

class EditDelete final : public EditOperator {
public:
    EditDelete() : EditOperator{"edit-delete", 1} {}

    [[nodiscard]] population::Genome make(const Plan& plan, std::string_view,
                                          const RandomKey& key) const override {
        population::Genome child = plan.parents.front().genome;
        auto parts = split_parts(child.instruction);
        if (parts.empty()) return child;
        const auto gone = random_below(key, 0, parts.size());
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(gone));
        child.instruction = join_words(parts);
        return child;
    }
};

}  // namespace

std::unique_ptr<const Operator> make_edit_delete(const OperatorContext&) {
    return std::make_unique<EditDelete>();
}

}  // namespace evoke::evolution
