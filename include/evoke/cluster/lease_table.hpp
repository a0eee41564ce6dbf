#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "evoke/core/clock.hpp"
#include "evoke/core/ids.hpp"

namespace evoke::cluster {

/// What each worker holds. An overdue lease is handed out again, so a lost worker costs time but
/// never an evaluation. See docs/protocol.md.
class LeaseTable {
public:
    explicit LeaseTable(Duration timeout) : timeout_{timeout} {}
    /// A worker may hold several leases; each id is used once.
    LeaseId lend(WorkerId worker, UnitId unit, TimePoint now);
    /// The worker moved on with its work: its leases run from `now` again.
    void progress(WorkerId worker, TimePoint now);
    /// The unit lent, or nullopt: a late answer to a lease already taken back.
    std::optional<UnitId> settle(LeaseId lease);
    /// Takes back every lease without progress for `timeout`, oldest first.
    std::vector<UnitId> reclaim(TimePoint now);
    /// Takes back whatever the worker holds, oldest first: it left or fell silent.
    std::vector<UnitId> reclaim_from(WorkerId worker);
    [[nodiscard]] std::size_t held_by(WorkerId worker) const;

private:
    struct Lease {
        WorkerId worker;
        UnitId unit;
        TimePoint since;
    };
    std::vector<UnitId> take_back(const std::function<bool(const Lease&)>& chosen);

    Duration timeout_;
    std::uint64_t next_ = 1;
    std::map<LeaseId, Lease> leases_;
};

}  // namespace evoke::cluster
