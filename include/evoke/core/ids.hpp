#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace evoke {

/// An integer that cannot be mistaken for another kind of id.
template <class Tag, class Rep = std::uint64_t>
struct Id {
    using rep = Rep;
    Rep value{};

    constexpr Id() = default;
    constexpr explicit Id(Rep v) : value{v} {}
    friend constexpr auto operator<=>(Id, Id) = default;
};

/// An individual of a run: numbered in the order in which slots are decided, from 0.
using IndividualId = Id<struct IndividualTag>;
/// An example of a task: its position among all examples that the task loaded (dev, then test, then
/// demonstration files, in file order). The same on every rank.
using ExampleId = Id<struct ExampleTag, std::uint32_t>;
/// A token of some tokenizer's vocabulary.
using TokenId = std::int32_t;
/// A unit of work, as the coordinator numbers them within one process.
using UnitId = Id<struct UnitTag>;
/// A lease of a unit to a worker.
using LeaseId = Id<struct LeaseTag>;
/// A worker: its MPI rank.
using WorkerId = Id<struct WorkerTag, std::int32_t>;

}  // namespace evoke

template <class Tag, class Rep>
struct std::hash<evoke::Id<Tag, Rep>> {
    std::size_t operator()(evoke::Id<Tag, Rep> id) const noexcept {
        return std::hash<Rep>{}(id.value);
    }
};
