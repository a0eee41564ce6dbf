#include "evolution/operators/edit_repeat.hpp"

#include <algorithm>
#include <utility>

#include "evolution/operators/edit_operator.hpp"
#include "evolution/phrases.hpp"

namespace evoke::evolution {

namespace {

class EditRepeat final : public EditOperator {
public:
    EditRepeat() : EditOperator{"edit-repeat", 1} {}

    [[nodiscard]] population::Genome make(const Plan& plan, std::string_view,
                                          const RandomKey& key) const override {
        population::Genome child = plan.parents.front().genome;
        auto parts = split_parts(child.instruction);
        if (parts.empty()) return child;
        const std::string again = parts[random_below(key, 0, parts.size())];
        const auto place = random_below(key, 1, parts.size() + 1);
        parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(place), again);
        child.instruction = join_words(parts);
        return child;
    }
};

}  // namespace

std::unique_ptr<const Operator> make_edit_repeat(const OperatorContext&) {
    return std::make_unique<EditRepeat>();
}

}  // namespace evoke::evolution
