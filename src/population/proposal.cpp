#include "evoke/population/proposal.hpp"

namespace evoke::population {

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::accepted:
            return "accepted";
        case Verdict::truncated:
            return "truncated";
        case Verdict::empty:
            return "empty";
        case Verdict::too_long:
            return "too_long";
        case Verdict::duplicate:
            return "duplicate";
        case Verdict::malformed:
            return "malformed";
    }
    return "unknown";
}

}  // namespace evoke::population
