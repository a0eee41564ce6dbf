#include "text/added_tokens.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evoke/core/error.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

bool ends_with_word(std::string_view text) {
    return !text.empty() && is_word(last_code_point(text).value);
}

bool starts_with_word(std::string_view text) {
    return !text.empty() && is_word(code_point_at(text, 0).value);
}

std::size_t leading_space(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && is_whitespace(code_point_at(text, at).value)) {
        at += code_point_at(text, at).length;
    }
    return at;
}

std::size_t trailing_space(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size()) {
        const CodePoint last = last_code_point(text.substr(0, text.size() - count));
        if (!is_whitespace(last.value)) break;
        count += last.length;
    }
    return count;
}

AddedToken read_token(const JsonPart& part) {
    part.allow_only({"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"});
    const bool special = part.boolean_or("special", false);
    return {.id = static_cast<TokenId>(part.at("id").index(largest_token_id)),
            .content = part.text("content"),
            .pattern = {},
            .single_word = part.boolean_or("single_word", false),
            .lstrip = part.boolean_or("lstrip", false),
            .rstrip = part.boolean_or("rstrip", false),
            .normalized = part.boolean_or("normalized", !special),
            .special = special};
}

}  // namespace

void AddedTokenMatcher::add(const AddedToken& token) {
    if (token.pattern.empty()) return;
    first_bytes_.set(static_cast<std::uint8_t>(token.pattern.front()));
    std::uint32_t node = 0;
    for (const char c : token.pattern) {
        if (const std::uint32_t* next = child(node, c)) {
            node = *next;
            continue;
        }
        const auto created = static_cast<std::uint32_t>(nodes_.size());
        nodes_.emplace_back();
        nodes_[node].next.emplace_back(c, created);
        node = created;
    }
    // Of two tokens with one pattern the first counts.
    if (nodes_[node].token) return;
    nodes_[node].token = Flags{token.id, token.single_word, token.lstrip, token.rstrip};
}

const std::uint32_t* AddedTokenMatcher::child(std::uint32_t node, char c) const {
    const auto& next = nodes_[node].next;
    const auto found =
        std::find_if(next.begin(), next.end(), [c](const auto& edge) { return edge.first == c; });
    return found == next.end() ? nullptr : &found->second;
}

std::optional<AddedTokenMatcher::Found> AddedTokenMatcher::longest_at(std::string_view text,
                                                                      std::size_t begin) const {
    std::optional<Found> found;
    std::uint32_t node = 0;
    for (std::size_t at = begin; at < text.size(); ++at) {
        const std::uint32_t* next = child(node, text[at]);
        if (next == nullptr) break;
        node = *next;
        if (nodes_[node].token) found = Found{at + 1, &*nodes_[node].token};
    }
    return found;
}

std::vector<AddedTokenMatcher::Section> AddedTokenMatcher::split(std::string_view text) const {
    std::vector<Section> sections;
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size() && !empty();) {
        if (!first_bytes_.test(static_cast<std::uint8_t>(text[at]))) {
            ++at;
            continue;
        }
        const auto found = longest_at(text, at);
        if (!found) {
            ++at;
            continue;
        }
        std::size_t begin = at;
        std::size_t end = found->end;
        at = end;
        const bool inside_word =
            ends_with_word(text.substr(0, begin)) || starts_with_word(text.substr(end));
        if (found->token->single_word && inside_word) continue;
        if (found->token->lstrip) {
            begin = std::max(begin - trailing_space(text.substr(0, begin)), done);
        }
        if (found->token->rstrip) end += leading_space(text.substr(end));
        if (done < begin) sections.push_back({{done, begin}, std::nullopt});
        sections.push_back({{begin, end}, found->token->id});
        done = end;
    }
    if (done < text.size()) sections.push_back({{done, text.size()}, std::nullopt});
    return sections;
}

AddedTokens::AddedTokens(const JsonPart& list, const Vocabulary& vocabulary,
                         const std::function<std::string(std::string_view)>& normalize) {
    for (const JsonPart& part : list.items()) {
        AddedToken token = read_token(part);
        if (token.content.empty()) continue;
        const auto known = vocabulary.id(token.content);
        if (known && *known != token.id) {
            part.fail("'" + token.content + "' has the id " + std::to_string(*known) +
                      " in the vocabulary");
        }
        if (vocabulary.has(token.id) && !known) {
            part.fail("the id is that of '" + vocabulary.token(token.id) + "' in the vocabulary");
        }
        if (!by_id_.emplace(token.id, tokens_.size()).second) {
            part.fail("another added token has the id " + std::to_string(token.id));
        }
        try {
            token.pattern = token.normalized ? normalize(token.content) : token.content;
        } catch (const InputError& error) {
            part.fail(error.what());
        }
        tokens_.push_back(std::move(token));
    }
    // Special tokens come first where two are spelled alike after normalization.
    for (const bool special : {true, false}) {
        for (const AddedToken& token : tokens_) {
            if (token.special != special) continue;
            (token.normalized ? normalized_ : plain_).add(token);
        }
    }
}

const AddedToken* AddedTokens::find(TokenId id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &tokens_[found->second];
}

std::optional<TokenId> AddedTokens::id(std::string_view content) const {
    const auto found = std::find_if(tokens_.begin(), tokens_.end(), [&](const AddedToken& token) {
        return token.content == content;
    });
    return found == tokens_.end() ? std::nullopt : std::optional{found->id};
}

}  // namespace evoke::text
