#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evoke/evolution/operators.hpp"

namespace evoke::test {

/// One operator of the registry, on a task with four demonstrations (ids 10 to 13) and two labels.
class OperatorBench {
public:
    explicit OperatorBench(const std::string& name, evolution::SearchOptions options = {}) {
        options.operators = {name};
        evolution::TaskSketch task;
        task.labels = {"good", "bad"};
        const std::vector<std::string> inputs{"fine", "dull", "nice", "poor"};
        for (std::uint32_t i = 0; i < 4; ++i) {
            task.demonstrations.push_back({inputs[i], task.labels[i % 2]});
            task.demonstration_ids.emplace_back(10 + i);
        }
        task.dev[ExampleId{3}] = {"so so", "good"};
        task.dev[ExampleId{4}] = {"no way", "bad"};
        operators_ = evolution::make_operators(options, {}, std::move(task));
    }

    [[nodiscard]] const evolution::Operator& operation() const { return *operators_[0]; }

    /// A plan with parents of these instructions, numbered from 0.
    [[nodiscard]] evolution::Plan plan(const std::vector<std::string>& instructions) const {
        evolution::Plan plan{.operation = operators_[0].get()};
        for (const std::string& text : instructions) {
            population::Individual parent;
            parent.id = IndividualId{plan.parents.size()};
            parent.genome.instruction = text;
            plan.parents.push_back(std::move(parent));
        }
        return plan;
    }

    [[nodiscard]] static RandomKey key(std::uint32_t slot, std::uint32_t attempt = 0) {
        return {.seed = 5,
                .purpose = Purpose::variation,
                .generation = 1,
                .slot = slot,
                .attempt = attempt};
    }

    /// What an edit operator makes, for the keys of `slots` slots.
    [[nodiscard]] std::vector<std::string> made(const std::vector<std::string>& instructions,
                                                std::uint32_t slots) const {
        std::vector<std::string> texts;
        for (std::uint32_t slot = 0; slot < slots; ++slot)
            texts.push_back(operation().make(plan(instructions), {}, key(slot)).instruction);
        return texts;
    }

private:
    std::vector<std::unique_ptr<const evolution::Operator>> operators_;
};

}  // namespace evoke::test
