#pragma once

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "cluster/messages.hpp"
#include "evoke/cluster/cluster.hpp"
#include "support/manual_clock.hpp"

namespace evoke::cluster {

inline Bytes bytes(std::string_view text) {
    const ByteView view = as_bytes(text);
    return {view.begin(), view.end()};
}

inline std::string text(const Bytes& content) {
    return std::string{as_text(content)};
}

/// Holds up a thread until the test opens it. Shared by value, as handlers must own what they use.
class Gate {
public:
    void open() const { promise_->set_value(); }
    void pass() const { future_.wait(); }

private:
    std::shared_ptr<std::promise<void>> promise_ = std::make_shared<std::promise<void>>();
    std::shared_future<void> future_ = promise_->get_future().share();
};

/// Waits until the condition holds; threads of the test make it so. A minute without is a failure.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition) {
    const auto begun = std::chrono::steady_clock::now();
    while (!condition()) {
        if (std::chrono::steady_clock::now() - begun > std::chrono::minutes{1}) return false;
        std::this_thread::yield();
    }
    return true;
}

/// A rank whose every word the test speaks itself.
class Peer {
public:
    explicit Peer(Transport& transport) : transport_{transport} {}

    void say(int to, const Message& message) { transport_.send(to, encode(message)); }
    void say_bytes(int to, Bytes frame) { transport_.send(to, std::move(frame)); }

    /// The next message of this kind; others (beats, mostly) are passed over.
    template <class Kind>
    Kind hear() {
        std::optional<Kind> heard;
        EXPECT_TRUE(eventually([&] {
            const auto received = transport_.receive();
            if (!received) return false;
            auto decoded = decode(received->frame);
            if (auto* kind = std::get_if<Kind>(&std::get<Message>(decoded)))
                heard = std::move(*kind);
            return heard.has_value();
        })) << "the message did not come";
        return heard.value_or(Kind{});
    }

private:
    Transport& transport_;
};

/// What a rank of a test consists of.
struct Setting {
    explicit Setting(Transport& own_transport, const Clock& own_clock)
        : transport{&own_transport}, clock{&own_clock} {
        introduction.host = "n" + std::to_string(own_transport.rank());
        introduction.device = "cpu";
    }

    [[nodiscard]] Rank rank() {
        return {*transport, *clock, options, introduction, handler, progress, stop};
    }

    Transport* transport;
    const Clock* clock;
    ClusterOptions options;
    Introduction introduction;
    /// "7" becomes "7 done".
    UnitHandler handler = [](ByteView payload) {
        return bytes(std::string{as_text(payload)} + " done");
    };
    Progress progress = 0;
    std::atomic<bool> stop = false;
};

}  // namespace evoke::cluster
