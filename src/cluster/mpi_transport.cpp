#include "cluster/mpi_transport.hpp"

#include <mpi.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <list>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cluster/mpi_check.hpp"
#include "evoke/core/log.hpp"

namespace evoke::cluster {

namespace {

constexpr int message_tag = 1;

/// A message under way, in either direction. MPI owns the bytes until the request is complete, so
/// it never moves.
struct Transfer {
    int peer = 0;
    Bytes frame;
    MPI_Request request = MPI_REQUEST_NULL;
    bool complete = false;
};

class MpiTransport final : public Transport {
public:
    MpiTransport(MPI_Comm communicator, std::function<void()> everybody_left)
        : communicator_{communicator}, everybody_left_{std::move(everybody_left)} {
        check_mpi(MPI_Comm_rank(communicator_, &rank_));
        check_mpi(MPI_Comm_size(communicator_, &size_));
        unreachable_.resize(static_cast<std::size_t>(size_));
    }

    ~MpiTransport() override {
        free_finished_sends();
        for (const auto& receive : receives_)
            if (!receive->complete) lost(receive->peer, MPI_Cancel(&receive->request));
        // What is still under way belongs to ranks that are gone, and MPI may write to it until
        // the process ends: it is left to it.
        for (auto& send : sends_) static_cast<void>(send.release());
        for (auto& receive : receives_)
            if (!receive->complete) static_cast<void>(receive.release());
    }
    MpiTransport(const MpiTransport&) = delete;
    MpiTransport& operator=(const MpiTransport&) = delete;

    [[nodiscard]] int rank() const override { return rank_; }
    [[nodiscard]] int size() const override { return size_; }

    void send(int to, Bytes frame) override {
        free_finished_sends();
        if (frame.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
            throw std::length_error{"a message of " + std::to_string(frame.size()) + " bytes"};
        if (unreachable_.at(static_cast<std::size_t>(to))) return;
        auto transfer = std::make_unique<Transfer>();
        transfer->peer = to;
        transfer->frame = std::move(frame);
        const int code = MPI_Isend(transfer->frame.data(), static_cast<int>(transfer->frame.size()),
                                   MPI_BYTE, to, message_tag, communicator_, &transfer->request);
        if (lost(to, code)) return;
        sends_.push_back(std::move(transfer));
        free_finished_sends();
    }

    [[nodiscard]] std::optional<Received> receive() override {
        free_finished_sends();
        begin_next_receive();
        return take_first_complete();
    }

    void everybody_left() override { everybody_left_(); }

private:
    /// True for a failed operation with a peer: that rank is gone, which is expected loss. Its
    /// leases tell the coordinator.
    bool lost(int peer, int code) {
        if (code == MPI_SUCCESS) return false;
        auto known = unreachable_.begin() + peer;
        if (!*known) log::warn("rank {} cannot be reached any more (MPI error {})", peer, code);
        *known = true;
        return true;
    }

    /// Whether the transfer needs no more attention.
    bool finished(Transfer& transfer) {
        int done = 0;
        const int code = MPI_Test(&transfer.request, &done, MPI_STATUS_IGNORE);
        return lost(transfer.peer, code) || done != 0;
    }

    void free_finished_sends() {
        std::erase_if(sends_, [&](const auto& send) { return finished(*send); });
    }

    void begin_next_receive() {
        int arrived = 0;
        MPI_Message matched = MPI_MESSAGE_NULL;
        MPI_Status status{};
        check_mpi(
            MPI_Improbe(MPI_ANY_SOURCE, message_tag, communicator_, &arrived, &matched, &status));
        if (arrived == 0) return;
        int size = 0;
        check_mpi(MPI_Get_count(&status, MPI_BYTE, &size));
        auto transfer = std::make_unique<Transfer>();
        transfer->peer = status.MPI_SOURCE;
        transfer->frame.resize(static_cast<std::size_t>(size));
        const int code =
            MPI_Imrecv(transfer->frame.data(), size, MPI_BYTE, &matched, &transfer->request);
        if (!lost(transfer->peer, code)) receives_.push_back(std::move(transfer));
    }

    /// The first arrival that is whole and has no unfinished one of the same rank before it. A rank
    /// that died while sending holds up nobody but itself.
    std::optional<Received> take_first_complete() {
        std::vector<int> held_up;
        for (auto receive = receives_.begin(); receive != receives_.end(); ++receive) {
            Transfer& transfer = **receive;
            if (std::ranges::find(held_up, transfer.peer) != held_up.end()) continue;
            int done = 0;
            const int code = MPI_Test(&transfer.request, &done, MPI_STATUS_IGNORE);
            if (lost(transfer.peer, code)) {
                receives_.erase(receive);
                return std::nullopt;
            }
            if (done == 0) {
                held_up.push_back(transfer.peer);
                continue;
            }
            std::optional<Received> received{
                Received{.from = transfer.peer, .frame = std::move(transfer.frame)}};
            receives_.erase(receive);
            return received;
        }
        return std::nullopt;
    }

    MPI_Comm communicator_;
    std::function<void()> everybody_left_;
    int rank_ = 0;
    int size_ = 0;
    std::list<std::unique_ptr<Transfer>> sends_;
    std::deque<std::unique_ptr<Transfer>> receives_;
    std::vector<bool> unreachable_;
};

}  // namespace

std::unique_ptr<Transport> make_mpi_transport(const void* communicator,
                                              std::function<void()> everybody_left) {
    return std::make_unique<MpiTransport>(*static_cast<const MPI_Comm*>(communicator),
                                          std::move(everybody_left));
}

}  // namespace evoke::cluster
