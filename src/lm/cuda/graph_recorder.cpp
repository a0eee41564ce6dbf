#include "lm/cuda/recorder.hpp"

#ifdef EVOKE_CUDA_GRAPHS
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/StreamGuard.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

#include <exception>
#include <utility>
#endif

namespace evoke::lm::cuda {

#ifdef EVOKE_CUDA_GRAPHS

namespace {

/// Memory of one or more graphs. They may share it since each is through before the next begins,
/// and reads nothing that an earlier run left there. libtorch takes a pool that no graph uses any
/// more for gone, so it lives as long as they do.
using Pool = std::shared_ptr<const c10::MempoolId_t>;

class Graph final : public Recording {
public:
    explicit Graph(Pool pool) : pool_{std::move(pool)} {}

    at::Tensor replay() override {
        graph_.replay();
        return result_;
    }

    void record(const Work& work, c10::DeviceIndex device) {
        try {
            // Other threads may go on using CUDA meanwhile.
            graph_.capture_begin(*pool_, cudaStreamCaptureModeThreadLocal);
            result_ = work();
            graph_.capture_end();
        } catch (...) {
            abandon(device);
            throw;
        }
    }

private:
    // A capture that failed leaves the stream and the allocators in it. Ending it throws once more
    // when that was the failure, and then nobody has told the allocators.
    void abandon(c10::DeviceIndex device) {
        const auto attempt = [](const auto& step) {
            try {
                step();
                return true;
            } catch (const std::exception&) {
                return false;
            }
        };
        if (attempt([&] { graph_.capture_end(); })) return;
        if (attempt([&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(device, *pool_); }))
            attempt([&] { c10::cuda::CUDACachingAllocator::releasePool(device, *pool_); });
        auto* host = at::getHostAllocator(at::kCUDA);
        if (attempt([&] { host->end_allocate_to_pool(*pool_); }))
            attempt([&] { host->release_pool(*pool_); });
    }

    Pool pool_;
    at::cuda::CUDAGraph graph_;
    at::Tensor result_;
};

class GraphRecorder final : public Recorder {
public:
    explicit GraphRecorder(c10::DeviceIndex device)
        : device_{device},
          stream_{c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device).unwrap()} {}

    // Workspaces of cuBLAS belong to a stream: made here, they are not part of a graph's memory.
    at::Tensor rehearse(const Work& work) override {
        const c10::StreamGuard here{stream_};
        c10::cuda::device_synchronize();
        at::Tensor result = work();
        c10::cuda::device_synchronize();
        return result;
    }

    std::unique_ptr<Recording> record(const Work& work) override {
        const c10::StreamGuard here{stream_};
        c10::cuda::device_synchronize();
        // During a capture the allocator cannot fall back on what it holds unused.
        c10::cuda::CUDACachingAllocator::emptyCache();
        Pool pool = pool_.lock();
        if (!pool) {
            pool = std::make_shared<const c10::MempoolId_t>(at::cuda::graph_pool_handle());
            pool_ = pool;
        }
        auto graph = std::make_unique<Graph>(std::move(pool));
        graph->record(work, device_);
        return graph;
    }

private:
    c10::DeviceIndex device_;
    c10::Stream stream_;
    std::weak_ptr<const c10::MempoolId_t> pool_;
};

}  // namespace

std::unique_ptr<Recorder> make_recorder(at::Device device) {
    if (!device.is_cuda()) return nullptr;
    return std::make_unique<GraphRecorder>(device.index());
}

#else

std::unique_ptr<Recorder> make_recorder(at::Device) {
    return nullptr;
}

#endif

}  // namespace evoke::lm::cuda
