#include "lm/model_spec.hpp"

#include <algorithm>
#include <cmath>

namespace evoke::lm {

std::int64_t ModelSpec::short_text() const {
    std::int64_t shortest = Reach::everything;
    for (const Rope& rope : ropes)
        if (!rope.long_frequencies.empty()) shortest = std::min(shortest, rope.long_after);
    return shortest;
}

float query_scale(const ModelSpec& spec, std::int64_t position) {
    const QueryGrowth& growth = spec.query_growth;
    if (growth.beta == 0.0) return static_cast<float>(spec.attention_scale);
    const auto periods = static_cast<double>(position / growth.period);
    return static_cast<float>(spec.attention_scale * (1.0 + growth.beta * std::log(1.0 + periods)));
}

std::string numbered(std::string text, std::int64_t number) {
    if (const auto place = text.find("{}"); place != std::string::npos)
        text.replace(place, 2, std::to_string(number));
    return text;
}

}  // namespace evoke::lm
