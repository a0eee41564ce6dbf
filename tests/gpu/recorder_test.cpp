#include "lm/cuda/recorder.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/linear.h>
#include <gmock/gmock.h>

#include "gpu/gpu_test.hpp"
#include "lm/cuda/recorded_steps.hpp"

// CUDA graphs on a device, with work that is known.
namespace evoke::lm::cuda {
namespace {

const at::Device device{at::kCUDA, 0};

at::Tensor numbers(double value) {
    return at::full({256, 64}, value, at::TensorOptions{}.dtype(at::kBFloat16).device(device));
}

class GpuRecorder : public test::GpuTest {
protected:
    void SetUp() override {
        test::GpuTest::SetUp();
        if (IsSkipped()) return;
        recorder = make_recorder(device);
        if (!recorder) GTEST_SKIP() << "this build records nothing";
        x = numbers(1.0);
    }
    std::unique_ptr<Recorder> recorder;
    at::Tensor x;
    /// 128 times the numbers in x, by a product.
    Work work = [this] { return at::linear(x, numbers(1.0)) + at::linear(x, numbers(1.0)); };
};

TEST_F(GpuRecorder, replays_on_what_lies_there_now) {
    EXPECT_TRUE(recorder->rehearse(work).equal(at::full_like(recorder->rehearse(work), 128.0)));
    const auto recording = recorder->record(work);
    for (const double value : {2.0, 3.0}) {
        x.fill_(value);
        const at::Tensor result = recording->replay();
        EXPECT_EQ(result.min().item<double>(), 128.0 * value);
        EXPECT_EQ(result.max().item<double>(), 128.0 * value);
    }
}

TEST_F(GpuRecorder, recordings_share_their_memory_and_outlive_one_another) {
    (void)recorder->rehearse(work);
    auto a = recorder->record(work);
    auto b = recorder->record([&] { return work() * 2.0; });
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(a->replay().max().item<double>(), 128.0);
        EXPECT_EQ(b->replay().max().item<double>(), 256.0);
    }
    a.reset();
    EXPECT_EQ(b->replay().max().item<double>(), 256.0);
    b.reset();
    EXPECT_EQ(recorder->record(work)->replay().max().item<double>(), 128.0);
}

TEST_F(GpuRecorder, what_waits_for_the_device_cannot_be_recorded_and_harms_nothing) {
    const Work waiting = [this] { return x + x.sum().item<double>(); };
    (void)recorder->rehearse(waiting);
    EXPECT_ANY_THROW((void)recorder->record(waiting));
    EXPECT_EQ(work().max().item<double>(), 128.0);
    EXPECT_EQ(recorder->record(work)->replay().max().item<double>(), 128.0);
}

TEST_F(GpuRecorder, steps_that_cannot_be_recorded_run_plainly) {
    RecordedSteps steps{std::move(recorder)};
    const Work waiting = [this] { return x + x.sum().item<double>(); };
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(steps.run({}, 256, waiting).max().item<double>(), 256.0 * 64.0);
    EXPECT_EQ(steps.recordings(), 0);
}

}  // namespace
}  // namespace evoke::lm::cuda
