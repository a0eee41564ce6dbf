#pragma once

#include <string_view>

#include "evoke/evolution/operators.hpp"

namespace evoke::evolution {

/// An operator that needs no model: only `make` is left to write.
class EditOperator : public Operator {
public:
    EditOperator(std::string_view name, std::size_t parents) : name_{name}, parents_{parents} {}

    [[nodiscard]] std::string_view name() const final { return name_; }
    [[nodiscard]] std::size_t parents() const final { return parents_; }
    [[nodiscard]] std::optional<MetaPrompt> meta_prompt(const Plan&, const RandomKey&) const final {
        return std::nullopt;
    }
    [[nodiscard]] Parsed parse(const Reply& reply) const final {
        return {.verdict = population::Verdict::accepted, .instruction = reply.text};
    }

private:
    std::string_view name_;
    std::size_t parents_;
};

}  // namespace evoke::evolution
