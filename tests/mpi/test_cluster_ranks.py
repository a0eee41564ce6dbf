"""The cluster on real MPI ranks (cluster_ranks.cpp). Where ranks are lost, files are judged, never mpirun's exit code."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

PROGRAM = Path(os.environ["EVOKE_BUILD_DIR"]) / "tests" / "bin" / "cluster_ranks"
MPIRUN = ["mpirun", "--oversubscribe", "--bind-to", "none"]
SQUARES = [str(n * n) for n in range(1000)]


class Ranks:
    """cluster_ranks under mpirun, and what it wrote."""

    def __init__(self, folder, ranks, units, milliseconds, *keys, flags=()):
        self.folder = folder
        self.ranks = ranks
        command = [*MPIRUN, *flags, "-n", str(ranks), str(PROGRAM), str(folder), str(units), str(milliseconds), *keys]
        environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        self.errors = open(folder / "stderr", "w")
        # A session of its own: whatever is left at the end can be ended as a whole.
        self.mpirun = subprocess.Popen(command, env=environment, stderr=self.errors, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for rank in range(self.ranks):
            if (self.folder / f"rank-{rank}.pid").exists() and self.alive(rank):
                self.kill(rank, signal.SIGKILL)
        if self.mpirun.poll() is None:
            os.killpg(self.mpirun.pid, signal.SIGKILL)
        self.mpirun.wait()
        self.errors.close()

    def read(self, name, seconds=60):
        """The content of a file that a rank writes, as soon as it is there."""
        path = self.folder / name
        end = time.monotonic() + seconds
        while not path.exists():
            assert time.monotonic() < end, f"no {name} within {seconds} s\n{self.log()}"
            time.sleep(0.01)
        return path.read_text()

    def log(self):
        return (self.folder / "stderr").read_text()

    def wait_for_log(self, text, seconds=60):
        end = time.monotonic() + seconds
        while text not in self.log():
            assert time.monotonic() < end, f"'{text}' is not in the log:\n{self.log()}"
            time.sleep(0.01)

    def pid(self, rank):
        return int(self.read(f"rank-{rank}.pid"))

    def wait_until_ready(self):
        for rank in range(self.ranks):
            self.pid(rank)

    def kill(self, rank, number):
        os.kill(self.pid(rank), number)

    def alive(self, rank):
        try:
            state = Path(f"/proc/{self.pid(rank)}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return False
        return state != "Z"

    def answers(self, seconds=60):
        return [line for line in self.read("result", seconds).splitlines() if not line.startswith("worker")]

    def workers(self):
        lines = [line.split() for line in self.read("result").splitlines() if line.startswith("worker")]
        return {int(line[1]): int(line[3]) for line in lines}


@pytest.fixture
def start(tmp_path):
    started = []

    def start_ranks(*arguments, **named):
        started.append(Ranks(tmp_path, *arguments, **named))
        return started[-1]

    yield start_ranks
    for ranks in started:
        ranks.__exit__()


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_all_units_are_answered_and_mpirun_ends_well(start, ranks):
    cluster = start(ranks, 200, 2)
    assert cluster.answers() == SQUARES[:200]
    assert sum(cluster.workers().values()) == 200
    assert cluster.mpirun.wait(30) == 0, cluster.log()
    assert cluster.read("rank-0.end") == "everybody left"
    for rank in range(1, ranks):
        assert cluster.read(f"rank-{rank}.end") == "dismissed"


def test_every_rank_works(start):
    cluster = start(4, 200, 10)
    assert cluster.answers() == SQUARES[:200]
    assert set(cluster.workers()) == {0, 1, 2, 3}
    assert min(cluster.workers().values()) >= 25, cluster.workers()


RECOVER = ("--enable-recovery",)
OVER_TCP = ("--mca", "btl", "self,tcp", "--mca", "btl_tcp_if_include", "lo")


@pytest.mark.parametrize("network", [(), OVER_TCP], ids=["shared-memory", "tcp"])
def test_a_killed_worker_costs_no_unit(start, network):
    cluster = start(4, 400, 10, "lease=1", "beat=0.1", "silence=3", flags=(*RECOVER, *network))
    cluster.wait_until_ready()
    time.sleep(0.3)
    cluster.kill(2, signal.SIGKILL)
    assert cluster.answers() == SQUARES[:400]
    assert cluster.read("rank-0.end") == "somebody is missing"
    for rank in (1, 3):
        assert cluster.read(f"rank-{rank}.end") == "dismissed after loss"
    assert not (cluster.folder / "rank-2.end").exists()
    cluster.mpirun.wait(30)


def test_a_stopped_worker_costs_no_unit_and_is_used_again(start):
    cluster = start(3, 600, 20, "lease=1", "beat=0.1", "silence=10")
    cluster.wait_until_ready()
    time.sleep(0.3)
    cluster.kill(1, signal.SIGSTOP)
    cluster.wait_for_log("rank 1 on here: it fell silent")
    cluster.kill(1, signal.SIGCONT)
    assert cluster.answers() == SQUARES[:600]
    assert "rank 1 on here is back" in cluster.log()
    assert cluster.read("rank-0.end") == "everybody left"
    assert cluster.read("rank-1.end") == "dismissed"
    assert cluster.mpirun.wait(30) == 0, cluster.log()


def test_workers_leave_when_the_coordinator_is_killed(start):
    cluster = start(3, 100_000, 20, "beat=0.1", "silence=2", flags=RECOVER)
    cluster.wait_until_ready()
    time.sleep(0.3)
    cluster.kill(0, signal.SIGKILL)
    killed = time.monotonic()
    for rank in (1, 2):
        assert cluster.read(f"rank-{rank}.end") == "coordinator silent"
    assert time.monotonic() - killed < 6
    cluster.mpirun.wait(30)


def test_a_unit_that_kills_its_workers_is_reported(start):
    cluster = start(4, 100, 10, "kills=5", "attempts=3", "await=4", "lease=1", "beat=0.1", "silence=3", flags=RECOVER)
    answers = cluster.answers()
    assert answers[5].startswith("failed: rank ")
    silent, thrown = answers[5].count("fell silent"), answers[5].count("not on this rank")
    assert silent >= 2 and silent + thrown == 3
    assert answers[:5] + answers[6:] == SQUARES[:5] + SQUARES[6:100]
    cluster.mpirun.wait(30)


def test_a_unit_that_fails_everywhere_is_reported(start):
    cluster = start(2, 50, 1, "fails-on=7")
    answers = cluster.answers()
    assert answers[7].count("out of memory") == 3
    assert answers[:7] + answers[8:] == SQUARES[:7] + SQUARES[8:50]
    assert cluster.mpirun.wait(30) == 0, cluster.log()


def test_a_worker_that_hangs_in_a_unit_loses_it_and_holds_nobody_up(start):
    cluster = start(2, 20, 10, "hangs-on=1", "await=2", "lease=1", "beat=0.1", "silence=2")
    assert cluster.answers() == SQUARES[:20]
    assert "no progress for 1 s" in cluster.log()
    assert cluster.read("rank-1.end") == "dismissed"
    assert cluster.mpirun.wait(30) == 0, cluster.log()


def test_a_rank_with_another_probe_ends_the_run_with_code_4(start):
    cluster = start(3, 100_000, 5, "probe-of=1")
    assert cluster.answers()[0].startswith("error: rank 1 on here (cpu): refused: its replica answers the probe")
    assert cluster.mpirun.wait(30) == 4, cluster.log()
    assert cluster.read("rank-1.end") == "refused"
    assert cluster.read("rank-2.end") == "dismissed"


def test_a_worker_that_did_not_wait_for_the_coordinator_is_not_counted_on(start):
    cluster = start(2, 10, 5, "silence=1", "start=1", "slow-start-of=0", flags=RECOVER)
    assert cluster.read("rank-1.end") == "coordinator silent"
    assert cluster.answers() == SQUARES[:10]
    assert cluster.read("rank-0.end") == "somebody is missing"
    cluster.mpirun.wait(30)
