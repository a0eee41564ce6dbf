#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lm/cuda/recorder.hpp"

namespace evoke::lm::cuda {

/// What of the host a step's launches depend on.
struct StepKey {
    /// Versions of where things lie. When one changes, no earlier recording is of use any more.
    std::vector<std::int64_t> addresses;
    std::vector<std::int64_t> shapes;

    bool operator==(const StepKey&) const = default;
};

/// Steps of generation, recorded when their key comes a second time and replayed from then on, the
/// most recently used ones. The first replay of each is held against the step as it runs plainly;
/// when it differs, or a step cannot be recorded, all further ones run plainly, and the log says so
/// once.
class RecordedSteps {
public:
    /// Without a recorder all steps run plainly.
    explicit RecordedSteps(std::unique_ptr<Recorder> recorder) : recorder_{std::move(recorder)} {}

    /// The result of `work`, [rows, ...], of whose rows the first `count` are read; it holds until
    /// the next call. Requires: works with equal keys queue the same, and may run twice in a row.
    [[nodiscard]] at::Tensor run(const StepKey& key, std::int64_t count, const Work& work);

    /// Drops the recordings, which hold memory of the device.
    void clear() { entries_.clear(); }

    [[nodiscard]] std::size_t recordings() const;

    /// A generation of texts that grow by some hundred tokens meets fewer keys.
    static constexpr std::size_t most = 16;

private:
    struct Entry {
        StepKey key;
        std::unique_ptr<Recording> recording;  ///< null: met once
    };

    [[nodiscard]] at::Tensor record(Entry& entry, std::int64_t count, const Work& work);
    void give_up(const std::string& reason);

    std::unique_ptr<Recorder> recorder_;
    std::list<Entry> entries_;  ///< most recently used first
};

}  // namespace evoke::lm::cuda
