#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "evoke/evolution/operators.hpp"
#include "evolution/meta_template.hpp"

namespace evoke::evolution {

/// What a factory of operators is handed.
struct OperatorContext {
    const SearchOptions& options;
    const std::filesystem::path& base;  ///< what options.meta_prompts starts from
    std::shared_ptr<const TaskSketch> task;
};

/// How a kind of language operator shows its meta-prompt.
struct LanguageStyle {
    std::string_view name;
    std::size_t parents = 1;
    bool chat = false;  ///< whether options.chat applies: not where a text goes on
    std::vector<std::string> stop = {};
};

/// An operator that asks the model: fills a template, and takes the answer as the instruction.
class LanguageOperator : public Operator {
public:
    /// The job's template file when there is one, else the built-in one. Throws InputError.
    LanguageOperator(const OperatorContext& context, LanguageStyle style);

    [[nodiscard]] std::string_view name() const final { return style_.name; }
    [[nodiscard]] std::size_t parents() const final { return style_.parents; }
    [[nodiscard]] std::optional<MetaPrompt> meta_prompt(const Plan& plan,
                                                        const RandomKey& key) const override;
    [[nodiscard]] population::Genome make(const Plan& plan, std::string_view text,
                                          const RandomKey& key) const override;

protected:
    /// The meta-prompt with these texts as parents.
    [[nodiscard]] MetaPrompt ask(const Plan& plan, std::vector<std::string> parents,
                                 const RandomKey& key) const;

private:
    LanguageStyle style_;
    MetaTemplate template_;
    std::shared_ptr<const TaskSketch> task_;
    MetaPrompt sampling_;  ///< everything but prompt and key
};

/// Demonstrations of a child: those of its only parent; of several parents as many as they have on
/// average, drawn from all of theirs.
[[nodiscard]] std::vector<ExampleId> inherited_demonstrations(const Plan& plan, RandomKey key);

}  // namespace evoke::evolution
