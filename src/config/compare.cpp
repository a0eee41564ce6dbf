#include <map>

#include "config/tables.hpp"
#include "config/write.hpp"
#include "evoke/config/job.hpp"
#include "evoke/core/format.hpp"

namespace evoke::config {

namespace {

struct Value {
    std::string text;
    KeyKind kind = KeyKind::identity;
    double number = 0;  ///< of extendable keys
};

/// Every key but paths, whose content is hashed where it is read: a moved folder is no other run.
std::map<std::string, Value> values_of(const Job& job) {
    std::map<std::string, Value> values;
    for_each_table(job, [&](std::string_view name, const auto& options, std::string_view) {
        using Options = std::remove_cvref_t<decltype(options)>;
        for_each_row<Options>([&](const auto& row) {
            if (row.path != PathKind::none) return;
            Value value{toml_value(options.*(row.member)), row.kind, 0};
            using Type = std::remove_cvref_t<decltype(options.*(row.member))>;
            if constexpr (std::is_arithmetic_v<Type>) {
                value.number = static_cast<double>(options.*(row.member));
            }
            values[format("{}.{}", name, row.name)] = value;
        });
    });
    std::string objectives;
    for (const auto& objective : job.objectives) {
        const bool up = objective.direction == population::Direction::maximise;
        objectives += format("{} {}; ", objective.measure, up ? "max" : "min");
    }
    values["objectives"] = {objectives, KeyKind::identity, 0};
    return values;
}

/// 0 stands for "no limit" in budgets, never in generations.
bool shrank(const std::string& key, double before, double after) {
    if (key.starts_with("budget.")) {
        if (after == 0) return false;
        if (before == 0) return true;
    }
    return after < before;
}

}  // namespace

Diagnostics resume_conflicts(const Job& recorded, const Job& next) {
    Diagnostics conflicts;
    const auto before = values_of(recorded);
    const auto after = values_of(next);
    auto keys = before;
    keys.insert(after.begin(), after.end());
    for (const auto& [key, value] : keys) {
        if (value.kind == KeyKind::free) continue;
        const auto was = before.find(key);
        const auto is = after.find(key);
        const std::string was_text = was == before.end() ? "nothing" : was->second.text;
        const std::string is_text = is == after.end() ? "nothing" : is->second.text;
        if (was_text == is_text) continue;
        const bool extendable = value.kind == KeyKind::extendable;
        if (extendable && !shrank(key, was->second.number, is->second.number)) continue;
        conflicts.add({.file = next.file.string(),
                       .line = 0,
                       .what = key,
                       .expected = (extendable ? "at least " : "") + was_text +
                                   ", as the run was started with",
                       .found = is_text,
                       .hint = {}});
    }
    return conflicts;
}

Sha256 job_identity(const Job& job) {
    Sha256Stream stream;
    for (const auto& [key, value] : values_of(job)) {
        if (value.kind != KeyKind::identity) continue;
        stream.field(key);
        stream.field(value.text);
    }
    return stream.finish();
}

}  // namespace evoke::config
