"""jobs/demo.toml, made short, gives the same digest: on any number of ranks, killed and resumed, with lost and stopped workers."""

import os
import signal

import pytest
from searches import SMALL, Search

SHORT = ["search.generations=3", *SMALL, "cluster.lease_seconds=2", "cluster.silence_seconds=5"]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Alone, without MPI, undisturbed."""
    alone = Search(tmp_path_factory.mktemp("reference"), overrides=SHORT)
    result = alone.run()
    assert result.returncode == 0, result.stderr
    return alone.digest()


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_ranks(search, reference, ranks):
    several = search(overrides=SHORT)
    result = several.launch(ranks)
    assert result.returncode == 0, result.stderr
    assert several.digest() == reference


@pytest.mark.parametrize("ranks", [1, 4])
def test_killed_in_generation_2_and_resumed_on_other_ranks(search, reference, ranks):
    killed = search(overrides=SHORT).start(2)
    killed.wait_for("generation", 1)
    killed.kill_everything()
    assert not any(event["event"] == "end" for event in killed.events())
    result = killed.launch(ranks, "--resume", "require")
    assert result.returncode == 0, result.stderr
    assert any(event["event"] == "resume" for event in killed.events())
    assert killed.digest() == reference


def test_killed_in_generation_0(search, reference):
    killed = search(overrides=SHORT).start(2)
    killed.wait_for("start")
    killed.kill_everything()
    result = killed.launch(2)
    assert result.returncode == 0, result.stderr
    assert killed.digest() == reference


def test_worker_killed(search, reference):
    losing = search(overrides=SHORT).start(3)
    losing.wait_for("generation", 0)
    os.kill(losing.wait_for_rank(2), signal.SIGKILL)
    assert losing.process.wait(timeout=200) == 0, losing.said()
    assert losing.digest() == reference
    losing.wait_until_gone()


def test_worker_stopped_for_longer_than_its_lease(search, reference):
    losing = search(overrides=SHORT).start(2)
    losing.wait_for("generation", 0)
    stopped = losing.wait_for_rank(1)
    os.kill(stopped, signal.SIGSTOP)
    losing.wait_for("generation", 1)  # takes a lease's time, not for ever
    os.kill(stopped, signal.SIGCONT)
    assert losing.process.wait(timeout=200) == 0, losing.said()
    assert losing.digest() == reference
    losing.wait_until_gone()


def test_extending_a_finished_run_gives_the_longer_run(search, reference):
    short = search(overrides=["search.generations=1", *SHORT[1:]])
    assert short.run().returncode == 0
    short.overrides[2] = SHORT[0]
    result = short.run("run", "--resume", "require")
    assert result.returncode == 0, result.stderr
    assert short.digest() == reference


def test_another_seed_gives_another_digest(search, reference):
    other = search(overrides=[*SHORT, "run.seed=8"])
    assert other.run().returncode == 0
    assert other.digest() != reference
