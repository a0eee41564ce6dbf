#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "text/json_part.hpp"

namespace evoke::text {

/// Rewrites a text before it is split. Valid UTF-8 in and out.
class Normalizer {
public:
    virtual ~Normalizer() = default;
    [[nodiscard]] virtual std::string apply(std::string_view text) const = 0;
};

/// Throws LoadError naming what is not supported.
[[nodiscard]] std::unique_ptr<const Normalizer> make_normalizer(const JsonPart& part);

}  // namespace evoke::text
