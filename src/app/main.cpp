#include <CLI/CLI.hpp>

#include <functional>
#include <map>

#include "app/commands.hpp"
#include "app/result_file.hpp"
#include "evoke/core/log.hpp"
#include "evoke/core/version.hpp"

namespace {

using namespace evoke;
using namespace evoke::app;

/// What the chosen verb does; set while the command line is read.
using Action = std::function<ExitCode()>;

CLI::App* verb(CLI::App& program, const char* name, const char* meaning, const char* examples) {
    CLI::App* command = program.add_subcommand(name, meaning);
    command->footer(std::string{"Examples:\n"} + examples);
    return command;
}

void add_job(CLI::App* command, JobArguments& job) {
    command->add_option("job", job.file, "the job file (TOML; see docs/jobs.md)")->required();
    command->add_option("--set", job.overrides, "table.key=value in place of the job's own")
        ->take_all()
        ->expected(1);
}

void add_run_options(CLI::App* command, RunArguments& run) {
    static const std::map<std::string, ResumeMode> modes{{"auto", ResumeMode::automatic},
                                                         {"never", ResumeMode::never},
                                                         {"require", ResumeMode::require}};
    add_job(command, run.job);
    command
        ->add_option("--resume", run.resume,
                     "auto, never or require: what to do with a run "
                     "that exists (auto)")
        ->transform(CLI::CheckedTransformer(modes))
        ->type_name("MODE");
    command->add_option("--log-level", run.log_level, "debug, info, warn, error or off")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
    command->add_option("--result-file", run.result_file)->group("");
    command->add_flag("--terminal", run.terminal)->group("");
}

void add_model(CLI::App* command, lm::ModelOptions& model) {
    command->add_option("--model", model.path, "folder of a checkpoint in Hugging Face format")
        ->required();
}

void add_lines(CLI::App* command, LinesArguments& lines) {
    add_model(command, lines.model);
    command->add_option("--input", lines.input, "JSON lines; - is standard input (-)");
    command->add_option("--output", lines.output, "JSON lines; - is standard output (-)");
    command->add_option("--batch", lines.batch, "lines answered together (256)")
        ->check(CLI::Range(1, 1000000));
}

void add_numerics(CLI::App* command, lm::ModelOptions& model) {
    command->add_option("--dtype", model.dtype, "float32, bfloat16, float16 or auto (auto)")
        ->check(CLI::IsMember({"auto", "float32", "bfloat16", "float16"}));
    command->add_option("--device", model.device, "cpu, cuda, cuda:N or auto (auto)");
    command->add_option("--threads", model.threads, "CPU threads; 0: all (0)")
        ->check(CLI::Range(0, 1024));
}

void add_search_verbs(CLI::App& program, Action& action) {
    static InitArguments init_arguments;
    auto* command = verb(program, "init", "Makes a starter job from a data file",
                         "  evoke init reviews.csv\n  evoke init data.jsonl --output jobs/my.toml");
    command->add_option("data", init_arguments.data, "data: .csv, .tsv, .jsonl or .txt")
        ->required();
    command->add_option("--output", init_arguments.output, "the job to write (job.toml)");
    command->callback([&action] { action = [] { return init(init_arguments); }; });

    static CheckArguments check_arguments;
    command = verb(program, "check", "Names every mistake of a job and says what it will cost",
                   "  evoke check job.toml\n  evoke check job.toml --set search.population=20");
    command->add_option("job", check_arguments.job.file, "the job file");
    command->add_option("--set", check_arguments.job.overrides, "table.key=value")
        ->take_all()
        ->expected(1);
    command->add_flag("--reference", check_arguments.reference,
                      "print the reference of all keys instead");
    command->callback([&action] {
        if (!check_arguments.reference && check_arguments.job.file.empty()) {
            throw CLI::RequiredError("job");
        }
        action = [] { return check(check_arguments); };
    });

    static RunArguments run_arguments;
    command = verb(program, "run", "Runs or resumes a search, alone or as a rank of mpirun",
                   "  evoke run job.toml\n  mpirun -n 8 evoke run job.toml --resume require");
    add_run_options(command, run_arguments);
    command->callback([&action] { action = [] { return run(run_arguments); }; });

    static LaunchArguments launch_arguments;
    command = verb(program, "launch",
                   "Runs or resumes a search on several ranks, and outlives lost ranks",
                   "  evoke launch -n 8 job.toml\n  evoke launch -n 4 job.toml --relaunch 0 -- "
                   "--hostfile hosts");
    add_run_options(command, launch_arguments.run);
    command->add_option("-n,--ranks", launch_arguments.ranks, "ranks, one replica each (1)")
        ->check(CLI::Range(1, 100000));
    command
        ->add_option("--relaunch", launch_arguments.relaunches,
                     "times that a search whose rank 0 was lost is started again (3)")
        ->check(CLI::Range(0, 1000));
    command->add_option("mpirun_options", launch_arguments.mpirun_options,
                        "after --: passed on to mpirun");
    command->callback([&action] { action = [] { return launch(launch_arguments); }; });
}

void add_reading_verbs(CLI::App& program, Action& action) {
    static EvaluateArguments evaluate_arguments;
    auto* command = verb(program, "evaluate", "Measures prompts of your own on a job's task",
                         "  evoke evaluate job.toml --prompt \"Is the review positive?\"\n"
                         "  evoke evaluate job.toml --prompt-file prompts.txt --split test");
    add_job(command, evaluate_arguments.job);
    command->add_option("--prompt", evaluate_arguments.prompts, "a prompt; may be repeated")
        ->take_all()
        ->expected(1);
    command->add_option("--prompt-file", evaluate_arguments.prompt_file, "one prompt a line");
    command->add_option("--split", evaluate_arguments.split, "dev or test (dev)")
        ->check(CLI::IsMember({"dev", "test"}));
    command->add_flag_callback("--json", [] { evaluate_arguments.json = true; })->group("");
    command
        ->add_option_function<std::string>(
            "--format", [](const std::string& f) { evaluate_arguments.json = f == "json"; },
            "text or json (text)")
        ->check(CLI::IsMember({"text", "json"}));
    command->callback([&action] { action = [] { return evaluate(evaluate_arguments); }; });

    static StatusArguments status_arguments;
    command = verb(program, "status", "Progress, cost and best prompt of a run",
                   "  evoke status runs/sst2\n  evoke status runs/sst2 --follow");
    command->add_option("run", status_arguments.run, "the run's folder")->required();
    command
        ->add_option_function<std::string>(
            "--format", [](const std::string& f) { status_arguments.json = f == "json"; },
            "text or json (text)")
        ->check(CLI::IsMember({"text", "json"}));
    command->add_flag("--follow", status_arguments.follow, "again after each generation");
    command->callback([&action] { action = [] { return status(status_arguments); }; });

    static BestArguments best_arguments;
    command = verb(program, "best", "The front of a run and its suggested balance",
                   "  evoke best runs/sst2\n  evoke best runs/sst2 --format json");
    command->add_option("run", best_arguments.run, "the run's folder")->required();
    command
        ->add_option_function<std::string>(
            "--format", [](const std::string& f) { best_arguments.json = f == "json"; },
            "text or json (text)")
        ->check(CLI::IsMember({"text", "json"}));
    command->callback([&action] { action = [] { return best(best_arguments); }; });

    static std::filesystem::path verified_run;
    command = verb(program, "verify",
                   "Checks every file of a run and prints a digest of its scientific content",
                   "  evoke verify runs/sst2");
    command->add_option("run", verified_run, "the run's folder")->required();
    command->callback([&action] { action = [] { return verify(verified_run); }; });
}

void add_line_verbs(CLI::App& program, Action& action) {
    struct LineVerb {
        const char* name;
        const char* meaning;
        const char* examples;
        ExitCode (*work)(const LinesArguments&);
        bool needs_weights;
        LinesArguments arguments{};
    };
    static std::vector<LineVerb> verbs{
        {"score", "Log-probabilities of continuations or at masks, JSON lines in and out",
         "  echo '{\"context\": \"Once upon a\", \"continuation\": \" time\"}' | evoke score "
         "--model DIR\n"
         "  echo '{\"text\": \"Paris is in [MASK].\", \"candidates\": [\"france\", \"italy\"]}' | "
         "evoke score --model MASKED",
         score, true},
        {"generate", "Continues prompts, JSON lines in and out",
         "  echo '{\"prompt\": \"Once upon a\", \"max_tokens\": 8}' | evoke generate --model DIR",
         generate, true},
        {"gradient", "Tokens that would lower a loss, by its gradient, JSON lines in and out",
         "  echo '{\"input_ids\": [5, 6, 7, 8], \"target_ids\": [9], \"positions\": [0, 1], "
         "\"top\": "
         "3}' | evoke gradient --model DIR",
         gradient, true},
        {"tokenize", "Token ids of texts, JSON lines in and out",
         "  echo '{\"text\": \"Once upon a time\"}' | evoke tokenize --model DIR", tokenize, false},
        {"chat", "Renders conversations with a model's chat template, JSON lines in and out",
         "  echo '{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}' | evoke chat "
         "--model DIR",
         chat, false}};
    for (LineVerb& item : verbs) {
        auto* command = verb(program, item.name, item.meaning, item.examples);
        add_lines(command, item.arguments);
        if (item.needs_weights) add_numerics(command, item.arguments.model);
        command->callback([&action, &item] {
            action = [&item] {
                log::start({.prefix = "", .level = "warn", .file = {}});
                return item.work(item.arguments);
            };
        });
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App program{
        "Evoke searches for prompts: a language model writes, tests and improves them."};
    program.set_version_flag("--version", std::string{evoke::software_version()});
    program.require_subcommand(1);
    program.footer("evoke VERB --help says more of each verb.");
    Action action;
    add_search_verbs(program, action);
    add_reading_verbs(program, action);
    add_line_verbs(program, action);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = program.exit(error);
        return code == 0 ? 0 : static_cast<int>(evoke::ExitCode::bad_input);
    }
    try {
        return static_cast<int>(action());
    } catch (const std::exception& error) {
        return static_cast<int>(evoke::app::report_failure(error));
    }
}
