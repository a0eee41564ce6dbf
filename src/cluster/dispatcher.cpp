#include "cluster/dispatcher.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "evoke/core/log.hpp"

namespace evoke::cluster {

namespace {

constexpr WorkerId local_replica{0};

std::string joined(const std::vector<std::string>& reasons) {
    std::string text;
    for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
    return text;
}

}  // namespace

Dispatcher::Dispatcher(const ClusterOptions& options, int ranks)
    : options_{options},
      times_{options},
      leases_{times_.lease},
      workers_(static_cast<std::size_t>(ranks)) {
    for (int rank = 0; rank < ranks; ++rank) at(WorkerId{rank}).report.worker = WorkerId{rank};
}

Dispatcher::Worker& Dispatcher::at(WorkerId worker) {
    return workers_.at(static_cast<std::size_t>(worker.value));
}
const Dispatcher::Worker& Dispatcher::at(WorkerId worker) const {
    return workers_.at(static_cast<std::size_t>(worker.value));
}

std::string Dispatcher::name_of(WorkerId worker) const {
    const std::string& host = at(worker).report.host;
    return "rank " + std::to_string(worker.value) + (host.empty() ? "" : " on " + host);
}

void Dispatcher::submit(UnitId unit, Bytes payload, std::uint64_t weight) {
    units_.emplace(unit, Unit{.payload = std::move(payload), .weight = weight});
    waiting_.emplace(weight, unit);
}

// ---- what was heard ------------------------------------------------------------------------

void Dispatcher::join(WorkerId worker, const Introduction& introduction, TimePoint now) {
    Worker& record = at(worker);
    record.joined = true;
    record.heard = now;
    record.report.host = introduction.host;
    record.report.device = introduction.device;
}

void Dispatcher::heard(WorkerId worker, TimePoint now) {
    at(worker).heard = now;
}

void Dispatcher::beat(WorkerId worker, std::uint64_t progress, std::size_t held, TimePoint now) {
    const bool moved = progress != std::exchange(at(worker).progress, progress);
    if (moved || held == 0) moves(worker, now);
}

void Dispatcher::moves(WorkerId worker, TimePoint now) {
    Worker& record = at(worker);
    leases_.progress(worker, now);
    if (!std::exchange(record.suspended, false)) return;
    record.report.note.clear();
    log::info("{} is back", name_of(worker));
}

void Dispatcher::result(WorkerId worker, LeaseId lease, Bytes result, double seconds,
                        TimePoint now) {
    moves(worker, now);
    at(worker).report.busy_seconds += seconds;
    const std::optional<UnitId> unit = unit_of(lease, worker);
    if (!unit) return;
    ++at(worker).report.units;
    events_.emplace_back(
        UnitDone{.unit = *unit, .result = std::move(result), .worker = worker, .seconds = seconds});
    // A late answer spares whoever has the unit by now the work.
    if (const auto& current = units_.at(*unit).lease; current && *current != lease)
        recall(*current);
    close(*unit);
}

void Dispatcher::failure(WorkerId worker, LeaseId lease, const std::string& reason, TimePoint now) {
    moves(worker, now);
    const std::optional<UnitId> unit = unit_of(lease, worker);
    // A lease taken back has been counted already.
    if (!unit || units_.at(*unit).lease != lease) return;
    end_lease(*unit);
    count_failure(*unit, worker, reason);
}

void Dispatcher::returned(WorkerId worker, LeaseId lease) {
    const std::optional<UnitId> unit = unit_of(lease, worker);
    if (!unit || units_.at(*unit).lease != lease) return;
    end_lease(*unit);
    waiting_.emplace(units_.at(*unit).weight, *unit);
}

void Dispatcher::left(WorkerId worker, const std::string& note) {
    take_back_all(worker, "");
    at(worker).gone = true;
    at(worker).report.note = note;
}

// ---- the life of a unit --------------------------------------------------------------------

std::optional<UnitId> Dispatcher::unit_of(LeaseId lease, WorkerId worker) const {
    const auto found = lent_.find(lease);
    if (found == lent_.end() || found->second.worker != worker) return std::nullopt;
    return found->second.unit;
}

void Dispatcher::lend(UnitId unit, WorkerId worker, TimePoint now, Orders& orders) {
    Unit& record = units_.at(unit);
    waiting_.erase({record.weight, unit});
    const LeaseId lease = leases_.lend(worker, unit, now);
    record.lease = lease;
    lent_.emplace(lease, Lent{.unit = unit, .worker = worker});
    at(worker).held.push_back({.lease = lease, .unit = unit});
    orders.lend.push_back({.worker = worker, .lease = lease, .payload = &record.payload});
}

void Dispatcher::end_lease(UnitId unit) {
    Unit& record = units_.at(unit);
    if (!record.lease) return;
    const LeaseId lease = *std::exchange(record.lease, std::nullopt);
    record.former.push_back(lease);
    leases_.settle(lease);
    std::erase_if(at(lent_.at(lease).worker).held,
                  [&](const Held& held) { return held.lease == lease; });
}

void Dispatcher::recall(LeaseId lease) {
    recalls_.push_back({.worker = lent_.at(lease).worker, .lease = lease});
}

void Dispatcher::count_failure(UnitId unit, WorkerId worker, const std::string& reason) {
    Unit& record = units_.at(unit);
    record.failed_on.insert(worker);
    record.reasons.push_back(name_of(worker) + ": " + reason);
    if (record.reasons.size() < static_cast<std::size_t>(options_.unit_attempts)) {
        log::warn("a unit failed and is tried again: {}", record.reasons.back());
        waiting_.emplace(record.weight, unit);
        return;
    }
    events_.emplace_back(UnitFailed{.unit = unit, .reason = joined(record.reasons)});
    close(unit);
}

void Dispatcher::take_back_all(WorkerId worker, const std::string& reason) {
    bool oldest = true;
    for (const Held held : std::exchange(at(worker).held, {})) {
        recall(held.lease);
        end_lease(held.unit);
        // The oldest may have been answered unheard: any of them can be the one that did it.
        units_.at(held.unit).silenced_somebody |= !reason.empty();
        if (std::exchange(oldest, false) && !reason.empty()) {
            count_failure(held.unit, worker, reason);
        } else {
            waiting_.emplace(units_.at(held.unit).weight, held.unit);
        }
    }
}

void Dispatcher::close(UnitId unit) {
    end_lease(unit);
    const auto found = units_.find(unit);
    waiting_.erase({found->second.weight, unit});
    for (const LeaseId lease : found->second.former) lent_.erase(lease);
    units_.erase(found);
}

// ---- decisions -----------------------------------------------------------------------------

Dispatcher::Orders Dispatcher::decide(TimePoint now) {
    Orders orders;
    suspend_overdue(now);
    fail_if_nobody_works(now);
    lend_waiting(now, orders);
    recall_for_idle(now);
    orders.recall = std::exchange(recalls_, {});
    return orders;
}

void Dispatcher::suspend_overdue(TimePoint now) {
    std::vector<WorkerId> overdue;
    for (const UnitId unit : leases_.reclaim(now))
        overdue.push_back(lent_.at(*units_.at(unit).lease).worker);
    for (const WorkerId worker : overdue) {
        Worker& record = at(worker);
        if (std::exchange(record.suspended, true)) continue;
        const std::string reason =
            is_quiet(worker, now)
                ? "it fell silent"
                : "no progress for " + std::to_string(std::lround(seconds(times_.lease))) + " s";
        log::warn("{}: {}; its units go to others", name_of(worker), reason);
        record.report.note = reason;
        take_back_all(worker, reason);
    }
}

void Dispatcher::lend_waiting(TimePoint now, Orders& orders) {
    if (waiting_.empty()) return;
    const std::vector<WorkerId> usable = usable_workers(now);
    for (std::size_t held = 0; held < leases_per_worker; ++held) {
        for (const WorkerId worker : usable) {
            if (at(worker).held.size() != held) continue;
            if (const auto unit = choose_for(worker, usable)) lend(*unit, worker, now, orders);
        }
    }
}

/// At the end of a generation nobody idles while somebody has a unit that has not been begun.
void Dispatcher::recall_for_idle(TimePoint now) {
    if (!waiting_.empty() || lent_.empty()) return;
    const std::vector<WorkerId> usable = usable_workers(now);
    auto victim = usable.begin();
    for (const WorkerId idle : usable) {
        if (!at(idle).held.empty()) continue;
        const auto has_spare = [&](WorkerId worker) {
            const auto& held = at(worker).held;
            return held.size() > 1 && !held.back().recalled &&
                   suits(units_.at(held.back().unit), idle, usable);
        };
        victim = std::find_if(victim, usable.end(), has_spare);
        if (victim == usable.end()) return;
        at(*victim).held.back().recalled = true;
        recall(at(*victim).held.back().lease);
    }
}

void Dispatcher::fail_if_nobody_works(TimePoint now) {
    if (waiting_.empty() || !usable_workers(now).empty()) {
        nobody_since_.reset();
        return;
    }
    if (!nobody_since_) nobody_since_ = now;
    if (now - *nobody_since_ < times_.lease) return;
    while (!waiting_.empty()) {
        const UnitId unit = waiting_.begin()->second;
        std::vector<std::string> reasons = units_.at(unit).reasons;
        reasons.emplace_back("no rank is left that makes progress");
        events_.emplace_back(UnitFailed{.unit = unit, .reason = joined(reasons)});
        close(unit);
    }
}

std::vector<QueueEvent> Dispatcher::take_events() {
    return std::exchange(events_, {});
}

// ---- who may take work ---------------------------------------------------------------------

bool Dispatcher::has_joined(WorkerId worker) const {
    return at(worker).joined;
}

bool Dispatcher::is_quiet(WorkerId worker, TimePoint now) const {
    return worker != local_replica && now - at(worker).heard > times_.quiet;
}

bool Dispatcher::usable(WorkerId worker, TimePoint now) const {
    const Worker& record = at(worker);
    return record.joined && !record.gone && !record.suspended && !is_quiet(worker, now);
}

std::vector<WorkerId> Dispatcher::usable_workers(TimePoint now) const {
    std::vector<WorkerId> usable_now;
    for (int rank = 0; rank < ranks(); ++rank)
        if (usable(WorkerId{rank}, now)) usable_now.emplace_back(rank);
    return usable_now;
}

bool Dispatcher::suits(const Unit& unit, WorkerId worker,
                       const std::vector<WorkerId>& usable) const {
    if (unit.failed_on.empty() && !unit.silenced_somebody) return true;
    const auto fresh = [&](WorkerId other) { return !unit.failed_on.contains(other); };
    if (std::ranges::none_of(usable, fresh)) return true;
    if (!fresh(worker)) return false;
    if (worker != local_replica || !unit.silenced_somebody) return true;
    return std::ranges::none_of(
        usable, [&](WorkerId other) { return other != local_replica && fresh(other); });
}

std::optional<UnitId> Dispatcher::choose_for(WorkerId worker,
                                             const std::vector<WorkerId>& usable) const {
    for (const auto& [weight, unit] : waiting_)
        if (suits(units_.at(unit), worker, usable)) return unit;
    return std::nullopt;
}

WorkerReport Dispatcher::report(WorkerId worker, TimePoint now) const {
    WorkerReport report = at(worker).report;
    report.lost = !at(worker).gone && !usable(worker, now);
    if (!at(worker).joined) report.note = "it has not introduced itself";
    if (report.lost && report.note.empty()) report.note = "nothing was heard of it lately";
    return report;
}

}  // namespace evoke::cluster
