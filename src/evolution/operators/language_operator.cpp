#include "evolution/operators/language_operator.hpp"

#include <algorithm>
#include <utility>

#include "evoke/core/file.hpp"

namespace evoke::evolution {

namespace {

MetaTemplate load_template(const OperatorContext& context, const LanguageStyle& style) {
    if (!context.options.meta_prompts.empty()) {
        const auto file =
            context.base / context.options.meta_prompts / (std::string{style.name} + ".txt");
        if (std::filesystem::exists(file))
            return {read_text_file(file), file.string(), style.parents};
    }
    return {builtin_meta_prompt(style.name), "built-in " + std::string{style.name} + ".txt",
            style.parents};
}

/// A text that shows examples needs some.
void check_examples(const MetaTemplate& text, const TaskSketch& task, std::string_view name) {
    const bool shows = text.demonstrations() > 0 || (text.mistakes() > 0 && task.dev.empty());
    if (shows && task.demonstrations.empty())
        throw InputError{
            Diagnostic{.what = "task.demonstrations",
                       .expected = "examples for the meta-prompt of " + std::string{name},
                       .found = "none"}};
}

RandomKey with_purpose(RandomKey key, Purpose purpose) {
    key.purpose = purpose;
    return key;
}

/// Up to `count` demonstrations of the task, drawn without replacement.
std::vector<TaskSketch::Pair> drawn(const TaskSketch& task, std::size_t count,
                                    const RandomKey& key) {
    std::vector<TaskSketch::Pair> pairs;
    if (count == 0) return pairs;
    for (const std::size_t i : random_permutation(key, task.demonstrations.size())) {
        if (pairs.size() == count) break;
        pairs.push_back(task.demonstrations[i]);
    }
    return pairs;
}

/// Up to `count` of the plan's mistakes; demonstrations when no mistake is known.
std::vector<TaskSketch::Pair> drawn_mistakes(const TaskSketch& task, const Plan& plan,
                                             std::size_t count, const RandomKey& key) {
    std::vector<TaskSketch::Pair> pairs;
    if (count == 0) return pairs;
    for (const std::size_t i : random_permutation(key, plan.mistakes.size())) {
        if (pairs.size() == count) break;
        const auto shown = task.dev.find(plan.mistakes[i]);
        if (shown != task.dev.end()) pairs.push_back(shown->second);
    }
    return pairs.empty() ? drawn(task, count, key) : pairs;
}

}  // namespace

LanguageOperator::LanguageOperator(const OperatorContext& context, LanguageStyle style)
    : style_{std::move(style)}, template_{load_template(context, style_)}, task_{context.task} {
    check_examples(template_, *task_, style_.name);
    const SearchOptions& options = context.options;
    sampling_ = {.prompt = {},
                 .chat = style_.chat && options.chat,
                 .stop = style_.stop,
                 .max_tokens = static_cast<std::uint32_t>(options.proposal_tokens),
                 .temperature = options.temperature,
                 .top_p = options.top_p,
                 .key = {}};
    sampling_.stop.insert(sampling_.stop.end(), options.stop.begin(), options.stop.end());
}

std::optional<MetaPrompt> LanguageOperator::meta_prompt(const Plan& plan,
                                                        const RandomKey& key) const {
    std::vector<std::string> texts;
    for (const auto& parent : plan.parents) texts.push_back(parent.genome.instruction);
    return ask(plan, std::move(texts), key);
}

MetaPrompt LanguageOperator::ask(const Plan& plan, std::vector<std::string> parents,
                                 const RandomKey& key) const {
    const RandomKey shown = with_purpose(key, Purpose::demonstration);
    MetaPrompt prompt = sampling_;
    prompt.prompt =
        template_.render({.parents = std::move(parents),
                          .demonstrations = drawn(*task_, template_.demonstrations(), shown),
                          .mistakes = drawn_mistakes(*task_, plan, template_.mistakes(), shown),
                          .labels = task_->labels});
    prompt.key = with_purpose(key, Purpose::proposal);
    return prompt;
}

population::Genome LanguageOperator::make(const Plan& plan, std::string_view text,
                                          const RandomKey& key) const {
    return {.instruction = std::string{text},
            .demonstrations = inherited_demonstrations(plan, key),
            .tokens = {}};
}

std::vector<ExampleId> inherited_demonstrations(const Plan& plan, RandomKey key) {
    if (plan.parents.empty()) return {};
    if (plan.parents.size() == 1) return plan.parents.front().genome.demonstrations;
    std::vector<ExampleId> all;
    std::size_t total = 0;
    for (const auto& parent : plan.parents) {
        total += parent.genome.demonstrations.size();
        for (const ExampleId id : parent.genome.demonstrations)
            if (std::ranges::find(all, id) == all.end()) all.push_back(id);
    }
    const auto order =
        random_permutation(with_purpose(key, Purpose::demonstration), all.size(), 1U << 16U);
    std::vector<ExampleId> kept;
    for (std::size_t i = 0; i < std::min(total / plan.parents.size(), all.size()); ++i)
        kept.push_back(all[order[i]]);
    return kept;
}

}  // namespace evoke::evolution
