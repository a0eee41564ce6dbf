#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/text/tokenizer.hpp"

namespace evoke::test {

/// Ids as text and back: id 17 is "17 ". For tests of what lies between ids and ids.
class NumberTokenizer final : public text::Tokenizer {
public:
    explicit NumberTokenizer(std::size_t size, std::optional<TokenId> eos = std::nullopt)
        : size_{size}, eos_{eos} {}

    std::vector<TokenId> encode(std::string_view text, bool) const override {
        std::vector<TokenId> ids;
        while (!text.empty()) {
            const std::size_t end = text.find(' ');
            if (end == 0) {
                text.remove_prefix(1);
                continue;
            }
            ids.push_back(static_cast<TokenId>(std::stol(std::string{text.substr(0, end)})));
            text.remove_prefix(end == text.npos ? text.size() : end);
        }
        return ids;
    }
    std::string decode(std::span<const TokenId> ids, bool) const override {
        std::string text;
        for (const TokenId id : ids) text += token(id);
        return text;
    }
    std::size_t vocabulary_size() const override { return size_; }
    std::string token(TokenId id) const override { return std::to_string(id) + " "; }
    bool is_special(TokenId id) const override { return eos_ == id; }
    std::optional<TokenId> bos() const override { return std::nullopt; }
    std::optional<TokenId> eos() const override { return eos_; }
    Sha256 identity() const override { return {}; }

private:
    std::size_t size_;
    std::optional<TokenId> eos_;
};

}  // namespace evoke::test
