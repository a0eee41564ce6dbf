#include "lm/cuda/packed_call.hpp"

#include <ATen/ops/tensor.h>

#include <algorithm>

namespace evoke::lm::cuda {

namespace {

/// Numbers of many small tensors, copied to a device together.
class Numbers {
public:
    /// Returns where they begin.
    std::int64_t add(const std::vector<std::int64_t>& values) {
        const auto first = static_cast<std::int64_t>(all_.size());
        for (const std::int64_t value : values) all_.push_back(static_cast<std::int32_t>(value));
        return first;
    }

    [[nodiscard]] at::Tensor to(at::Device device) const {
        return at::tensor(all_, at::kInt).to(device);
    }

private:
    std::vector<std::int32_t> all_;
};

}  // namespace

PackedCall pack(const std::vector<Sequence>& sequences, std::int64_t rows) {
    PackedCall call;
    std::int64_t row = 0;
    const auto fill_to = [&](std::int64_t end) {
        if (row < end) call.sequences.push_back({.first_row = row, .rows = end - row});
        row = end;
    };
    for (const Sequence& sequence : sequences) {
        fill_to(sequence.first_row);
        call.sequences.push_back(sequence);
        row = sequence.end_row();
        call.most_rows = std::max(call.most_rows, sequence.rows);
        call.most_keys = std::max(call.most_keys, sequence.keys);
    }
    fill_to(rows);
    // Rows without keys still have to be written.
    for (const Sequence& sequence : call.sequences)
        call.most_rows = std::max(call.most_rows, sequence.rows);
    return call;
}

void upload(std::vector<PackedCall>& calls, at::Device device) {
    Numbers numbers;
    struct Places {
        std::int64_t rows, starts, counts;
    };
    std::vector<Places> places;
    for (const PackedCall& call : calls) {
        std::vector<std::int64_t> rows{0};
        std::vector<std::int64_t> starts;
        std::vector<std::int64_t> counts;
        for (const Sequence& sequence : call.sequences) {
            rows.push_back(sequence.end_row());
            starts.push_back(sequence.first_key);
            counts.push_back(sequence.keys);
        }
        starts.push_back(0);
        places.push_back({numbers.add(rows), numbers.add(starts), numbers.add(counts)});
    }
    const at::Tensor all = numbers.to(device);
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto count = static_cast<std::int64_t>(calls[i].sequences.size());
        calls[i].row_starts = all.narrow(0, places[i].rows, count + 1);
        calls[i].key_starts = all.narrow(0, places[i].starts, count + 1);
        calls[i].key_counts = all.narrow(0, places[i].counts, count);
    }
}

}  // namespace evoke::lm::cuda
