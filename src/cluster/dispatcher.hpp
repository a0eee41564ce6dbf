#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "cluster/times.hpp"
#include "evoke/cluster/cluster.hpp"
#include "evoke/cluster/lease_table.hpp"

namespace evoke::cluster {

/// Decides who does which unit, and what a silence means. No threads, no messages, no clock of its
/// own: the coordinator tells it what happened and carries out what it answers.
///
/// The rules (docs/protocol.md):
/// - Heavier units first, equal ones in the order of submission; whoever holds least is served
///   first; nobody holds more than `leases_per_worker`.
/// - A worker whose leases run out is suspended: everything it holds is taken back, its oldest
///   unit (the one it ran) counts the failure, and it gets nothing until it moves again.
/// - A failed unit goes to a worker that has not failed on it, while there is one. A unit that a
///   worker fell silent on goes to rank 0 last: rank 0 carries the run.
/// - An answer is taken once, from whoever brings it first, also from a lease taken back.
/// - When nobody has been able to work for a whole lease, what waits fails.
class Dispatcher {
public:
    /// One running, one waiting.
    static constexpr std::size_t leases_per_worker = 2;

    Dispatcher(const ClusterOptions& options, int ranks);

    void submit(UnitId unit, Bytes payload, std::uint64_t weight);

    /// The worker introduced itself and may get leases. Worker 0 is the local replica.
    void join(WorkerId worker, const Introduction& introduction, TimePoint now);
    /// Anything was heard from the worker.
    void heard(WorkerId worker, TimePoint now);
    /// Its beat: `progress` differs from the last one when its model thread moved on.
    void beat(WorkerId worker, std::uint64_t progress, std::size_t held, TimePoint now);
    void result(WorkerId worker, LeaseId lease, Bytes result, double seconds, TimePoint now);
    void failure(WorkerId worker, LeaseId lease, const std::string& reason, TimePoint now);
    /// A recalled unit that the worker had not begun.
    void returned(WorkerId worker, LeaseId lease);
    /// The worker goes, or is sent away; `note` says why, when that is worth a report.
    void left(WorkerId worker, const std::string& note);

    struct Order {
        WorkerId worker;
        LeaseId lease;
        const Bytes* payload;  ///< valid until the next call of any other function
    };
    struct Recall {
        WorkerId worker;
        LeaseId lease;
    };
    struct Orders {
        std::vector<Order> lend;
        std::vector<Recall> recall;
    };
    /// Takes back what is overdue and lends what waits. Call after anything happened, and at least
    /// once per beat.
    [[nodiscard]] Orders decide(TimePoint now);
    /// What the search should know, in the order in which it happened.
    [[nodiscard]] std::vector<QueueEvent> take_events();

    /// Not heard of for ten beats: gets no leases, and no messages that would only pile up.
    [[nodiscard]] bool is_quiet(WorkerId worker, TimePoint now) const;
    [[nodiscard]] bool has_joined(WorkerId worker) const;
    [[nodiscard]] WorkerReport report(WorkerId worker, TimePoint now) const;
    [[nodiscard]] int ranks() const { return static_cast<int>(workers_.size()); }

private:
    struct Unit {
        Bytes payload;
        std::uint64_t weight = 0;
        std::optional<LeaseId> lease;  ///< set while lent
        std::vector<LeaseId> former;   ///< leases taken back; an answer may still come
        std::set<WorkerId> failed_on;
        bool silenced_somebody = false;
        std::vector<std::string> reasons;
    };
    struct Held {
        LeaseId lease;
        UnitId unit;
        bool recalled = false;
    };
    struct Lent {
        UnitId unit;
        WorkerId worker;
    };
    struct Worker {
        bool joined = false;
        bool gone = false;
        bool suspended = false;
        TimePoint heard{};
        std::uint64_t progress = 0;
        std::deque<Held> held;  ///< in the order of lending, which is the order of execution
        WorkerReport report;
    };
    /// Heaviest first, then in the order of submission.
    struct Before {
        bool operator()(const std::pair<std::uint64_t, UnitId>& a,
                        const std::pair<std::uint64_t, UnitId>& b) const {
            return a.first != b.first ? a.first > b.first : a.second < b.second;
        }
    };

    Worker& at(WorkerId worker);
    [[nodiscard]] const Worker& at(WorkerId worker) const;
    [[nodiscard]] std::string name_of(WorkerId worker) const;
    [[nodiscard]] bool usable(WorkerId worker, TimePoint now) const;
    /// Ids of all workers that could take work now.
    [[nodiscard]] std::vector<WorkerId> usable_workers(TimePoint now) const;
    [[nodiscard]] bool suits(const Unit& unit, WorkerId worker,
                             const std::vector<WorkerId>& usable) const;
    [[nodiscard]] std::optional<UnitId> choose_for(WorkerId worker,
                                                   const std::vector<WorkerId>& usable) const;

    /// The open unit that was lent so to this worker, whether the lease runs or was taken back.
    [[nodiscard]] std::optional<UnitId> unit_of(LeaseId lease, WorkerId worker) const;
    void lend(UnitId unit, WorkerId worker, TimePoint now, Orders& orders);
    /// Ends the lease that runs for the unit, if one does.
    void end_lease(UnitId unit);
    /// Its worker need not begin or go on with it.
    void recall(LeaseId lease);
    void count_failure(UnitId unit, WorkerId worker, const std::string& reason);
    /// Takes everything back from the worker. With a reason, its oldest unit is to blame.
    void take_back_all(WorkerId worker, const std::string& reason);
    void close(UnitId unit);
    void moves(WorkerId worker, TimePoint now);

    void suspend_overdue(TimePoint now);
    void lend_waiting(TimePoint now, Orders& orders);
    void recall_for_idle(TimePoint now);
    void fail_if_nobody_works(TimePoint now);

    ClusterOptions options_;
    Times times_;
    LeaseTable leases_;
    std::map<UnitId, Unit> units_;
    std::map<LeaseId, Lent> lent_;  ///< of open units, leases taken back included
    std::set<std::pair<std::uint64_t, UnitId>, Before> waiting_;
    std::vector<Worker> workers_;
    std::vector<Recall> recalls_;
    std::vector<QueueEvent> events_;
    std::optional<TimePoint> nobody_since_;
};

}  // namespace evoke::cluster
