"""slurm/evoke.sbatch under a real Slurm: ends, stops before the limit, queues itself again, resumes, says what is wrong."""

import time

import pytest
from searches import PROGRAM, SMALL, SOURCE, Search
from slurm_cluster import ENDED, Cluster, why_impossible

SCRIPT = SOURCE / "slurm" / "evoke.sbatch"
TWO_RANKS = ["--ntasks-per-node=2", "--cpus-per-task=1"]
SHORT = ["search.generations=3", *SMALL]
# Seconds of search even on a fast machine: time for a signal to find its way.
LONGER = ["search.generations=40", *SMALL]
ENDLESS = ["search.generations=10000", *SMALL]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    if why := why_impossible():
        pytest.skip(f"no Slurm of our own: {why}")
    with Cluster(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


def undisturbed(folder, overrides):
    """What the search comes to alone, without Slurm."""
    alone = Search(folder, overrides=overrides)
    result = alone.run()
    assert result.returncode == 0, result.stderr
    return alone.digest()


class Job:
    """One submission of slurm/evoke.sbatch."""

    def __init__(self, slurm, folder, words, options=TWO_RANKS, **variables):
        self.slurm = slurm
        environment = {"EVOKE_PROGRAM": PROGRAM, **variables}
        self.number = slurm.sbatch(*options, SCRIPT, *words, cwd=folder, env=environment)
        self.log = folder / f"evoke-{self.number}.log"

    @classmethod
    def of(cls, slurm, folder, search, **more):
        return cls(slurm, folder, search.command("launch")[2:], **more)

    def said(self):
        return self.log.read_text() if self.log.exists() else f"(no log)\n{self.slurm.logs()}"

    def shown(self):
        return self.slurm.job(self.number)

    def signal(self, name):
        """As Slurm does before the time limit with --signal=B:…: to the script, not to its children."""
        self.slurm.command("scancel", f"--signal={name}", "--batch", self.number)

    def wait_until(self, condition, what, timeout=120):
        """A job that has ended will not do it any more."""
        deadline = time.monotonic() + timeout
        while not condition():
            ended = self.shown()["JobState"] in ENDED
            assert time.monotonic() < deadline and (not ended or condition()), f"{what}: not in\n{self.said()}"
            time.sleep(0.1)

    def wait_for_generation(self, search, number):
        self.wait_until(lambda: number in generations(search), f"generation {number}")

    def ends_with(self, code, timeout=240):
        job = self.slurm.wait_for_end(self.number, timeout)
        assert job["ExitCode"] == f"{code}:0", self.said()
        assert job["JobState"] == ("COMPLETED" if code == 0 else "FAILED")


@pytest.fixture
def cancelled(slurm):
    """Jobs to be cancelled after the test, however it ends."""
    jobs = []
    yield jobs
    for job in jobs:
        slurm.command("scancel", job.number, check=False)


def generations(search):
    return [event["generation"] for event in search.events() if event["event"] == "generation"]


def made_by(search, generation):
    with search.generation(generation) as file:
        return [str(file.attrs["slurm_job"]), int(file.attrs["restarts"]), int(file.attrs["ranks"])]


def test_search_ends(slurm, cancelled, tmp_path):
    search = Search(tmp_path / "runs", overrides=SHORT)
    job = Job.of(slurm, tmp_path, search)
    cancelled.append(job)
    job.ends_with(0)
    assert search.digest() == undisturbed(tmp_path / "alone", SHORT)
    assert made_by(search, 3) == [job.number, 0, 2]
    assert job.said().startswith(f"evoke.sbatch: job {job.number}, start 1, 2 ranks, ")
    assert f"Run: {search.folder}" in job.said()
    assert job.shown()["Restarts"] == "0"


def test_signalled_job_queues_itself_again_and_resumes(slurm, cancelled, tmp_path):
    search = Search(tmp_path / "runs", overrides=LONGER)
    job = Job.of(slurm, tmp_path, search)
    cancelled.append(job)
    job.wait_for_generation(search, 1)
    job.signal("USR2")
    job.wait_until(lambda: "evoke.sbatch: stopped in time; queued again" in job.said(), "queued again")
    assert search.events()[-1]["event"] == "stop"
    stopped_after = generations(search)[-1]
    assert stopped_after < 40, "the signal came too late to stop anything"

    job.ends_with(0)
    assert job.shown()["Restarts"] == "1"
    assert f"evoke.sbatch: job {job.number}, start 2, 2 ranks, " in job.said()
    resumed = [event for event in search.events() if event["event"] == "resume"]
    assert [event["generation"] for event in resumed] == [stopped_after]
    assert made_by(search, stopped_after) == [job.number, 0, 2]
    assert made_by(search, 40) == [job.number, 1, 2]
    assert search.digest() == undisturbed(tmp_path / "alone", LONGER)


def test_time_limit_with_requeues_used_up(slurm, cancelled, tmp_path):
    """The real limit; Slurm looks every 30 seconds, so the warning is due from the start."""
    search = Search(tmp_path / "runs", overrides=ENDLESS)
    limit = ["--time=00:01:00", "--signal=B:USR2@60"]
    job = Job.of(slurm, tmp_path, search, options=[*TWO_RANKS, *limit], EVOKE_REQUEUES="0")
    cancelled.append(job)
    job.ends_with(75)
    assert "evoke.sbatch: stopped in time; 0 requeues are used up: sbatch it again to resume" in job.said()
    assert job.shown()["Restarts"] == "0"
    if search.folder.exists():  # else the warning came before the search had begun
        assert search.events()[-1]["event"] == "stop"


def test_early_warning_loses_nothing(slurm, cancelled, tmp_path):
    search = Search(tmp_path / "runs", overrides=ENDLESS)
    job = Job.of(slurm, tmp_path, search, EVOKE_REQUEUES="0")
    cancelled.append(job)
    job.wait_until(lambda: "evoke.sbatch: job" in job.said(), "the first line")
    job.signal("USR2")
    job.ends_with(75)
    assert "evoke.sbatch: stopped in time; 0 requeues are used up" in job.said()


def test_cluster_without_requeue(slurm, cancelled, tmp_path):
    search = Search(tmp_path / "runs", overrides=ENDLESS)
    job = Job.of(slurm, tmp_path, search, options=[*TWO_RANKS, "--no-requeue"])
    cancelled.append(job)
    job.wait_for_generation(search, 0)
    job.signal("USR2")
    job.ends_with(75)
    assert "stopped in time, but scontrol could not queue the job again: sbatch it to resume" in job.said()


def test_cancelled_job_stays_cancelled(slurm, cancelled, tmp_path):
    search = Search(tmp_path / "runs", overrides=ENDLESS)
    job = Job.of(slurm, tmp_path, search)
    cancelled.append(job)
    job.wait_for_generation(search, 0)
    slurm.command("scancel", job.number)
    assert slurm.wait_for_end(job.number, 60)["JobState"] == "CANCELLED"
    slurm.wait_for(slurm.node_is_idle, "the job's processes end", 60)
    assert job.shown()["JobState"] == "CANCELLED", job.said()
    assert "evoke.sbatch: cancelled, or at its limit" in job.said()
    assert job.shown()["Restarts"] == "0"
    assert search.digest()


@pytest.mark.parametrize(
    "words,variables,message",
    [
        ([], {}, "evoke.sbatch: expected a job file"),
        (["missing.toml"], {}, "missing.toml"),
        ([SOURCE / "jobs/sst2.toml", "--set", "search.populaton=3"], {}, "populaton"),
        (["missing.toml"], {"EVOKE_PROGRAM": "no-such-program"}, "'no-such-program' is not on PATH"),
    ],
)
def test_bad_input_is_2_and_is_not_queued_again(slurm, cancelled, tmp_path, words, variables, message):
    job = Job(slurm, tmp_path, words, **variables)
    cancelled.append(job)
    job.ends_with(2)
    assert message in job.said()
    assert job.shown()["Restarts"] == "0"
