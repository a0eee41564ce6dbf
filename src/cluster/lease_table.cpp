#include "evoke/cluster/lease_table.hpp"

#include <algorithm>
#include <functional>

namespace evoke::cluster {

LeaseId LeaseTable::lend(WorkerId worker, UnitId unit, TimePoint now) {
    const LeaseId id{next_++};
    leases_.emplace(id, Lease{.worker = worker, .unit = unit, .since = now});
    return id;
}

void LeaseTable::progress(WorkerId worker, TimePoint now) {
    for (auto& [id, lease] : leases_)
        if (lease.worker == worker) lease.since = std::max(lease.since, now);
}

std::optional<UnitId> LeaseTable::settle(LeaseId lease) {
    const auto found = leases_.find(lease);
    if (found == leases_.end()) return std::nullopt;
    const UnitId unit = found->second.unit;
    leases_.erase(found);
    return unit;
}

std::vector<UnitId> LeaseTable::reclaim(TimePoint now) {
    return take_back([&](const Lease& lease) { return now - lease.since >= timeout_; });
}

std::vector<UnitId> LeaseTable::reclaim_from(WorkerId worker) {
    return take_back([&](const Lease& lease) { return lease.worker == worker; });
}

std::size_t LeaseTable::held_by(WorkerId worker) const {
    const auto of_worker = [&](const auto& entry) { return entry.second.worker == worker; };
    return static_cast<std::size_t>(std::count_if(leases_.begin(), leases_.end(), of_worker));
}

std::vector<UnitId> LeaseTable::take_back(const std::function<bool(const Lease&)>& chosen) {
    std::vector<Lease> taken;
    for (auto entry = leases_.begin(); entry != leases_.end();) {
        if (!chosen(entry->second)) {
            ++entry;
            continue;
        }
        taken.push_back(entry->second);
        entry = leases_.erase(entry);
    }
    // Leases of one instant keep the order in which they were lent.
    std::ranges::stable_sort(taken, {}, &Lease::since);
    std::vector<UnitId> units;
    units.reserve(taken.size());
    for (const Lease& lease : taken) units.push_back(lease.unit);
    return units;
}

}  // namespace evoke::cluster
