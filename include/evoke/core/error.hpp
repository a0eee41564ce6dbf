#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evoke {

/// The exit codes of docs/errors: part of the command line's contract.
enum class ExitCode : int {
    done = 0,
    bug = 1,          ///< a mistake in Evoke itself
    bad_input = 2,    ///< the job, data or arguments are wrong
    bad_model = 3,    ///< a model or data file could not be loaded
    run_folder = 4,   ///< exists, differs, no generation verifies, is locked
    environment = 5,  ///< disk full, out of memory, relaunches used up
    stopped = 75,     ///< stopped in time, resume to continue
    interrupted = 130,
};

/// One mistake: where it stands, what was expected there, what was found.
struct Diagnostic {
    std::string file;
    std::size_t line = 0;  ///< from 1; 0: the whole file, or no file
    std::string what;      ///< e.g. "search.population"
    std::string expected;
    std::string found;
    std::string hint;  ///< e.g. "did you mean 'population'?"

    /// "job.toml:12: search.population: expected an integer from 2, found \"ten\" (hint)".
    [[nodiscard]] std::string text() const;
};

/// Collects mistakes so that a person sees all of them at once.
class Diagnostics {
public:
    void add(Diagnostic diagnostic) { items_.push_back(std::move(diagnostic)); }
    void append(const Diagnostics& other);
    [[nodiscard]] bool empty() const { return items_.empty(); }
    [[nodiscard]] const std::vector<Diagnostic>& items() const& { return items_; }
    [[nodiscard]] std::vector<Diagnostic> items() && { return std::move(items_); }
    /// A line each, in the order of file and line.
    [[nodiscard]] std::string text() const;
    /// Throws InputError with everything collected, when there is anything.
    void throw_if_any() const;

private:
    std::vector<Diagnostic> items_;
};

/// What every expected failure derives from; carries the exit code of the process.
class Error : public std::runtime_error {
public:
    Error(ExitCode code, const std::string& message) : std::runtime_error{message}, code_{code} {}
    [[nodiscard]] ExitCode code() const { return code_; }

private:
    ExitCode code_;
};

/// Exit 2. All mistakes at once.
class InputError : public Error {
public:
    explicit InputError(Diagnostics diagnostics);
    explicit InputError(Diagnostic diagnostic);
    explicit InputError(const std::string& message) : Error{ExitCode::bad_input, message} {}
    [[nodiscard]] const Diagnostics& diagnostics() const { return diagnostics_; }

private:
    Diagnostics diagnostics_;
};

/// Exit 3: a model or data file.
class LoadError : public Error {
public:
    LoadError(const std::filesystem::path& file, const std::string& message);
};

/// Exit 4: the run folder refuses.
class RunFolderError : public Error {
public:
    RunFolderError(const std::filesystem::path& folder, const std::string& message);
};

/// Exit 5: the machine failed, and went on failing.
class EnvironmentError : public Error {
public:
    explicit EnvironmentError(const std::string& message) : Error{ExitCode::environment, message} {}
};

/// The known name nearest to `name` by edit distance, when it is near enough to be meant.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      std::span<const std::string_view> known);

}  // namespace evoke
