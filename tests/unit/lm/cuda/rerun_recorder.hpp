#pragma once

#include <memory>
#include <utility>

#include "lm/cuda/recorder.hpp"

namespace evoke::lm::cuda {

struct RecorderCounts {
    int rehearsed = 0, recorded = 0, replayed = 0;
};

/// A recorder for the processor: its recordings run their work again. What the work took from the
/// host when it was recorded stays as it was then, as in a CUDA graph.
class RerunRecorder final : public Recorder {
public:
    explicit RerunRecorder(RecorderCounts& counts) : counts_{counts} {}

    at::Tensor rehearse(const Work& work) override {
        ++counts_.rehearsed;
        return work();
    }
    std::unique_ptr<Recording> record(const Work& work) override {
        ++counts_.recorded;
        return std::make_unique<Rerun>(counts_, work);
    }

private:
    class Rerun final : public Recording {
    public:
        Rerun(RecorderCounts& counts, Work work) : counts_{counts}, work_{std::move(work)} {}
        at::Tensor replay() override {
            ++counts_.replayed;
            return work_();
        }

    private:
        RecorderCounts& counts_;
        Work work_;
    };

    RecorderCounts& counts_;
};

}  // namespace evoke::lm::cuda
