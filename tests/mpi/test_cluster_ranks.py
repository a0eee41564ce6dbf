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
