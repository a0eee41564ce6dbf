#include <cstdio>

#include "app/commands.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/format.hpp"
#include "evoke/evaluation/guess.hpp"

namespace evoke::app {

namespace {

/// As TOML spells a text on one line.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c == '\n' ? std::string{"\\n"} : std::string{c};
    }
    return result + "\"";
}

std::string quoted_list(const std::vector<std::string>& texts) {
    std::vector<std::string> items;
    for (const auto& text : texts) items.push_back(quoted(text));
    return format("[{}]", join(items, ", "));
}

std::string task_text(const evaluation::TaskGuess& guess, const std::string& data) {
    const auto part = std::max<std::size_t>(1, guess.examples / 3);
    std::string text = format("[task]\ndev = {}\n", quoted(data));
    text += "# dev, test and demonstrations are drawn from this one file by seed\n";
    text += format("dev_size = {}\ntest_size = {}\ndemonstration_size = {}\n",
                   std::min<std::size_t>(part, 200), std::min<std::size_t>(part, 500),
                   std::min<std::size_t>(part, 50));
    if (!guess.input.empty()) {
        text += format("input = {}\noutput = {}\n", quoted(guess.input), quoted(guess.output));
    }
    text += "template = \"{instruction}\\n{demonstrations}Input: {input}\\nAnswer:\"\n";
    if (guess.labels.empty()) {
        return text +
               "answer = \"generated\"  # the model writes; its answer is compared\n"
               "max_tokens = 64\nstop = [\"\\n\"]\n";
    }
    text += "answer = \"likelihood\"  # the most probable label\n";
    return text + format("labels = {}{}\n", quoted_list(guess.labels),
                         guess.numbered ? "  # the data hold numbers: write the names here" : "");
}

std::string job_text(const evaluation::TaskGuess& guess, const InitArguments& arguments) {
    const auto folder = std::filesystem::absolute(arguments.output).parent_path();
    const auto data = std::filesystem::proximate(std::filesystem::absolute(arguments.data), folder);
    std::string text = format(
        "# A starter job, guessed from {}. docs/jobs.md explains every key.\n"
        "#   evoke check {}\n\n"
        "[run]\nname = {}\nseed = 1\n\n"
        "[model]\n"
        "# A folder with config.json, model.safetensors and tokenizer.json, for example from\n"
        "#   huggingface-cli download HuggingFaceTB/SmolLM2-1.7B-Instruct --local-dir model\n"
        "path = \"model\"\n\n",
        arguments.data.filename().string(), arguments.output.string(),
        quoted(arguments.output.stem().string()));
    text += task_text(guess, data.string());
    text +=
        "\n[search]\nalgorithm = \"evoprompt-ga\"\npopulation = 10\ngenerations = 10\n"
        "# For an instruction-tuned model. A base model needs \"lm-complete\" and the edit-… "
        "operators.\n"
        "operators = [\"lm-crossover-mutation\"]\nchat = true\n";
    const std::string what = guess.labels.empty()
                                 ? "Answer the question."
                                 : format("Classify the input as {}.", join(guess.labels, " or "));
    text += format("initial = {}\n", quoted_list({what, "Read the input and give the answer.",
                                                  "Think about the input, then answer."}));
    return text +
           "\n[objectives]\naccuracy = \"max\"\nprompt_tokens = \"min\"\n"
           "generated_tokens = \"min\"\n";
}

}  // namespace

ExitCode init(const InitArguments& arguments) {
    if (std::filesystem::exists(arguments.output)) {
        throw InputError{format("{}: exists already; choose another name with --output",
                                arguments.output.string())};
    }
    const auto guess = evaluation::guess_task(arguments.data);
    write_file_atomically(arguments.output, job_text(guess, arguments));
    std::string said = format("{}: {} examples", arguments.data.string(), guess.examples);
    if (!guess.input.empty())
        said += format(", input \"{}\", answer \"{}\"", guess.input, guess.output);
    said += guess.labels.empty() ? ", free answers\n"
                                 : format(", labels {}\n", join(guess.labels, ", "));
    said += format(
        "wrote {}\nNext: set model.path to a model's folder (the file says how to get "
        "one), then\n  evoke check {}\n",
        arguments.output.string(), arguments.output.string());
    std::fputs(said.c_str(), stdout);
    return ExitCode::done;
}

}  // namespace evoke::app
