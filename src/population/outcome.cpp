#include "evoke/population/outcome.hpp"

#include "population/same_number.hpp"

namespace evoke::population {

std::string_view to_string(OutcomeStatus status) {
    switch (status) {
        case OutcomeStatus::ok:
            return "ok";
        case OutcomeStatus::unparsed:
            return "unparsed";
        case OutcomeStatus::overflow:
            return "overflow";
    }
    return "unknown";
}

bool Outcome::same_result(const Outcome& other) const {
    return status == other.status && prompt_tokens == other.prompt_tokens &&
           generated_tokens == other.generated_tokens && same_numbers(values, other.values);
}

}  // namespace evoke::population
