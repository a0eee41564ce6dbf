// Coordinator and workers together, in one process.
#include <algorithm>
#include <set>

#include "cluster_support.hpp"
#include "evoke/core/random.hpp"

namespace evoke::cluster {
namespace {

using namespace std::chrono_literals;

/// A rank's way to the others that can be cut, as if the rank had been killed.
class MortalTransport final : public Transport {
public:
    explicit MortalTransport(std::unique_ptr<Transport> inner) : inner_{std::move(inner)} {}
    [[nodiscard]] int rank() const override { return inner_->rank(); }
    [[nodiscard]] int size() const override { return inner_->size(); }
    void send(int to, Bytes frame) override {
        if (lives()) inner_->send(to, std::move(frame));
    }
    [[nodiscard]] std::optional<Received> receive() override {
        if (left_ == 0) return std::nullopt;
        auto received = inner_->receive();
        return received && lives() ? std::move(received) : std::nullopt;
    }
    /// It dies at its next `messages`-th message, sent or received.
    void die_at(int messages) { left_ = messages; }

private:
    /// Counts a message.
    [[nodiscard]] bool lives() {
        if (left_ > 0) --left_;
        return left_ != 0;
    }
    std::unique_ptr<Transport> inner_;
    std::atomic<int> left_ = -1;
};

/// Some ranks in threads, on a clock on which a second takes 50 ms.
class InProcessCluster {
public:
    explicit InProcessCluster(int size) {
        for (auto& transport : make_in_process_transports(size)) {
            transports_.push_back(std::make_unique<MortalTransport>(std::move(transport)));
            settings_.push_back(std::make_unique<Setting>(*transports_.back(), clock_));
        }
    }

    MortalTransport& transport(int rank) { return *transports_[static_cast<std::size_t>(rank)]; }
    Setting& setting(int rank) { return *settings_[static_cast<std::size_t>(rank)]; }

    bool run(const std::function<void(WorkQueue&)>& search) {
        for (std::size_t rank = 1; rank < settings_.size(); ++rank)
            ends_.push_back(std::async(
                std::launch::async, [this, rank] { return run_worker(settings_[rank]->rank()); }));
        return run_coordinator(settings_[0]->rank(), search);
    }
    WorkerEnd end_of(int rank) { return ends_[static_cast<std::size_t>(rank) - 1].get(); }

private:
    test::FastClock clock_{20};
    std::vector<std::unique_ptr<MortalTransport>> transports_;
    std::vector<std::unique_ptr<Setting>> settings_;
    std::vector<std::future<WorkerEnd>> ends_;
};

using Answers = std::map<UnitId, std::string>;

/// Three rounds of units, each of which builds on the answers of the one before.
Answers search_rounds(WorkQueue& queue, int units) {
    Answers all;
    std::string seed = "start";
    for (int round = 0; round < 3; ++round) {
        Answers answers;
        for (int unit = 0; unit < units; ++unit)
            queue.submit(bytes(seed + "/" + std::to_string(unit)),
                         static_cast<std::uint64_t>(unit % 7));
        while (answers.size() < static_cast<std::size_t>(units)) {
            const auto done = std::get<UnitDone>(queue.wait());
            EXPECT_TRUE(answers.emplace(done.unit, text(done.result)).second) << "twice";
        }
        seed = answers.begin()->second.substr(0, 40);
        all.merge(answers);
    }
    return all;
}

Answers answers_of(InProcessCluster& cluster, int units, bool expect_everybody) {
    Answers answers;
    const bool everybody =
        cluster.run([&](WorkQueue& queue) { answers = search_rounds(queue, units); });
    EXPECT_EQ(everybody, expect_everybody);
    return answers;
}

TEST(Cluster, any_number_of_ranks_gives_the_same_results) {
    InProcessCluster one{1};
    const Answers expected = answers_of(one, 60, true);
    EXPECT_EQ(expected.size(), 180U);
    EXPECT_EQ(expected.at(UnitId{61}), "start/0 done/1 done");
    for (const int ranks : {2, 4, 8}) {
        InProcessCluster cluster{ranks};
        EXPECT_EQ(answers_of(cluster, 60, true), expected) << ranks << " ranks";
        for (int rank = 1; rank < ranks; ++rank)
            EXPECT_EQ(cluster.end_of(rank), WorkerEnd::dismissed);
    }
}

TEST(Cluster, results_are_the_same_whoever_dies_and_whenever) {
    InProcessCluster sound{1};
    const Answers expected = answers_of(sound, 30, true);
    for (std::uint32_t round = 0; round < 12; ++round) {
        const RandomKey key{.seed = 5, .slot = round};
        InProcessCluster cluster{4};
        for (int rank = 0; rank < 4; ++rank) {
            cluster.setting(rank).options.lease_seconds = 4;
            cluster.setting(rank).options.beat_seconds = 0.2;
            cluster.setting(rank).options.silence_seconds = 6;
            cluster.setting(rank).options.start_seconds = 6;
            cluster.setting(rank).options.unit_attempts = 100;
        }
        // From before the introduction to after the farewell.
        for (int rank = 1; rank < 4; ++rank) {
            const auto draw = static_cast<std::uint32_t>(rank);
            if (random_below(key, draw, 2) == 0)
                cluster.transport(rank).die_at(1 +
                                               static_cast<int>(random_below(key, draw + 8, 60)));
        }
        Answers answers;
        static_cast<void>(
            cluster.run([&](WorkQueue& queue) { answers = search_rounds(queue, 30); }));
        EXPECT_EQ(answers, expected) << "round " << round;
    }
}

TEST(Cluster, a_handler_that_fails_on_some_ranks_costs_no_unit) {
    InProcessCluster cluster{3};
    cluster.setting(1).handler = [](ByteView) -> Bytes { throw std::bad_alloc{}; };
    EXPECT_EQ(answers_of(cluster, 30, true).size(), 90U);
}

TEST(Cluster, every_rank_leaves_when_the_coordinator_dies) {
    InProcessCluster cluster{3};
    for (int rank = 0; rank < 3; ++rank) {
        cluster.setting(rank).options.silence_seconds = 6;
        cluster.setting(rank).options.start_seconds = 6;
    }
    const auto everybody = cluster.run([&](WorkQueue& queue) {
        for (int unit = 0; unit < 20; ++unit) queue.submit(bytes("a"), 1);
        for (int unit = 0; unit < 5; ++unit) static_cast<void>(queue.wait());
        cluster.transport(0).die_at(1);
    });
    EXPECT_FALSE(everybody);
    EXPECT_EQ(cluster.end_of(1), WorkerEnd::coordinator_silent);
    EXPECT_EQ(cluster.end_of(2), WorkerEnd::coordinator_silent);
}

TEST(Cluster, a_refused_rank_ends_as_refused) {
    InProcessCluster cluster{3};
    cluster.setting(2).introduction.probe[5] = std::byte{9};
    EXPECT_ANY_THROW(
        static_cast<void>(cluster.run([](WorkQueue& queue) { static_cast<void>(queue.wait()); })));
    EXPECT_EQ(cluster.end_of(2), WorkerEnd::refused);
    EXPECT_EQ(cluster.end_of(1), WorkerEnd::dismissed);
}

}  // namespace
}  // namespace evoke::cluster
