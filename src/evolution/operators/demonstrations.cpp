#include "evolution/operators/demonstrations.hpp"

#include <algorithm>
#include <utility>

#include "evolution/operators/edit_operator.hpp"

namespace evoke::evolution {

namespace {

enum class Change { add, drop, swap };

std::string_view name_of(Change change) {
    switch (change) {
        case Change::add:
            return "demonstrations-add";
        case Change::drop:
            return "demonstrations-drop";
        default:
            return "demonstrations-swap";
    }
}

class ChangeDemonstrations final : public EditOperator {
public:
    ChangeDemonstrations(const OperatorContext& context, Change change)
        : EditOperator{name_of(change), 1},
          change_{change},
          most_{static_cast<std::size_t>(context.options.demonstrations)},
          task_{context.task} {
        if (most_ == 0)
            throw InputError{Diagnostic{
                .what = "search.demonstrations",
                .expected = "1 or more, since search.operators has " + std::string{name()},
                .found = "0"}};
        if (task_->demonstration_ids.empty())
            throw InputError{Diagnostic{.what = "task.demonstrations",
                                        .expected = "examples for " + std::string{name()},
                                        .found = "none"}};
    }

    [[nodiscard]] population::Genome make(const Plan& plan, std::string_view,
                                          const RandomKey& key) const override {
        RandomKey choice = key;
        choice.purpose = Purpose::demonstration;
        population::Genome child = plan.parents.front().genome;
        auto& shown = child.demonstrations;
        Change change = change_;
        if (change == Change::add && shown.size() >= most_) change = Change::swap;
        if (shown.empty()) change = Change::add;

        const auto at = shown.empty() ? 0 : random_below(choice, 0, shown.size());
        const auto others = not_in(shown);
        if (change == Change::drop) {
            shown.erase(shown.begin() + static_cast<std::ptrdiff_t>(at));
        } else if (!others.empty()) {
            const ExampleId next = others[random_below(choice, 1, others.size())];
            if (change == Change::add) shown.push_back(next);
            if (change == Change::swap) shown[at] = next;
        }
        return child;
    }

private:
    std::vector<ExampleId> not_in(const std::vector<ExampleId>& shown) const {
        std::vector<ExampleId> others;
        std::ranges::copy_if(
            task_->demonstration_ids, std::back_inserter(others),
            [&](ExampleId id) { return std::ranges::find(shown, id) == shown.end(); });
        return others;
    }

    Change change_;
    std::size_t most_;
    std::shared_ptr<const TaskSketch> task_;
};

}  // namespace

std::unique_ptr<const Operator> make_demonstrations_add(const OperatorContext& context) {
    return std::make_unique<ChangeDemonstrations>(context, Change::add);
}

std::unique_ptr<const Operator> make_demonstrations_drop(const OperatorContext& context) {
    return std::make_unique<ChangeDemonstrations>(context, Change::drop);
}

std::unique_ptr<const Operator> make_demonstrations_swap(const OperatorContext& context) {
    return std::make_unique<ChangeDemonstrations>(context, Change::swap);
}

}  // namespace evoke::evolution
