#include "text/bpe.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "text/utf8.hpp"

namespace evoke::text {

namespace {

struct MergeNames {
    std::string left;
    std::string right;
};

/// Both spellings: "a b" and ["a", "b"].
MergeNames merge_names(const nlohmann::json& merge, const JsonPart& place) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
        return {merge[0].get<std::string>(), merge[1].get<std::string>()};
    }
    if (merge.is_string()) {
        const auto& text = merge.get_ref<const std::string&>();
        const std::size_t space = text.find(' ');
        if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos) {
            return {text.substr(0, space), text.substr(space + 1)};
        }
    }
    place.fail("the merge " + merge.dump() + " does not name two tokens");
}

std::size_t merge_count(const JsonPart& part) {
    const JsonPart merges = part.at("merges");
    if (!merges.value().is_array()) merges.expected("a list");
    return merges.value().size();
}

}  // namespace

Bpe::Bpe(const JsonPart& part)
    : Model{Vocabulary{part.at("vocab")}},
      merges_{merge_count(part)},
      byte_tokens_{vocabulary()},
      continuing_prefix_{part.text_or("continuing_subword_prefix", "")},
      end_suffix_{part.text_or("end_of_word_suffix", "")},
      fuse_unknown_{part.boolean_or("fuse_unk", false)},
      byte_fallback_{part.boolean_or("byte_fallback", false)},
      ignore_merges_{part.boolean_or("ignore_merges", false)} {
    part.allow_only({"type", "dropout", "unk_token", "continuing_subword_prefix",
                     "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab",
                     "merges"});
    if (const auto dropout = part.find("dropout"); dropout && dropout->number() != 0) {
        dropout->fail("dropout makes the tokens random, which is not supported");
    }
    if (const auto unknown = part.find("unk_token")) {
        unknown_ = vocabulary().id(unknown->text());
        if (!unknown_) unknown->fail("'" + unknown->text() + "' is not in the vocabulary");
    }
    for (std::size_t i = 0; i < vocabulary().id_limit(); ++i) {
        const auto id = static_cast<TokenId>(i);
        const std::string& token = vocabulary().token(id);
        if (token.empty()) continue;
        const CodePoint first = code_point_at(token, 0);
        if (first.length == token.size()) characters_.emplace(first.value, id);
    }
    read_merges(part.at("merges"));
}

void Bpe::read_merges(const JsonPart& part) {
    const auto id_of = [&](const std::string& token) {
        const auto id = vocabulary().id(token);
        if (!id) part.fail("the merged token '" + token + "' is not in the vocabulary");
        return *id;
    };
    std::uint32_t rank = 0;
    for (const nlohmann::json& merge : part.value()) {
        const MergeNames names = merge_names(merge, part);
        if (names.right.size() < continuing_prefix_.size()) {
            part.fail("the token '" + names.right + "' lacks the prefix of continuing tokens");
        }
        const std::string whole = names.left + names.right.substr(continuing_prefix_.size());
        // In this order, so that the first one missing is the one named.
        const TokenId left = id_of(names.left);
        const TokenId right = id_of(names.right);
        merges_.insert(left, right, {rank, id_of(whole)});
        ++rank;
    }
}

std::optional<TokenId> Bpe::initial_token(std::string_view character, bool first, bool last) const {
    const bool prefixed = !first && !continuing_prefix_.empty();
    const bool suffixed = last && !end_suffix_.empty();
    if (!prefixed && !suffixed) {
        const auto found = characters_.find(code_point_at(character, 0).value);
        return found == characters_.end() ? std::nullopt : std::optional{found->second};
    }
    std::string spelling = prefixed ? continuing_prefix_ : std::string{};
    spelling += character;
    if (suffixed) spelling += end_suffix_;
    return vocabulary().id(spelling);
}

std::vector<TokenId> Bpe::initial_tokens(std::string_view word) const {
    std::vector<TokenId> tokens;
    tokens.reserve(word.size());
    bool pending_unknown = false;
    const auto flush = [&] {
        if (std::exchange(pending_unknown, false)) tokens.push_back(*unknown_);
    };
    for (std::size_t at = 0; at < word.size();) {
        const std::size_t length = code_point_at(word, at).length;
        const std::string_view character = word.substr(at, length);
        const bool first = at == 0;
        at += length;
        const bool last = at == word.size();
        if (const auto token = initial_token(character, first, last)) {
            flush();
            tokens.push_back(*token);
            continue;
        }
        if (byte_fallback_) {
            std::string spelling = first ? std::string{} : continuing_prefix_;
            spelling += character;
            if (last) spelling += end_suffix_;
            // The reference puts these before an unknown token that still waits to be fused.
            if (const auto bytes = byte_tokens_.spell(spelling); !bytes.empty()) {
                tokens.insert(tokens.end(), bytes.begin(), bytes.end());
                continue;
            }
        }
        if (!unknown_) continue;
        if (!fuse_unknown_) flush();
        pending_unknown = true;
    }
    flush();
    return tokens;
}

std::vector<TokenId> Bpe::tokenize(std::string_view word) const {
    if (ignore_merges_) {
        if (const auto whole = vocabulary().id(word)) return {*whole};
    }
    return merge_all(initial_tokens(word), merges_);
}

}  // namespace evoke::text
