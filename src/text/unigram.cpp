#include "text/unigram.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "evoke/core/error.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

/// How much worse than the worst token a character without one is.
constexpr double unknown_penalty = 10.0;

/// [["token", score], …]
std::vector<std::string> read_tokens(const JsonPart& part) {
    if (!part.value().is_array()) part.expected("a list of [token, score]");
    std::vector<std::string> tokens;
    for (const nlohmann::json& entry : part.value()) {
        const bool good =
            entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_number();
        if (!good) part.fail("entry " + std::to_string(tokens.size()) + " is not [token, score]");
        tokens.push_back(entry[0].get<std::string>());
    }
    return tokens;
}

}  // namespace

Unigram::Unigram(const JsonPart& part)
    : Model{Vocabulary{read_tokens(part.at("vocab"))}},
      byte_fallback_{part.boolean_or("byte_fallback", false)},
      byte_tokens_{vocabulary()} {
    part.allow_only({"type", "unk_id", "vocab", "byte_fallback"});
    double least = std::numeric_limits<double>::infinity();
    for (const nlohmann::json& entry : part.at("vocab").value()) {
        const auto& token = entry[0].get_ref<const std::string&>();
        scores_.push_back(entry[1].get<double>());
        least = std::min(least, scores_.back());
        if (const auto id = vocabulary().id(token)) trie_.insert(token, *id);
    }
    unknown_score_ = least - unknown_penalty;
    if (const auto unknown = part.find("unk_id")) {
        unknown_ = static_cast<TokenId>(
            unknown->index(static_cast<std::int64_t>(vocabulary().id_limit()) - 1));
    }
}

std::vector<Unigram::Node> Unigram::best_paths(std::string_view word) const {
    std::vector<Node> nodes(word.size() + 1);
    const auto offer = [&](std::size_t begin, std::size_t end, double score, TokenId token) {
        Node& node = nodes[end];
        const double total = score + nodes[begin].score;
        if (node.begin == no_place || total > node.score) node = {total, begin, token};
    };
    for (std::size_t at = 0; at < word.size();) {
        const std::size_t character = code_point_at(word, at).length;
        bool has_character = false;
        trie_.prefixes_of(word.substr(at), [&](std::size_t length, TokenId token) {
            offer(at, at + length, scores_[static_cast<std::size_t>(token)], token);
            has_character = has_character || length == character;
        });
        if (!has_character) {
            if (!unknown_)
                throw InputError{
                    "a character is unknown to the tokenizer, which has no unknown token"};
            offer(at, at + character, unknown_score_, *unknown_);
        }
        at += character;
    }
    return nodes;
}

std::vector<Unigram::Part> Unigram::best_parts(std::string_view word) const {
    const std::vector<Node> nodes = best_paths(word);
    std::vector<Part> parts;
    for (std::size_t end = word.size(); end > 0; end = nodes[end].begin) {
        const Node& node = nodes[end];
        const bool unknown = unknown_ && node.token == *unknown_;
        // A run of unknown characters is one token.
        if (unknown && !parts.empty() && parts.back().token == *unknown_) {
            parts.back().begin = node.begin;
        } else {
            parts.push_back({node.begin, end, node.token});
        }
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
}

std::vector<TokenId> Unigram::tokenize(std::string_view word) const {
    std::vector<TokenId> tokens;
    for (const auto& [begin, end, token] : best_parts(word)) {
        const std::string_view text = word.substr(begin, end - begin);
        if (const auto known = vocabulary().id(text)) {
            tokens.push_back(*known);
            continue;
        }
        const std::vector<TokenId> bytes =
            byte_fallback_ ? byte_tokens_.spell(text) : std::vector<TokenId>{};
        if (bytes.empty()) {
            tokens.push_back(token);
        } else {
            tokens.insert(tokens.end(), bytes.begin(), bytes.end());
        }
    }
    return tokens;
}

}  // namespace evoke::text
