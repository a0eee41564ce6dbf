#include "evoke/text/ordinary.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "evoke/text/printable.hpp"

namespace evoke::text {

bool is_ordinary(const Tokenizer& tokenizer, TokenId id) {
    if (tokenizer.is_special(id)) return false;
    const std::vector<TokenId> alone{id};
    return std::ranges::any_of(std::array<std::string, 3>{"", "a", "."}, [&](const auto& before) {
        const auto ids = tokenizer.encode(before, false);
        const std::string text = decode_behind(tokenizer, ids, alone, false);
        if (!is_printable(text)) return false;
        const auto read = tokenizer.encode(before + text, false);
        return !read.empty() && read.back() == id;
    });
}

}  // namespace evoke::text
