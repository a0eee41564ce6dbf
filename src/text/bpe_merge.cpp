#include <algorithm>
#include <queue>
#include <tuple>

#include "text/bpe.hpp"

namespace evoke::text {

namespace {

/// Words up to this length are merged by looking at every pair again: no bookkeeping, all in cache.
constexpr std::size_t short_word = 40;

std::vector<TokenId> merge_short(std::vector<TokenId> tokens, const PairTable& table) {
    std::vector<Merge> merges(tokens.size());  // of each token with its right neighbour
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        merges[i] = table.find(tokens[i], tokens[i + 1]);
    }
    while (tokens.size() > 1) {
        const auto best =
            std::min_element(merges.begin(), merges.end() - 1,
                             [](const Merge& a, const Merge& b) { return a.rank < b.rank; });
        if (!best->exists()) break;
        const auto at = best - merges.begin();
        const auto index = static_cast<std::size_t>(at);
        tokens[index] = best->result;
        tokens.erase(tokens.begin() + at + 1);
        merges.erase(merges.begin() + at + 1);
        const bool last = index + 1 == tokens.size();
        merges[index] = last ? Merge{} : table.find(tokens[index], tokens[index + 1]);
        if (index > 0) merges[index - 1] = table.find(tokens[index - 1], tokens[index]);
    }
    return tokens;
}

constexpr std::size_t none = static_cast<std::size_t>(-1);

struct Symbol {
    TokenId token;
    std::size_t previous;
    std::size_t next;
    bool alive = true;
};

struct Candidate {
    Merge merge;
    std::size_t at;

    /// For a queue whose top is the lowest rank, the leftmost among equals.
    friend bool operator<(const Candidate& a, const Candidate& b) {
        return std::tie(a.merge.rank, a.at) > std::tie(b.merge.rank, b.at);
    }
};

std::vector<TokenId> merge_long(const std::vector<TokenId>& tokens, const PairTable& table) {
    std::vector<Symbol> symbols;
    symbols.reserve(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        symbols.push_back({tokens[i], i == 0 ? none : i - 1, i + 1 < tokens.size() ? i + 1 : none});
    }
    std::vector<Candidate> first;
    const auto candidate_at = [&](std::size_t at) {
        const std::size_t next = symbols[at].next;
        return next == none ? Candidate{{}, at}
                            : Candidate{table.find(symbols[at].token, symbols[next].token), at};
    };
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        if (const Candidate candidate = candidate_at(i); candidate.merge.exists()) {
            first.push_back(candidate);
        }
    }
    std::priority_queue<Candidate> queue{std::less<Candidate>{}, std::move(first)};
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        // A neighbour may have changed since this was queued.
        Symbol& left = symbols[top.at];
        if (!left.alive || left.next == none) continue;
        Symbol& right = symbols[left.next];
        if (table.find(left.token, right.token).rank != top.merge.rank) continue;
        left.token = top.merge.result;
        left.next = right.next;
        right.alive = false;
        if (left.next != none) symbols[left.next].previous = top.at;
        for (const std::size_t at : {left.previous, top.at}) {
            if (at == none) continue;
            if (const Candidate next = candidate_at(at); next.merge.exists()) queue.push(next);
        }
    }
    std::vector<TokenId> merged;
    for (std::size_t at = 0; at != none; at = symbols[at].next) merged.push_back(symbols[at].token);
    return merged;
}

}  // namespace

std::vector<TokenId> merge_all(std::vector<TokenId> tokens, const PairTable& merges) {
    if (tokens.size() <= 1) return tokens;
    return tokens.size() <= short_word ? merge_short(std::move(tokens), merges)
                                       : merge_long(tokens, merges);
}

}  // namespace evoke::text
