#include "lm/cuda/recorded_steps.hpp"

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include <stdexcept>

#include "lm/cuda/fixed_tensors.hpp"
#include "unit/lm/cuda/rerun_recorder.hpp"

namespace evoke::lm::cuda {
namespace {

StepKey key(std::int64_t shape, std::int64_t address = 0) {
    return {.addresses = {address}, .shapes = {shape}};
}

/// Two rows of a number, which counts how often it ran.
class Counted {
public:
    Work work(double value) {
        return [this, value] {
            ++runs;
            return at::full({2}, value);
        };
    }
    int runs = 0;
};

float first(const at::Tensor& x) {
    return x.const_data_ptr<float>()[0];
}

class RecordedStepsTest : public testing::Test {
protected:
    float run(const StepKey& which, double value = 7.0) {
        return first(steps.run(which, 2, counted.work(value)));
    }
    RecorderCounts counts;
    Counted counted;
    RecordedSteps steps{std::make_unique<RerunRecorder>(counts)};
};

TEST_F(RecordedStepsTest, records_a_step_that_comes_a_second_time_and_replays_it_from_then_on) {
    EXPECT_EQ(run(key(1)), 7.0F);
    EXPECT_EQ(counts.recorded, 0);
    EXPECT_EQ(run(key(1)), 7.0F);
    EXPECT_EQ(counts.recorded, 1);
    EXPECT_EQ(run(key(1), 9.0), 7.0F) << "the recording, not the work at hand";
    EXPECT_EQ(counts.recorded, 1);
    EXPECT_EQ(counts.replayed, 2);
    EXPECT_EQ(counts.rehearsed, 2);
}

TEST_F(RecordedStepsTest, keeps_the_most_recently_used_ones) {
    const auto count = static_cast<std::int64_t>(RecordedSteps::most);
    for (std::int64_t shape = 0; shape < count; ++shape)
        for (int i = 0; i < 2; ++i) run(key(shape));
    EXPECT_EQ(steps.recordings(), RecordedSteps::most);
    run(key(0));
    run(key(100));  // Number 1 makes room.
    EXPECT_EQ(steps.recordings(), RecordedSteps::most - 1);
    EXPECT_EQ(run(key(0), 9.0), 7.0F);
    EXPECT_EQ(run(key(1), 9.0), 9.0F);
}

TEST_F(RecordedStepsTest, drops_all_when_something_lies_elsewhere) {
    for (int i = 0; i < 2; ++i) run(key(1));
    EXPECT_EQ(run(key(2, 5)), 7.0F);
    EXPECT_EQ(steps.recordings(), 0);
    EXPECT_EQ(run(key(1, 5), 9.0), 9.0F);
}

TEST_F(RecordedStepsTest, gives_its_memory_back) {
    for (int i = 0; i < 2; ++i) run(key(1));
    EXPECT_EQ(steps.recordings(), 1);
    steps.clear();
    EXPECT_EQ(steps.recordings(), 0);
    EXPECT_EQ(run(key(1), 9.0), 9.0F);
}

TEST(RecordedSteps, run_plainly_without_a_recorder) {
    Counted counted;
    RecordedSteps steps{nullptr};
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(first(steps.run(key(1), 2, counted.work(i))), static_cast<float>(i));
    EXPECT_EQ(counted.runs, 4);
}

class Failing final : public Recorder {
public:
    at::Tensor rehearse(const Work& work) override { return work(); }
    std::unique_ptr<Recording> record(const Work&) override {
        throw std::runtime_error{"operation not permitted\nwhen capturing"};
    }
};

TEST(RecordedSteps, run_plainly_after_one_that_cannot_be_recorded) {
    Counted counted;
    RecordedSteps steps{std::make_unique<Failing>()};
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(first(steps.run(key(1), 2, counted.work(i))), static_cast<float>(i));
    EXPECT_EQ(counted.runs, 4);
    EXPECT_EQ(steps.recordings(), 0);
}

/// The second row of a replay differs.
class Differing final : public Recorder {
public:
    at::Tensor rehearse(const Work& work) override { return work(); }
    std::unique_ptr<Recording> record(const Work&) override { return std::make_unique<Wrong>(); }

private:
    class Wrong final : public Recording {
    public:
        at::Tensor replay() override { return at::tensor({7.0F, 8.0F}); }
    };
};

TEST(RecordedSteps, run_plainly_after_a_replay_that_differs) {
    Counted counted;
    RecordedSteps steps{std::make_unique<Differing>()};
    for (int i = 0; i < 3; ++i) (void)steps.run(key(1), 2, counted.work(7.0));
    EXPECT_EQ(counted.runs, 3);
    EXPECT_EQ(steps.recordings(), 0);
}

TEST(RecordedSteps, only_rows_that_are_read_have_to_agree) {
    Counted counted;
    RecordedSteps steps{std::make_unique<Differing>()};
    for (int i = 0; i < 3; ++i) (void)steps.run(key(1), 1, counted.work(7.0));
    EXPECT_EQ(counted.runs, 2);
    EXPECT_EQ(steps.recordings(), 1);
}

TEST(FixedTensors, stay_where_they_are_while_there_is_room) {
    FixedTensors fixed{at::kCPU};
    const at::Tensor a = fixed.put(1, at::full({3}, 1.0));
    const std::int64_t version = fixed.version();
    const at::Tensor b = fixed.put(1, at::full({2}, 2.0));
    EXPECT_EQ(a.const_data_ptr(), b.const_data_ptr());
    EXPECT_EQ(first(a), 2.0F);
    EXPECT_EQ(b.size(0), 2);
    EXPECT_EQ(fixed.version(), version);
    const at::Tensor c = fixed.put(1, at::full({4}, 3.0));
    EXPECT_NE(fixed.version(), version);
    EXPECT_EQ(first(a), 2.0F);
    EXPECT_EQ(first(c), 3.0F);
}

}  // namespace
}  // namespace evoke::lm::cuda
