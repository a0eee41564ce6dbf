#include <algorithm>
#include <exception>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "cluster/backoff.hpp"
#include "cluster/dispatcher.hpp"
#include "cluster/messages.hpp"
#include "cluster/model_thread.hpp"
#include "cluster/search_end.hpp"
#include "cluster/times.hpp"
#include "evoke/cluster/cluster.hpp"
#include "evoke/core/error.hpp"
#include "evoke/core/log.hpp"

namespace evoke::cluster {

namespace {

constexpr WorkerId local_replica{0};

std::string named(int rank, const Introduction& who) {
    return "rank " + std::to_string(rank) + " on " + who.host + " (" + who.device + ")";
}

/// Rank 0 while a search runs. `run` is called once, by the messages thread.
///
/// One round of the loop: hear the ranks, hear the local replica, hear the search; decide; lend.
/// Nothing in it waits for anybody, so that neither a long forward pass nor a slow disk delays a
/// beat. Whoever brings work wakes the loop.
class Coordinator {
public:
    explicit Coordinator(const Rank& rank)
        : rank_{rank},
          backoff_{std::make_shared<Backoff>()},
          search_{backoff_},
          model_{rank, backoff_},
          dispatcher_{rank.options, rank.transport.size()},
          times_{rank.options} {}

    bool run(const std::function<void(WorkQueue&)>& search) {
        dispatcher_.join(local_replica, rank_.introduction, now());
        report_all();
        std::thread search_thread{[&] { run_search(search); }};
        try {
            while (!search_over_) serve();
        } catch (...) {
            fail(std::current_exception());
            transport_broken_ = true;
        }
        search_thread.join();
        const bool everybody = part();
        if (cluster_failure_) std::rethrow_exception(cluster_failure_);
        if (search_failure_) std::rethrow_exception(search_failure_);
        return everybody;
    }

private:
    [[nodiscard]] TimePoint now() const { return rank_.clock.now(); }

    void run_search(const std::function<void(WorkQueue&)>& search) {
        try {
            search(search_);
        } catch (...) {
            search_failure_ = std::current_exception();
        }
        search_over_ = true;
        backoff_->wake();
    }

    /// The cluster as a whole is no good: the search hears it from its next call.
    void fail(std::exception_ptr why) {
        if (!cluster_failure_) cluster_failure_ = why;
        search_.fail(why);
    }

    void serve() {
        bool worked = hear_ranks();
        worked |= hear_local_replica();
        worked |= hear_search();
        if (rank_.stop.load(std::memory_order_relaxed) && !std::exchange(stop_told_, true))
            search_.tell(StopRequested{});
        worked |= carry_out(dispatcher_.decide(now()));
        tell_search();
        beat();
        if (worked)
            backoff_->worked();
        else
            backoff_->rest();
    }

    // ---- hearing ------------------------------------------------------------------------

    bool hear_ranks() {
        bool heard = false;
        while (auto received = rank_.transport.receive()) {
            heard = true;
            auto decoded = decode(received->frame);
            if (const auto* malformed = std::get_if<Malformed>(&decoded))
                hear_malformed(received->from, *malformed);
            else
                hear(received->from, std::get<Message>(decoded));
        }
        return heard;
    }

    void hear_malformed(int from, const Malformed& malformed) {
        log::error("a message of rank {} is dropped: {}", from, malformed.why);
        if (malformed.other_version)
            fail(std::make_exception_ptr(
                EnvironmentError{"rank " + std::to_string(from) +
                                 " runs another version of the program: " + malformed.why}));
    }

    void hear(int from, Message& message) {
        const WorkerId worker{from};
        if (auto* introduce = std::get_if<message::Introduce>(&message))
            return introduced(from, introduce->introduction);
        if (const auto* goodbye = std::get_if<message::Goodbye>(&message))
            return said_goodbye(worker, goodbye->waits);
        if (!dispatcher_.has_joined(worker)) return;
        dispatcher_.heard(worker, now());
        if (auto* result = std::get_if<message::Result>(&message)) {
            dispatcher_.result(worker, result->lease, std::move(result->payload), result->seconds,
                               now());
        } else if (const auto* failure = std::get_if<message::Failure>(&message)) {
            dispatcher_.failure(worker, failure->lease, failure->reason, now());
        } else if (const auto* beat = std::get_if<message::Beat>(&message)) {
            dispatcher_.beat(worker, beat->progress, beat->held, now());
        } else if (const auto* returned = std::get_if<message::Returned>(&message)) {
            dispatcher_.returned(worker, returned->lease);
        } else {
            log::error("rank {} sent what only the coordinator sends; dropped", from);
        }
    }

    void introduced(int from, const Introduction& who) {
        // Too late to matter: it will hear that it is dismissed.
        if (parting_) return;
        const Introduction& own = rank_.introduction;
        std::string reason;
        if (who.job != own.job)
            reason = "its job or data differ from those of " + named(0, own);
        else if (who.probe != own.probe)
            reason = "its replica answers the probe with other bits than that of " + named(0, own);
        if (reason.empty()) {
            log::info("{} has joined", named(from, who));
            dispatcher_.join(WorkerId{from}, who, now());
            report_all();
            send(from, message::Welcome{});
            return;
        }
        log::error("{} is refused: {}", named(from, who), reason);
        send(from, message::Refuse{.reason = reason});
        fail(std::make_exception_ptr(RunFolderError{named(from, who), "refused: " + reason}));
    }

    void said_goodbye(WorkerId worker, bool waits) {
        if (!waits) log::warn("rank {} left by itself", worker.value);
        dispatcher_.left(worker, waits ? "" : "it left by itself");
        gone_.insert(worker.value);
        somebody_missing_ |= !waits;
        report_all();
    }

    bool hear_local_replica() {
        bool heard = false;
        while (auto finished = model_.take_finished()) {
            heard = true;
            if (auto* result = std::get_if<Bytes>(&finished->answer))
                dispatcher_.result(local_replica, finished->lease, std::move(*result),
                                   finished->seconds, now());
            else
                dispatcher_.failure(local_replica, finished->lease,
                                    std::get<std::string>(finished->answer), now());
        }
        return heard;
    }

    bool hear_search() {
        auto submissions = search_.take_submissions();
        for (Submission& submission : submissions)
            dispatcher_.submit(submission.unit, std::move(submission.payload), submission.weight);
        return !submissions.empty();
    }

    // ---- telling ------------------------------------------------------------------------

    void send(int to, const Message& message) { rank_.transport.send(to, encode(message)); }

    bool carry_out(const Dispatcher::Orders& orders) {
        for (const auto& order : orders.lend) {
            if (order.worker == local_replica)
                model_.give({order.lease, *order.payload});
            else
                send(order.worker.value,
                     message::Lease{.lease = order.lease, .payload = *order.payload});
        }
        for (const auto& recall : orders.recall) {
            if (recall.worker != local_replica)
                send(recall.worker.value, message::Recall{.lease = recall.lease});
            else if (model_.take_back(recall.lease))
                dispatcher_.returned(local_replica, recall.lease);
        }
        return !orders.lend.empty() || !orders.recall.empty();
    }

    void tell_search() {
        for (QueueEvent& event : dispatcher_.take_events()) {
            if (const auto* done = std::get_if<UnitDone>(&event))
                search_.report(dispatcher_.report(done->worker, now()));
            search_.tell(std::move(event));
        }
    }

    void report_all() {
        for (int rank = 0; rank < dispatcher_.ranks(); ++rank)
            search_.report(dispatcher_.report(WorkerId{rank}, now()));
    }

    void beat() {
        const TimePoint time = now();
        if (last_beat_ && time - *last_beat_ < times_.beat) return;
        last_beat_ = time;
        dispatcher_.beat(local_replica, rank_.progress.load(std::memory_order_relaxed),
                         model_.held(), time);
        for (int rank = 1; rank < dispatcher_.ranks(); ++rank) {
            // Messages for a rank that does not read would only pile up.
            const WorkerId worker{rank};
            if (dispatcher_.has_joined(worker) && !dispatcher_.is_quiet(worker, time))
                send(rank, message::Tick{});
        }
        report_all();
    }

    // ---- parting ------------------------------------------------------------------------

    /// Whether every rank said goodbye. Waits silence_seconds for those who do not, and for the
    /// model thread, which ModelThread then abandons.
    bool part() {
        model_.close();
        parting_ = true;
        if (transport_broken_) return false;
        try {
            for (int rank = 1; rank < dispatcher_.ranks(); ++rank) send(rank, message::Dismiss{});
            const TimePoint begun = now();
            while (!(everybody_gone() && model_.ended()) && now() - begun < times_.silence) {
                const bool heard = hear_ranks();
                static_cast<void>(hear_local_replica());
                beat();
                if (heard)
                    backoff_->worked();
                else
                    backoff_->rest();
            }
            return farewell();
        } catch (const std::exception& failure) {
            log::error("while the ranks parted: {}", failure.what());
            return false;
        }
    }

    [[nodiscard]] bool everybody_gone() const {
        return gone_.size() + 1 == static_cast<std::size_t>(dispatcher_.ranks());
    }

    bool farewell() {
        const bool everybody = everybody_gone() && !somebody_missing_;
        for (int rank = 1; rank < dispatcher_.ranks(); ++rank) {
            if (!gone_.contains(rank)) log::warn("rank {} did not say goodbye", rank);
            send(rank, message::Farewell{.everybody = everybody});
        }
        if (!model_.ended())
            log::error("the model thread of rank 0 hangs in a unit; it is left behind");
        if (everybody) rank_.transport.everybody_left();
        return everybody;
    }

    const Rank& rank_;
    std::shared_ptr<Backoff> backoff_;
    SearchEnd search_;
    ModelThread model_;
    Dispatcher dispatcher_;
    Times times_;

    std::optional<TimePoint> last_beat_;
    bool stop_told_ = false;
    bool parting_ = false;
    bool transport_broken_ = false;
    std::set<int> gone_;
    bool somebody_missing_ = false;
    std::exception_ptr cluster_failure_;

    /// Written by the search thread before `search_over_`, read after it was joined.
    std::exception_ptr search_failure_;
    std::atomic<bool> search_over_ = false;
};

}  // namespace

bool run_coordinator(const Rank& rank, const std::function<void(WorkQueue&)>& search) {
    return Coordinator{rank}.run(search);
}

}  // namespace evoke::cluster
