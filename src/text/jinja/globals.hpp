#pragma once

#include <chrono>
#include <string>

#include "text/jinja/scope.hpp"

namespace evoke::text::jinja {

/// The template called raise_exception: these messages are not for this model.
class Refusal : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The functions that every template may call: range, namespace, dict, raise_exception, and
/// strftime_now, for which it is always `today`.
void add_globals(Scope& scope, std::chrono::year_month_day today);

}  // namespace evoke::text::jinja
