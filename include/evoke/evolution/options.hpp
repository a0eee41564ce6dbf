#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "evoke/core/options.hpp"

namespace evoke::evolution {

/// The table [search].
struct SearchOptions {
    std::string algorithm = "evoprompt-ga";
    int population = 10;
    int generations = 10;
    std::vector<std::string> initial;
    std::string initial_file;
    std::vector<std::string> operators = {"lm-crossover-mutation"};
    int attempts = 3;
    int max_prompt_tokens = 256;
    int proposal_tokens = 256;
    double temperature = 0.5;
    double top_p = 1.0;
    bool chat = false;
    std::string meta_prompts;
    std::vector<std::string> stop;
    int demonstrations = 0;
    int candidates = 256;

    static constexpr auto rows() {
        using S = SearchOptions;
        return std::tuple{
            OptionRow{.name = "algorithm",
                      .member = &S::algorithm,
                      .meaning = "the search method",
                      .choices = "evoprompt-ga|random-search|nsga2|target-search"},
            OptionRow{.name = "population",
                      .member = &S::population,
                      .meaning = "individuals that survive a generation",
                      .unit = "individuals",
                      .minimum = 1,
                      .maximum = 1e6},
            OptionRow{
                .name = "generations",
                .member = &S::generations,
                .meaning = "generations after the first population (target-search: iterations)",
                .unit = "generations",
                .minimum = 0,
                .maximum = 1e6,
                .kind = KeyKind::extendable},
            OptionRow{.name = "initial",
                      .member = &S::initial,
                      .meaning = "instructions of the first population; all are measured, the best "
                                 "`population` start"},
            OptionRow{.name = "initial_file",
                      .member = &S::initial_file,
                      .meaning = "file with one more instruction a line",
                      .path = PathKind::input},
            OptionRow{.name = "operators",
                      .member = &S::operators,
                      .meaning =
                          "operators that make children, taken in turn by slot; one that stands "
                          "twice is taken twice as often"},
            OptionRow{.name = "attempts",
                      .member = &S::attempts,
                      .meaning = "proposals asked for a slot before it stays empty",
                      .minimum = 1,
                      .maximum = 100},
            OptionRow{.name = "max_prompt_tokens",
                      .member = &S::max_prompt_tokens,
                      .meaning = "longest prompt that is accepted: instruction and demonstrations",
                      .unit = "tokens",
                      .minimum = 1,
                      .maximum = 1e6},
            OptionRow{.name = "proposal_tokens",
                      .member = &S::proposal_tokens,
                      .meaning = "limit of what the model writes for one proposal",
                      .unit = "tokens",
                      .minimum = 1,
                      .maximum = 1e6},
            OptionRow{.name = "temperature",
                      .member = &S::temperature,
                      .meaning = "of proposals",
                      .minimum = 0,
                      .maximum = 10},
            OptionRow{.name = "top_p",
                      .member = &S::top_p,
                      .meaning = "of proposals: the smallest set of tokens with this probability",
                      .minimum = 0,
                      .maximum = 1},
            OptionRow{.name = "chat",
                      .member = &S::chat,
                      .meaning = "whether meta-prompts are wrapped in the proposing model's chat "
                                 "template"},
            OptionRow{.name = "meta_prompts",
                      .member = &S::meta_prompts,
                      .meaning = "folder with <operator>.txt files that replace the built-in "
                                 "meta-prompts",
                      .path = PathKind::input},
            OptionRow{.name = "stop",
                      .member = &S::stop,
                      .meaning = "texts that end a proposal, besides the operator's own"},
            OptionRow{.name = "demonstrations",
                      .member = &S::demonstrations,
                      .meaning = "most demonstrations that a prompt may carry",
                      .unit = "examples",
                      .minimum = 0,
                      .maximum = 1000},
            OptionRow{.name = "candidates",
                      .member = &S::candidates,
                      .meaning = "target-search: prompts tried in one iteration",
                      .minimum = 1,
                      .maximum = 1e6},
        };
    }
};

}  // namespace evoke::evolution
