#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "text/json_part.hpp"

namespace evoke::text {

/// Puts the text together again from the spellings of tokens.
class Decoder {
public:
    /// Joins with spaces, as the reference does without a decoder.
    Decoder() = default;
    /// Throws LoadError naming what is not supported.
    explicit Decoder(const JsonPart& part);

    [[nodiscard]] std::string apply(std::vector<std::string> tokens) const;

    using Step = std::function<std::vector<std::string>(std::vector<std::string>)>;

private:
    void add(const JsonPart& part);

    std::optional<std::vector<Step>> steps_;
};

}  // namespace evoke::text
