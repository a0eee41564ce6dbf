#include "evoke/cluster/mpi_session.hpp"

#include <mpi.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "cluster/launcher.hpp"
#include "cluster/mpi_check.hpp"
#include "cluster/mpi_transport.hpp"
#include "evoke/core/error.hpp"

namespace evoke::cluster {

struct MpiSession::State {
    MPI_Comm communicator = MPI_COMM_NULL;
    int rank = 0;
    int size = 0;
    int local_rank = 0;
    int local_size = 0;
    bool started_here = false;
    bool clean = false;
};

namespace {

/// The environment as mpirun or srun made it; MPI_Init adds to it.
std::optional<std::string> environment_value(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

void start_mpi() {
    int provided = 0;
    check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided));
    if (provided < MPI_THREAD_FUNNELED)
        throw EnvironmentError{"this MPI library allows no threads (MPI_THREAD_FUNNELED)"};
}

void return_errors(MPI_Comm communicator) {
    check_mpi(MPI_Comm_set_errhandler(communicator, MPI_ERRORS_RETURN));
}

/// Whether MPI sees the ranks that the launcher started, asked before MPI_Init changes the answer.
class LauncherCheck {
public:
    LauncherCheck() {
        for (std::size_t i = 0; i < names.size(); ++i) values_[i] = environment_value(names[i]);
    }
    void accept(int size) const {
        const Environment before = [this](const char* name) -> const char* {
            for (std::size_t i = 0; i < names.size(); ++i)
                if (std::string_view{name} == names[i] && values_[i]) return values_[i]->c_str();
            return nullptr;
        };
        if (const auto mistake = singleton_mistake(before, size)) throw EnvironmentError{*mistake};
    }

private:
    static constexpr std::array names{"OMPI_COMM_WORLD_SIZE", "SLURM_STEP_ID", "SLURM_PROCID",
                                      "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"};
    std::array<std::optional<std::string>, names.size()> values_;
};

}  // namespace

MpiSession::MpiSession() : state_{std::make_unique<State>()} {
    const LauncherCheck launcher;
    int initialised = 0;
    check_mpi(MPI_Initialized(&initialised));
    state_->started_here = initialised == 0;
    if (state_->started_here) start_mpi();
    // Also on the predefined communicators: errors without a communicator of their own go there.
    return_errors(MPI_COMM_WORLD);
    return_errors(MPI_COMM_SELF);
    check_mpi(MPI_Comm_rank(MPI_COMM_WORLD, &state_->rank));
    check_mpi(MPI_Comm_size(MPI_COMM_WORLD, &state_->size));
    launcher.accept(state_->size);

    check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &state_->communicator));
    return_errors(state_->communicator);
    MPI_Comm host = MPI_COMM_NULL;
    check_mpi(MPI_Comm_split_type(state_->communicator, MPI_COMM_TYPE_SHARED, state_->rank,
                                  MPI_INFO_NULL, &host));
    check_mpi(MPI_Comm_rank(host, &state_->local_rank));
    check_mpi(MPI_Comm_size(host, &state_->local_size));
    check_mpi(MPI_Comm_free(&host));
}

MpiSession::~MpiSession() {
    if (!state_->clean) return;
    // Freeing a communicator and finalising are collective: only when everybody does it. A
    // destructor cannot report what fails here.
    static_cast<void>(MPI_Comm_free(&state_->communicator));
    if (state_->started_here) static_cast<void>(MPI_Finalize());
}

int MpiSession::rank() const {
    return state_->rank;
}
int MpiSession::size() const {
    return state_->size;
}
int MpiSession::local_rank() const {
    return state_->local_rank;
}
int MpiSession::local_size() const {
    return state_->local_size;
}

std::string MpiSession::library() const {
    std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
    int length = 0;
    check_mpi(MPI_Get_library_version(text.data(), &length));
    const std::string_view whole{text.data(), static_cast<std::size_t>(length)};
    // "Open MPI v4.1.4, package: …": the first part names it.
    return std::string{whole.substr(0, whole.find(','))};
}

std::unique_ptr<Transport> MpiSession::transport() {
    return make_mpi_transport(&state_->communicator,
                              [state = state_.get()] { state->clean = true; });
}

void MpiSession::finish_cleanly() {
    state_->clean = true;
}

void MpiSession::leave(int code) {
    std::fflush(nullptr);
    if (state_->clean && state_->started_here) {
        // A rank that dies between its goodbye and this collective would hold up all others.
        constexpr std::chrono::seconds patience{20};
        std::thread{[code, patience] {
            std::this_thread::sleep_for(patience);
            _exit(code);
        }}.detach();
        static_cast<void>(MPI_Finalize());
    }
    _exit(code);
}

}  // namespace evoke::cluster
