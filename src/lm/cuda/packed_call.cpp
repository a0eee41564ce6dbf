#include "lm/cuda/packed_call.hpp"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <utility>

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

    [[nodiscard]] at::Tensor all() const { return at::tensor(all_, at::kInt); }

private:
    std::vector<std::int32_t> all_;
};

/// The next power of two.
std::int64_t rounded_up(std::int64_t size, std::int64_t least) {
    std::int64_t rounded = least;
    while (rounded < size) rounded *= 2;
    return rounded;
}

/// Keys are gathered in vain for what this adds: at most 511, or a quarter.
std::int64_t rounded_gently(std::int64_t size) {
    const std::int64_t step = rounded_up(size + 1, 4096) / 8;
    return (size + step - 1) / step * step;
}

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

void fix_shape(PackedCall& call, std::int64_t rows) {
    constexpr std::int64_t few_rows = 2;
    constexpr std::int64_t few_keys = 128;
    std::vector<Sequence> sequences;
    std::int64_t most_rows = 0;
    for (const Sequence& sequence : call.sequences) {
        if (sequence.keys > 0) {
            sequences.push_back(sequence);
            most_rows = std::max(most_rows, sequence.rows);
            continue;
        }
        // One by one, so that rows without keys do not make the longest sequence.
        for (std::int64_t i = 0; i < sequence.rows; ++i)
            sequences.push_back({.first_row = sequence.first_row + i, .rows = 1});
    }
    sequences.resize(static_cast<std::size_t>(rows), {.first_row = rows});
    call.sequences = std::move(sequences);
    call.most_rows = most_rows <= few_rows ? few_rows : rows;
    call.most_keys = rounded_up(call.most_keys, few_keys);
    if (call.gather.empty()) return;
    const auto size = static_cast<std::int64_t>(call.gather.size());
    call.gather.resize(static_cast<std::size_t>(rounded_gently(size)));
}

void upload(std::vector<PackedCall>& calls, at::Device device) {
    upload(calls, [device](std::size_t, const at::Tensor& values) { return values.to(device); });
}

void upload(std::vector<PackedCall>& calls, const Carry& carry) {
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
    const at::Tensor all = carry(0, numbers.all());
    std::size_t number = 0;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto count = static_cast<std::int64_t>(calls[i].sequences.size());
        calls[i].row_starts = all.narrow(0, places[i].rows, count + 1);
        calls[i].key_starts = all.narrow(0, places[i].starts, count + 1);
        calls[i].key_counts = all.narrow(0, places[i].counts, count);
        if (!calls[i].gather.empty())
            calls[i].gathered = carry(++number, at::tensor(calls[i].gather, at::kLong));
    }
}

}  // namespace evoke::lm::cuda
