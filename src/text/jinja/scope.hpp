#pragma once

#include <map>
#include <memory>
#include <string>

#include "text/jinja/value.hpp"

namespace evoke::text::jinja {

/// The names that a part of a template sees: its own and those of the scopes around it. Shared,
/// since a macro looks into the scope that defined it.
class Scope : public std::enable_shared_from_this<Scope> {
public:
    [[nodiscard]] static std::shared_ptr<Scope> make(std::shared_ptr<const Scope> outer = nullptr) {
        return std::make_shared<Scope>(std::move(outer));
    }
    explicit Scope(std::shared_ptr<const Scope> outer) : outer_{std::move(outer)} {}

    void set(const std::string& name, Value value) { names_[name] = std::move(value); }
    /// Undefined when no scope has it.
    [[nodiscard]] Value get(const std::string& name) const {
        for (const Scope* scope = this; scope != nullptr; scope = scope->outer_.get()) {
            if (const auto found = scope->names_.find(name); found != scope->names_.end()) {
                return found->second;
            }
        }
        return Undefined{name};
    }

private:
    std::shared_ptr<const Scope> outer_;
    std::map<std::string, Value> names_;
};

}  // namespace evoke::text::jinja
