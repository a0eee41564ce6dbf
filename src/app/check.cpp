#include <cstdio>

#include "app/commands.hpp"
#include "evoke/core/format.hpp"
#include "evoke/evaluation/estimate.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::app {

namespace {

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
}

/// What the search asks for, at most: logical work, before the cache saves any.
void print_cost(const Prepared& prepared) {
    const auto& job = prepared.job;
    const auto tokenizer = text::load_tokenizer(job.model.path);
    const auto problem = problem_of(job, *prepared.task);
    const auto chat = job.task.chat ? text::load_chat_template(job.model.path) : std::nullopt;
    const auto cost =
        evaluation::estimate(*prepared.task, *tokenizer, problem.initial, chat ? &*chat : nullptr);
    const bool tokens_search = job.search.algorithm == "target-search";
    const auto children =
        static_cast<std::uint64_t>(tokens_search ? job.search.candidates : job.search.population) *
        static_cast<std::uint64_t>(job.search.generations);
    const auto individuals = problem.initial.size() + children;
    const auto evaluations = individuals * cost.examples;
    const auto prompt_tokens = static_cast<double>(evaluations) * cost.mean.prompt_tokens;
    const auto generated = evaluations * cost.generated_tokens;
    print(format("{}: sound\n", job.file.string()));
    print(format("  model       {} ({}), {:.1f} M parameters, context {} tokens\n", job.model.path,
                 prepared.model.model_type, static_cast<double>(prepared.model.parameters) / 1e6,
                 prepared.model.context_length));
    print(format("  data        {} dev, {} test, {} for demonstrations\n",
                 prepared.task->dev().size(), prepared.task->test().size(),
                 prepared.task->demonstrations().size()));
    print(format("  search      {}: {} first prompts, {} generations, at most {} individuals\n",
                 job.search.algorithm, problem.initial.size(), job.search.generations,
                 individuals));
    print(
        format("  a prompt    {:.1f} tokens an example, {} of them shared by all "
               "(exact, over the first prompts); longest {} of {}\n",
               cost.mean.prompt_tokens, cost.mean.shared_tokens, cost.mean.longest,
               prepared.model.context_length));
    print(
        format("  in all      {} evaluations, {:.0f} prompt tokens, at most {} generated tokens "
               "(at most; children as long as the first prompts)\n",
               evaluations, prompt_tokens, generated));
    print(format("  proposals   at most {}, of at most {} tokens each\n",
                 children * static_cast<std::uint64_t>(job.search.attempts),
                 job.search.proposal_tokens));
    print(format("  units       about {:.0f} of at most {} tokens\n",
                 prompt_tokens / job.cluster.unit_tokens + 1, job.cluster.unit_tokens));
    print(format("  run         {}\n", job.run_folder().string()));
    if (prepared.model.context_length > 0 && cost.mean.longest > prepared.model.context_length) {
        print(
            "  warning: some first prompts do not fit the model's context; they will be "
            "infeasible\n");
    }
}

}  // namespace

ExitCode check(const CheckArguments& arguments) {
    if (arguments.reference) {
        print(config::jobs_reference());
        return ExitCode::done;
    }
    print_cost(prepare(arguments.job));
    return ExitCode::done;
}

}  // namespace evoke::app
