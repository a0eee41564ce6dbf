// The main of test programs that run on several ranks: rank 0 prints the usual report, the others
// only their failures.
#include <gmock/gmock.h>
#include <mpi.h>

#include <cstdio>

namespace {

class FailuresOfRank : public testing::EmptyTestEventListener {
public:
    explicit FailuresOfRank(int rank) : rank_{rank} {}

    void OnTestPartResult(const testing::TestPartResult& result) override {
        if (result.failed())
            std::fprintf(stderr, "rank %d: %s:%d: %s\n", rank_,
                         result.file_name() ? result.file_name() : "?", result.line_number(),
                         result.message());
    }

private:
    int rank_;
};

}  // namespace

int main(int argc, char** argv) {
    testing::InitGoogleMock(&argc, argv);
    int provided = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank != 0) {
        testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
        delete listeners.Release(listeners.default_result_printer());
        listeners.Append(new FailuresOfRank{rank});
    }
    const int result = RUN_ALL_TESTS();
    MPI_Finalize();
    return result;
}
