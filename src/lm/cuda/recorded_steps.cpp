#include "lm/cuda/recorded_steps.hpp"

#include <algorithm>
#include <exception>

#include "evoke/core/log.hpp"

namespace evoke::lm::cuda {

at::Tensor RecordedSteps::run(const StepKey& key, std::int64_t count, const Work& work) {
    if (!recorder_) return work();
    if (!entries_.empty() && entries_.front().key.addresses != key.addresses) clear();
    const auto found = std::ranges::find(entries_, key, &Entry::key);
    if (found == entries_.end()) {
        at::Tensor result = recorder_->rehearse(work);
        entries_.push_front({.key = key, .recording = nullptr});
        if (entries_.size() > most) entries_.pop_back();
        return result;
    }
    entries_.splice(entries_.begin(), entries_, found);
    Entry& entry = entries_.front();
    return entry.recording ? entry.recording->replay() : record(entry, count, work);
}

at::Tensor RecordedSteps::record(Entry& entry, std::int64_t count, const Work& work) {
    at::Tensor expected = recorder_->rehearse(work);
    try {
        entry.recording = recorder_->record(work);
        const at::Tensor result = entry.recording->replay();
        if (!result.narrow(0, 0, count).equal(expected.narrow(0, 0, count)))
            give_up("a replayed one differs");
    } catch (const std::exception& error) {
        const std::string text = error.what();
        give_up(text.substr(0, text.find('\n')));
    }
    return expected;
}

void RecordedSteps::give_up(const std::string& reason) {
    log::warn("steps of generation are not recorded, which is slower: {}", reason);
    clear();
    recorder_.reset();
}

std::size_t RecordedSteps::recordings() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        entries_, [](const Entry& entry) { return entry.recording != nullptr; }));
}

}  // namespace evoke::lm::cuda
