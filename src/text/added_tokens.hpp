#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/json_part.hpp"
#include "text/regex.hpp"
#include "text/vocabulary.hpp"

namespace evoke::text {

/// A token that is found in the text itself, before the model sees the rest.
struct AddedToken {
    TokenId id;
    std::string content;
    std::string
        pattern;       ///< what is looked for: the content, normalized where `normalized` says so
    bool single_word;  ///< only between characters that are not part of a word
    bool lstrip;       ///< takes the white space before it
    bool rstrip;       ///< takes the white space after it
    bool normalized;   ///< looked for in the normalized text
    bool special;
};

/// Finds any of a set of tokens: at each place the longest that begins there.
class AddedTokenMatcher {
public:
    void add(const AddedToken& token);
    [[nodiscard]] bool empty() const { return nodes_.size() == 1; }

    /// A part of a text: a token, or what lies between two.
    struct Section {
        Span span;
        std::optional<TokenId> token;
    };
    /// Covers all of `text`.
    [[nodiscard]] std::vector<Section> split(std::string_view text) const;

private:
    struct Flags {
        TokenId id;
        bool single_word;
        bool lstrip;
        bool rstrip;
    };
    struct Node {
        std::vector<std::pair<char, std::uint32_t>> next;
        std::optional<Flags> token;
    };
    struct Found {
        std::size_t end;
        const Flags* token;
    };

    [[nodiscard]] const std::uint32_t* child(std::uint32_t node, char c) const;
    [[nodiscard]] std::optional<Found> longest_at(std::string_view text, std::size_t begin) const;

    std::vector<Node> nodes_ = std::vector<Node>(1);
    std::bitset<256> first_bytes_;
};

/// All added tokens of a file.
class AddedTokens {
public:
    AddedTokens() = default;
    /// `normalize` is what the tokenizer does to the text in which normalized tokens are sought.
    AddedTokens(const JsonPart& list, const Vocabulary& vocabulary,
                const std::function<std::string(std::string_view)>& normalize);

    [[nodiscard]] const AddedTokenMatcher& plain() const { return plain_; }
    [[nodiscard]] const AddedTokenMatcher& normalized() const { return normalized_; }

    [[nodiscard]] const AddedToken* find(TokenId id) const;
    [[nodiscard]] std::optional<TokenId> id(std::string_view content) const;
    [[nodiscard]] const std::vector<AddedToken>& list() const { return tokens_; }

private:
    std::vector<AddedToken> tokens_;
    std::unordered_map<TokenId, std::size_t> by_id_;
    AddedTokenMatcher plain_;
    AddedTokenMatcher normalized_;
};

}  // namespace evoke::text
