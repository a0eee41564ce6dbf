#include <memory>
#include <optional>
#include <utility>

#include "cluster/backoff.hpp"
#include "cluster/messages.hpp"
#include "cluster/model_thread.hpp"
#include "cluster/times.hpp"
#include "evoke/cluster/cluster.hpp"
#include "evoke/core/log.hpp"

namespace evoke::cluster {

namespace {

/// Every rank but 0. `run` is called once, by the messages thread. The states are those of
/// docs/protocol.md: introduced → serving → leaving → parted.
class Worker {
public:
    explicit Worker(const Rank& rank)
        : rank_{rank},
          backoff_{std::make_shared<Backoff>()},
          model_{rank, backoff_},
          times_{rank.options},
          patience_{times_.start},
          last_heard_{now()} {}

    WorkerEnd run() {
        send(message::Introduce{.introduction = rank_.introduction});
        while (!parted_) {
            // Hearing comes first: after a long stop, what has arrived in the meantime shows that
            // the coordinator lives.
            bool worked = hear_coordinator();
            if (now() - last_heard_ >= patience_) return silent();
            worked |= tell_results();
            beat();
            say_goodbye_when_ready();
            if (worked)
                backoff_->worked();
            else
                backoff_->rest();
        }
        if (everybody_) rank_.transport.everybody_left();
        if (refused_) return WorkerEnd::refused;
        return everybody_ ? WorkerEnd::dismissed : WorkerEnd::dismissed_after_loss;
    }

private:
    [[nodiscard]] TimePoint now() const { return rank_.clock.now(); }

    void send(const Message& message) { rank_.transport.send(0, encode(message)); }

    bool hear_coordinator() {
        bool heard = false;
        while (auto received = rank_.transport.receive()) {
            heard = true;
            auto decoded = decode(received->frame);
            if (const auto* malformed = std::get_if<Malformed>(&decoded))
                log::error("a message of rank {} is dropped: {}", received->from, malformed->why);
            else if (received->from == 0)
                hear(std::get<Message>(decoded));
        }
        return heard;
    }

    void hear(Message& message) {
        last_heard_ = now();
        patience_ = times_.silence;
        if (auto* lease = std::get_if<message::Lease>(&message)) {
            if (!leaving_since_) model_.give({lease->lease, std::move(lease->payload)});
        } else if (const auto* recall = std::get_if<message::Recall>(&message)) {
            if (model_.take_back(recall->lease)) send(message::Returned{.lease = recall->lease});
        } else if (const auto* refuse = std::get_if<message::Refuse>(&message)) {
            log::error("refused by rank 0: {}", refuse->reason);
            refused_ = true;
            leave();
        } else if (std::holds_alternative<message::Dismiss>(message)) {
            leave();
        } else if (const auto* farewell = std::get_if<message::Farewell>(&message)) {
            everybody_ = farewell->everybody;
            parted_ = true;
        }
    }

    void leave() {
        if (leaving_since_) return;
        leaving_since_ = now();
        model_.close();
    }

    /// Once the unit that runs is done; a unit that takes too long is left behind, in time for the
    /// coordinator, which waits silence_seconds.
    void say_goodbye_when_ready() {
        if (!leaving_since_ || said_goodbye_) return;
        if (!model_.ended()) {
            if (now() - *leaving_since_ < times_.silence / 2) return;
            log::warn("the unit in progress is left behind");
        }
        send(message::Goodbye{});
        said_goodbye_ = true;
    }

    bool tell_results() {
        bool told = false;
        while (auto finished = model_.take_finished()) {
            told = true;
            if (auto* result = std::get_if<Bytes>(&finished->answer))
                send(message::Result{.lease = finished->lease,
                                     .seconds = finished->seconds,
                                     .payload = std::move(*result)});
            else
                send(message::Failure{.lease = finished->lease,
                                      .seconds = finished->seconds,
                                      .reason = std::get<std::string>(finished->answer)});
        }
        return told;
    }

    void beat() {
        const TimePoint time = now();
        if (last_beat_ && time - *last_beat_ < times_.beat) return;
        last_beat_ = time;
        send(message::Beat{.progress = rank_.progress.load(std::memory_order_relaxed),
                           .held = static_cast<std::uint32_t>(model_.held())});
    }

    WorkerEnd silent() {
        if (refused_) return WorkerEnd::refused;
        if (said_goodbye_) return WorkerEnd::dismissed_after_loss;
        log::error("nothing heard from rank 0 for {:.0f} s; leaving", seconds(patience_));
        // For a coordinator that was only held up.
        send(message::Goodbye{.waits = false});
        return WorkerEnd::coordinator_silent;
    }

    const Rank& rank_;
    std::shared_ptr<Backoff> backoff_;
    ModelThread model_;
    Times times_;
    /// How long a silence is borne: start_seconds, and silence_seconds after the first word.
    Duration patience_;
    TimePoint last_heard_;
    std::optional<TimePoint> last_beat_;
    std::optional<TimePoint> leaving_since_;
    bool said_goodbye_ = false;
    bool refused_ = false;
    bool parted_ = false;
    bool everybody_ = false;
};

}  // namespace

WorkerEnd run_worker(const Rank& rank) {
    return Worker{rank}.run();
}

}  // namespace evoke::cluster
