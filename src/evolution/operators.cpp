#include "evoke/evolution/operators.hpp"

#include <algorithm>
#include <array>

#include "evolution/operators/demonstrations.hpp"
#include "evolution/operators/edit_delete.hpp"
#include "evolution/operators/edit_exchange.hpp"
#include "evolution/operators/edit_repeat.hpp"
#include "evolution/operators/edit_swap.hpp"
#include "evolution/operators/lm_complete.hpp"
#include "evolution/operators/lm_continue.hpp"
#include "evolution/operators/lm_crossover_mutation.hpp"
#include "evolution/operators/lm_improve.hpp"
#include "evolution/operators/lm_induce.hpp"
#include "evolution/operators/lm_paraphrase.hpp"

namespace evoke::evolution {

namespace {

struct Entry {
    std::string_view name;
    std::unique_ptr<const Operator> (*make)(const OperatorContext&);
};

constexpr std::array registry{
    Entry{"lm-crossover-mutation", make_lm_crossover_mutation},
    Entry{"lm-paraphrase", make_lm_paraphrase},
    Entry{"lm-induce", make_lm_induce},
    Entry{"lm-improve", make_lm_improve},
    Entry{"lm-complete", make_lm_complete},
    Entry{"lm-continue", make_lm_continue},
    Entry{"edit-delete", make_edit_delete},
    Entry{"edit-swap", make_edit_swap},
    Entry{"edit-repeat", make_edit_repeat},
    Entry{"edit-exchange", make_edit_exchange},
    Entry{"demonstrations-add", make_demonstrations_add},
    Entry{"demonstrations-drop", make_demonstrations_drop},
    Entry{"demonstrations-swap", make_demonstrations_swap},
};

constexpr auto names = [] {
    std::array<std::string_view, registry.size()> all;
    std::ranges::transform(registry, all.begin(), &Entry::name);
    return all;
}();

void check_folder(const SearchOptions& options, const std::filesystem::path& base,
                  Diagnostics& mistakes) {
    if (options.meta_prompts.empty()) return;
    const auto folder = base / options.meta_prompts;
    if (!std::filesystem::is_directory(folder))
        mistakes.add({.what = "search.meta_prompts",
                      .expected = "a folder with <operator>.txt files",
                      .found = folder.string()});
}

Diagnostic unknown_operator(const std::string& name) {
    std::string all;
    for (const std::string_view known : names)
        all += (all.empty() ? "" : ", ") + std::string{known};
    const auto near = nearest_name(name, names);
    return {.what = "search.operators",
            .expected = "names among " + all,
            .found = '"' + name + '"',
            .hint = near ? "did you mean '" + *near + "'?" : std::string{}};
}

}  // namespace

std::span<const std::string_view> operator_names() {
    return names;
}

std::vector<std::unique_ptr<const Operator>> make_operators(const SearchOptions& options,
                                                            const std::filesystem::path& base,
                                                            TaskSketch task) {
    const auto shared = std::make_shared<const TaskSketch>(std::move(task));
    const OperatorContext context{.options = options, .base = base, .task = shared};
    Diagnostics mistakes;
    check_folder(options, base, mistakes);
    std::vector<std::unique_ptr<const Operator>> operators;
    for (const std::string& name : options.operators) {
        const auto entry = std::ranges::find(registry, name, &Entry::name);
        if (entry == registry.end()) {
            mistakes.add(unknown_operator(name));
            continue;
        }
        try {
            operators.push_back(entry->make(context));
        } catch (const InputError& error) {
            mistakes.append(error.diagnostics());
        }
    }
    mistakes.throw_if_any();
    return operators;
}

}  // namespace evoke::evolution
