#include "evoke/core/error.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace evoke {

namespace {

/// Edit distance with insertion, deletion, replacement and the swap of two neighbours (optimal
/// string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            current[j] = std::min({replaced, last[j] + 1, current[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, current);
    }
    return last[b.size()];
}

/// Names out of a damaged file may hold anything; a message stays one line that a terminal shows.
std::string one_line(const std::string& message) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string line;
    for (const char c : message) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F) {
            line += c;
        } else if (c == '\n') {
            line += "\\n";
        } else {
            line += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return line;
}

}  // namespace

std::string Diagnostic::text() const {
    std::string text;
    const auto append = [&](std::string_view separator, std::string_view part) {
        if (part.empty()) return;
        if (!text.empty()) text += separator;
        text += part;
    };
    append("", file);
    if (line > 0) append(":", std::to_string(line));
    append(": ", what);
    append(": ", expected.empty() ? "" : "expected " + expected);
    append(expected.empty() ? ": " : ", ", found.empty() ? "" : "found " + found);
    append(" ", hint.empty() ? "" : "(" + hint + ")");
    return text;
}

void Diagnostics::append(const Diagnostics& other) {
    // By index and count: `other` may be this object.
    const std::size_t count = other.items_.size();
    for (std::size_t i = 0; i < count; ++i) {
        Diagnostic copy = other.items_[i];
        items_.push_back(std::move(copy));
    }
}

std::string Diagnostics::text() const {
    std::vector<const Diagnostic*> ordered;
    ordered.reserve(items_.size());
    for (const Diagnostic& item : items_) ordered.push_back(&item);
    std::stable_sort(ordered.begin(), ordered.end(), [](const Diagnostic* a, const Diagnostic* b) {
        return std::tie(a->file, a->line) < std::tie(b->file, b->line);
    });
    std::string text;
    for (const Diagnostic* item : ordered) {
        if (!text.empty()) text += '\n';
        text += item->text();
    }
    return text;
}

void Diagnostics::throw_if_any() const {
    if (!items_.empty()) throw InputError{*this};
}

InputError::InputError(Diagnostics diagnostics)
    : Error{ExitCode::bad_input, diagnostics.text()}, diagnostics_{std::move(diagnostics)} {}

InputError::InputError(Diagnostic diagnostic) : Error{ExitCode::bad_input, diagnostic.text()} {
    diagnostics_.add(std::move(diagnostic));
}

LoadError::LoadError(const std::filesystem::path& file, const std::string& message)
    : Error{ExitCode::bad_model, one_line(file.string() + ": " + message)} {}

RunFolderError::RunFolderError(const std::filesystem::path& folder, const std::string& message)
    : Error{ExitCode::run_folder, folder.string() + ": " + message} {}

std::optional<std::string> nearest_name(std::string_view name,
                                        std::span<const std::string_view> known) {
    std::optional<std::string> nearest;
    std::size_t nearest_distance = std::max<std::size_t>(1, name.size() / 3);
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(name, candidate);
        // A name with nothing in common is no suggestion, however short.
        if (distance >= std::max(name.size(), candidate.size())) continue;
        if (distance < nearest_distance || (distance == nearest_distance && !nearest)) {
            nearest = candidate;
            nearest_distance = distance;
        }
    }
    return nearest;
}

}  // namespace evoke
