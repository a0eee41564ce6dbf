#include <utility>

#include "evoke/cluster/transport.hpp"
#include "evoke/core/queue.hpp"

namespace evoke::cluster {

namespace {

using Mailboxes = std::vector<Queue<Received>>;

class InProcessTransport final : public Transport {
public:
    InProcessTransport(int rank, std::shared_ptr<Mailboxes> mailboxes)
        : rank_{rank}, mailboxes_{std::move(mailboxes)} {}

    [[nodiscard]] int rank() const override { return rank_; }
    [[nodiscard]] int size() const override { return static_cast<int>(mailboxes_->size()); }

    void send(int to, Bytes frame) override {
        mailboxes_->at(static_cast<std::size_t>(to)).push({rank_, std::move(frame)});
    }

    [[nodiscard]] std::optional<Received> receive() override {
        return mailboxes_->at(static_cast<std::size_t>(rank_)).try_pop();
    }

private:
    int rank_;
    std::shared_ptr<Mailboxes> mailboxes_;
};

}  // namespace

std::vector<std::unique_ptr<Transport>> make_in_process_transports(int size) {
    const auto mailboxes = std::make_shared<Mailboxes>(static_cast<std::size_t>(size));
    std::vector<std::unique_ptr<Transport>> transports;
    for (int rank = 0; rank < size; ++rank)
        transports.push_back(std::make_unique<InProcessTransport>(rank, mailboxes));
    return transports;
}

}  // namespace evoke::cluster
