#include "lm/cuda/attention_plan.hpp"

#include <gmock/gmock.h>

#include "lm/cuda/kv_arena.hpp"

namespace evoke::lm::cuda {

void PrintTo(const Sequence& s, std::ostream* out) {
    *out << "{" << s.first_row << ", " << s.rows << ", " << s.first_key << ", " << s.keys << "}";
}

namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr std::int64_t everything = Reach::everything;

auto sequence(std::int64_t first_row, std::int64_t rows, std::int64_t first_key,
              std::int64_t keys) {
    return testing::AllOf(testing::Field("first_row", &Sequence::first_row, first_row),
                          testing::Field("rows", &Sequence::rows, rows),
                          testing::Field("first_key", &Sequence::first_key, first_key),
                          testing::Field("keys", &Sequence::keys, keys));
}

ModelSpec small_spec() {
    ModelSpec spec;
    spec.key_value_heads = 1;
    spec.head_dim = 2;
    spec.layer_specs.resize(1);
    return spec;
}

class AttentionPlan : public testing::Test {
protected:
    std::shared_ptr<KvState> state(std::int64_t first, std::int64_t capacity) {
        return arena->allocate(first, capacity);
    }
    std::vector<PackedCall> plan(const std::vector<QueryRun>& runs, const std::vector<Span>& spans,
                                 std::int64_t rows, std::int64_t back = everything) {
        auto calls = plan_attention(runs, spans, rows, back);
        upload(calls, at::kCPU);
        return calls;
    }
    std::shared_ptr<KvArena> arena =
        std::make_shared<KvArena>(small_spec(), at::kFloat, at::kCPU, 0);
};

// A prefix of 10 in slots 0 to 9, two examples of 4 and 3 behind it, a text of 5 of its own.
TEST_F(AttentionPlan, examples_of_one_prefix_are_one_sequence_and_each_is_causal_itself) {
    const auto prefix = state(0, 10);
    const auto a = state(10, 4);
    const auto b = state(10, 3);
    const auto alone = state(0, 5);
    const std::vector<Span> spans{{{prefix.get(), a.get()}, 0, 4, 10},
                                  {{prefix.get(), b.get()}, 4, 3, 10},
                                  {{alone.get()}, 7, 5, 0}};
    const auto calls = plan({{0, 0, 4, 10}, {1, 4, 3, 10}, {2, 7, 5, 0}}, spans, 16);
    ASSERT_THAT(calls, SizeIs(2));
    EXPECT_FALSE(calls[0].causal);
    EXPECT_THAT(calls[0].sequences, ElementsAre(sequence(0, 7, 0, 10), sequence(7, 9, 0, 0)));
    EXPECT_TRUE(calls[1].causal);
    EXPECT_THAT(calls[1].sequences, ElementsAre(sequence(0, 4, 10, 4), sequence(4, 3, 14, 3),
                                                sequence(7, 5, 17, 5), sequence(12, 4, 0, 0)));
    EXPECT_EQ(calls[1].key_counts.size(0), 4);
    EXPECT_EQ(calls[1].row_starts[3].item<int>(), 12);
}

TEST_F(AttentionPlan, a_piece_of_a_text_sees_what_the_pieces_before_it_stored) {
    const auto text = state(0, 100);
    const std::vector<Span> spans{{{text.get()}, 0, 30, 50}};
    const auto calls = plan({{0, 0, 30, 50}}, spans, 30);
    ASSERT_THAT(calls, SizeIs(1));
    EXPECT_THAT(calls[0].sequences, ElementsAre(sequence(0, 30, 0, 80)));
}

TEST_F(AttentionPlan, wanted_rows_are_sequences_of_their_own) {
    const auto text = state(0, 100);
    const std::vector<Span> spans{{{text.get()}, 0, 100, 0}};
    const auto calls = plan({{0, 0, 1, 20}, {0, 1, 2, 98}}, spans, 3);
    ASSERT_THAT(calls, SizeIs(1));
    EXPECT_THAT(calls[0].sequences, ElementsAre(sequence(0, 1, 0, 21), sequence(1, 2, 0, 100)));
}

// Windows of 301: rows at positions up to 300 see everything before them, those behind lose some.
TEST_F(AttentionPlan, rows_whose_window_is_cut_read_gathered_keys_from_an_aligned_position) {
    const auto prefix = state(0, 500);
    const auto own = state(500, 200);
    const std::vector<Span> spans{{{prefix.get()}, 0, 500, 0},
                                  {{prefix.get(), own.get()}, 500, 200, 500}};
    const auto calls = plan({{0, 0, 500, 0}, {1, 500, 200, 500}}, spans, 700, 300);
    ASSERT_THAT(calls, SizeIs(2));
    EXPECT_THAT(calls[0].sequences,
                ElementsAre(sequence(0, 301, 0, 301), sequence(301, 399, 0, 0)));
    // Position 301 - 300 rounds down to 0, position 500 - 300 too.
    EXPECT_THAT(calls[1].sequences, ElementsAre(sequence(0, 301, 0, 0), sequence(301, 199, 0, 500),
                                                sequence(500, 200, 500, 700)));
    EXPECT_EQ(calls[1].back, 300);
    ASSERT_EQ(calls[1].gathered.size(0), 1200);
    EXPECT_EQ(calls[1].gathered[500 + 499].item<int>(), 499);
    EXPECT_EQ(calls[1].gathered[500 + 500].item<int>(), 500);
    const auto later = plan({{1, 0, 100, 600}}, spans, 100, 300);
    ASSERT_THAT(later, SizeIs(1));
    EXPECT_THAT(later[0].sequences, ElementsAre(sequence(0, 100, 0, 700 - 256)));
    EXPECT_EQ(later[0].gathered[0].item<int>(), 256);
}

TEST(FixShape, leaves_to_each_row_its_keys_and_rounds_the_rest_up) {
    PackedCall call = pack({{0, 1, 40, 90}, {3, 1, 10, 300}}, 6);
    fix_shape(call, 6);
    EXPECT_THAT(call.sequences,
                ElementsAre(sequence(0, 1, 40, 90), sequence(1, 1, 0, 0), sequence(2, 1, 0, 0),
                            sequence(3, 1, 10, 300), sequence(4, 1, 0, 0), sequence(5, 1, 0, 0)));
    EXPECT_EQ(call.most_rows, 2);
    EXPECT_EQ(call.most_keys, 512);

    PackedCall shared = pack({{0, 3, 40, 90}}, 6);
    shared.gather.resize(4097, 7);
    fix_shape(shared, 6);
    EXPECT_THAT(shared.sequences,
                ElementsAre(sequence(0, 3, 40, 90), sequence(3, 1, 0, 0), sequence(4, 1, 0, 0),
                            sequence(5, 1, 0, 0), sequence(6, 0, 0, 0), sequence(6, 0, 0, 0)));
    EXPECT_EQ(shared.most_rows, 6);
    EXPECT_EQ(shared.most_keys, 128);
    EXPECT_THAT(shared.gather, SizeIs(5120));
}

TEST(KvArena, gives_slots_back_and_joins_neighbours) {
    const auto arena = std::make_shared<KvArena>(small_spec(), at::kFloat, at::kCPU, 100);
    auto a = arena->allocate(0, 40);
    auto b = arena->allocate(0, 40);
    EXPECT_EQ(arena->used_slots(), 80);
    EXPECT_THROW((void)arena->allocate(0, 30), c10::OutOfMemoryError);
    a.reset();
    EXPECT_THROW((void)arena->allocate(0, 41), c10::OutOfMemoryError);
    b.reset();
    const auto all = arena->allocate(0, 100);
    EXPECT_EQ(arena->slots(), 100);
    EXPECT_EQ(all->bytes(), 100 * arena->bytes_per_slot());
}

TEST(KvArena, keeps_what_is_stored_when_it_grows) {
    const auto arena = std::make_shared<KvArena>(small_spec(), at::kFloat, at::kCPU, 0);
    const auto a = arena->allocate(0, 3);
    arena->keys(0).narrow(0, 0, 3).fill_(7.0);
    const std::int64_t version = arena->version();
    const auto b = arena->allocate(0, 9000);
    EXPECT_EQ(arena->keys(0).narrow(0, 0, 3).sum().item<float>(), 42.0F);
    EXPECT_NE(arena->version(), version) << "its tensors are others";
    EXPECT_GE(arena->slots(), 9003);
    arena->release();
    EXPECT_GE(arena->slots(), 9003) << "states are there";
}

TEST(KvArena, gives_its_memory_back_when_it_holds_no_state) {
    const auto arena = std::make_shared<KvArena>(small_spec(), at::kFloat, at::kCPU, 0);
    (void)arena->allocate(0, 10);
    arena->release();
    EXPECT_EQ(arena->slots(), 0);
    EXPECT_EQ(arena->keys(0).size(0), 0);
    const auto again = arena->allocate(0, 10);
    EXPECT_EQ(arena->used_slots(), 10);
}

}  // namespace
}  // namespace evoke::lm::cuda
