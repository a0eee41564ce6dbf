#include "lm/score_tree.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "lm/model_spec.hpp"

namespace evoke::lm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

ScoreTree tree_of(const std::vector<ScoreRequest>& requests) {
    std::vector<std::size_t> all(requests.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return build_score_tree(requests, all, Reach::everything);
}

ScoreRequest request(std::vector<TokenId> prefix, std::vector<TokenId> rest,
                     std::vector<TokenId> continuation) {
    ScoreRequest made;
    made.tokens = prefix;
    made.tokens.insert(made.tokens.end(), rest.begin(), rest.end());
    made.prefix_length = prefix.size();
    made.context_length = made.tokens.size();
    made.tokens.insert(made.tokens.end(), continuation.begin(), continuation.end());
    return made;
}

/// The ids from the root to a row, in order.
std::vector<TokenId> path(const ScoreTree& tree, const ScoreTarget& target) {
    const TreeNode& node = tree.nodes[static_cast<std::size_t>(target.node)];
    std::vector<TokenId> ids{node.tokens.begin(), node.tokens.begin() + target.offset + 1};
    for (std::int64_t at = node.parent; at >= 0;
         at = tree.nodes[static_cast<std::size_t>(at)].parent) {
        const auto& above = tree.nodes[static_cast<std::size_t>(at)].tokens;
        ids.insert(ids.begin(), above.begin(), above.end());
    }
    return ids;
}

TEST(ScoreTree, one_token_labels_need_only_the_last_row_of_their_context) {
    const ScoreTree tree = tree_of({request({1, 2}, {3, 4}, {5}), request({1, 2}, {3, 4}, {6})});
    ASSERT_THAT(tree.nodes, SizeIs(2));
    EXPECT_THAT(tree.nodes[0].tokens, ElementsAre(1, 2));
    EXPECT_TRUE(tree.nodes[0].shared_prefix);
    EXPECT_THAT(tree.nodes[1].tokens, ElementsAre(3, 4));
    EXPECT_EQ(tree.nodes[1].parent, 0);
    EXPECT_EQ(tree.nodes[1].first_position, 2);
    EXPECT_THAT(tree.nodes[1].outputs, ElementsAre(1));
    ASSERT_THAT(tree.targets, SizeIs(2));
    EXPECT_EQ(tree.targets[1].token, 6);
    EXPECT_EQ(tree.targets[1].request, 1);
}

TEST(ScoreTree, examples_share_their_prefix_and_keep_their_own_contexts) {
    const ScoreTree tree = tree_of({request({1, 2}, {3}, {9}), request({7}, {3}, {9}),
                                    request({1, 2}, {4}, {9}), request({1, 2}, {3}, {8})});
    ASSERT_THAT(tree.nodes, SizeIs(5));
    EXPECT_THAT(tree.nodes[0].tokens, ElementsAre(1, 2));
    EXPECT_THAT(tree.nodes[1].tokens, ElementsAre(3));
    EXPECT_THAT(tree.nodes[2].tokens, ElementsAre(4));
    EXPECT_THAT(tree.nodes[3].tokens, ElementsAre(7));
    EXPECT_THAT(tree.nodes[4].tokens, ElementsAre(3));
    EXPECT_EQ(tree.nodes[4].parent, 3);
}

TEST(ScoreTree, longer_labels_share_their_first_ids_and_never_feed_the_last) {
    const ScoreTree tree = tree_of({request({}, {1}, {5, 6, 7}), request({}, {1}, {5, 6, 8}),
                                    request({}, {1}, {5, 9}), request({}, {1}, {4})});
    std::size_t fed = 0;
    for (const TreeNode& node : tree.nodes) fed += node.tokens.size();
    EXPECT_EQ(fed, 3);  // 1, 5, 6
    ASSERT_THAT(tree.targets, SizeIs(9));
    const std::vector<ScoreRequest> requests{request({}, {1}, {5, 6, 7}),
                                             request({}, {1}, {5, 6, 8}), request({}, {1}, {5, 9}),
                                             request({}, {1}, {4})};
    for (const ScoreTarget& target : tree.targets) {
        const auto& ids = requests[target.request].tokens;
        const auto end = ids.begin() + 1 + static_cast<std::ptrdiff_t>(target.slot);
        EXPECT_EQ(path(tree, target), std::vector<TokenId>(ids.begin(), end));
        EXPECT_EQ(target.token, *end);
    }
}

TEST(ScoreTree, a_long_continuation_is_one_run_of_ids) {
    const ScoreTree tree = tree_of({request({}, {1}, {2, 3, 4, 5, 6})});
    ASSERT_THAT(tree.nodes, SizeIs(1));
    EXPECT_THAT(tree.nodes[0].tokens, ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(tree.nodes[0].outputs, ElementsAre(0, 1, 2, 3, 4));
}

TEST(ScoreTree, nothing_grows_into_a_prefix_that_stays_cached) {
    const ScoreTree tree = tree_of({request({1, 2}, {}, {3, 4})});
    ASSERT_THAT(tree.nodes, SizeIs(2));
    EXPECT_THAT(tree.nodes[0].tokens, ElementsAre(1, 2));
    EXPECT_THAT(tree.nodes[0].outputs, ElementsAre(1));
    EXPECT_THAT(tree.nodes[1].tokens, ElementsAre(3));
    EXPECT_EQ(tree.nodes[1].first_position, 2);
}

TEST(ScoreTree, requests_left_out_leave_no_trace) {
    const std::vector<ScoreRequest> requests{request({}, {1}, {2}), request({}, {3}, {4})};
    const std::vector<std::size_t> second{1};
    const ScoreTree tree = build_score_tree(requests, second, Reach::everything);
    ASSERT_THAT(tree.nodes, SizeIs(1));
    EXPECT_THAT(tree.nodes[0].tokens, ElementsAre(3));
    EXPECT_EQ(tree.targets[0].request, 1);
}

TEST(CutIntoChunks, fills_each_chunk_and_cuts_nodes_where_it_must) {
    const std::vector<TreeNode> nodes{{.parent = -1, .tokens = {1, 2, 3}, .outputs = {}},
                                      {.parent = 0, .tokens = {4}, .outputs = {}},
                                      {.parent = 0, .tokens = {5, 6, 7, 8, 9}, .outputs = {}}};
    const auto chunks = cut_into_chunks(nodes, {true, true, true}, 4);
    ASSERT_THAT(chunks, SizeIs(3));
    ASSERT_THAT(chunks[0], SizeIs(2));
    EXPECT_EQ(chunks[0][1].node, 1);
    ASSERT_THAT(chunks[1], SizeIs(1));
    EXPECT_EQ(chunks[1][0].count, 4);
    ASSERT_THAT(chunks[2], SizeIs(1));
    EXPECT_EQ(chunks[2][0].offset, 4);
    EXPECT_EQ(chunks[2][0].count, 1);
}

TEST(CutIntoChunks, leaves_out_what_is_done) {
    const std::vector<TreeNode> nodes{{.parent = -1, .tokens = {1, 2, 3}, .outputs = {}},
                                      {.parent = 0, .tokens = {4}, .outputs = {}}};
    const auto chunks = cut_into_chunks(nodes, {false, true}, 4);
    ASSERT_THAT(chunks, SizeIs(1));
    EXPECT_EQ(chunks[0][0].node, 1);
    EXPECT_THAT(cut_into_chunks(nodes, {false, false}, 4), IsEmpty());
}

TEST(ScoreTree, long_texts_share_nothing_with_short_ones) {
    const std::vector<ScoreRequest> requests{request({1, 2}, {3}, {4}),
                                             request({1, 2}, {3}, {4, 5})};
    const std::vector<std::size_t> all{0, 1};
    const ScoreTree shared = build_score_tree(requests, all, 4);
    EXPECT_THAT(shared.nodes, SizeIs(2));
    const ScoreTree apart = build_score_tree(requests, all, 3);
    ASSERT_THAT(apart.nodes, SizeIs(4));
    EXPECT_FALSE(apart.nodes[0].long_text);
    EXPECT_FALSE(apart.nodes[1].long_text);
    EXPECT_TRUE(apart.nodes[2].long_text);
    EXPECT_TRUE(apart.nodes[3].long_text);
    EXPECT_EQ(apart.nodes[3].tokens, (std::vector<TokenId>{3, 4}));
}

TEST(ScoreTree, with_declared_cuts_the_way_to_a_row_does_not_depend_on_other_requests) {
    const ScoreRequest alone = request({1, 2}, {3, 4}, {5, 6, 7});
    const std::vector<ScoreRequest> company{request({1, 2}, {3, 4}, {5, 8, 9}), alone,
                                            request({}, {1, 2, 3, 4, 5}, {6, 7})};
    const std::vector<std::size_t> one{0};
    const std::vector<std::size_t> all{0, 1, 2};
    const ScoreTree small = build_score_tree({&alone, 1}, one, Reach::everything, Cuts::declared);
    ASSERT_THAT(small.nodes, SizeIs(3));
    EXPECT_THAT(small.nodes[2].tokens, ElementsAre(5, 6));
    EXPECT_THAT(small.nodes[2].outputs, ElementsAre(0, 1));
    const ScoreTree large = build_score_tree(company, all, Reach::everything, Cuts::declared);
    for (const ScoreTarget& target : large.targets) {
        const TreeNode& node = large.nodes[static_cast<std::size_t>(target.node)];
        if (target.request != 1 || target.slot == 0) continue;
        EXPECT_THAT(node.tokens, ElementsAre(5, 6));
        EXPECT_EQ(node.first_position, 4);
        EXPECT_EQ(target.offset, static_cast<std::int64_t>(target.slot) - 1);
    }
    EXPECT_THAT(large.targets, SizeIs(8));
}

}  // namespace
}  // namespace evoke::lm
