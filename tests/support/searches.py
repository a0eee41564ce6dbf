"""Real searches for tests: started, watched through their event log, killed, verified."""

import json
import os
import shutil
import signal
import subprocess
import time
import uuid
from pathlib import Path

import h5py
import pytest

PROGRAM = os.environ["EVOKE_PROGRAM"]
SOURCE = Path(os.environ["EVOKE_SOURCE_DIR"])
MARK = "EVOKE_TEST_MARK"
# What makes jobs/demo.toml short: a generation takes a second or two, and still has units enough for several ranks.
SMALL = ["search.population=6", "task.dev_size=24", "task.test_size=24", "cluster.unit_tokens=1024"]


def data_folder():
    folder = os.environ.get("EVOKE_DATA", "")
    if not Path(folder, "models/TinyStories-656K").is_dir():
        pytest.skip("EVOKE_DATA names no folder with models/TinyStories-656K")
    return Path(folder)


def evoke(*arguments, timeout=300, **options):
    """Runs a verb to its end."""
    command = [PROGRAM, *map(str, arguments)]
    return subprocess.run(command, text=True, capture_output=True, timeout=timeout, **options)


class Search:
    """One run in a folder of its own, under `evoke launch` or `evoke run`."""

    def __init__(self, folder, job="demo", overrides=()):
        self.job = job if isinstance(job, Path) else SOURCE / "jobs" / f"{job}.toml"
        if "EVOKE_DATA" in self.job.read_text():
            data_folder()
        self.output = Path(folder)
        self.overrides = [f"run.output={self.output}", "run.name=run", *overrides]
        self.mark = uuid.uuid4().hex
        self.process = None

    @property
    def folder(self):
        return self.output / "run"

    def command(self, verb, *options):
        sets = [part for item in self.overrides for part in ("--set", item)]
        return [PROGRAM, verb, *map(str, options), str(self.job), *sets]

    def run(self, verb="run", *options, timeout=300):
        """To its end; returns the finished process."""
        return subprocess.run(
            self.command(verb, *options), text=True, capture_output=True, timeout=timeout, env=self.environment()
        )

    def launch(self, ranks, *options, timeout=300):
        return self.run("launch", "-n", ranks, *options, timeout=timeout)

    def start(self, ranks, *options, **popen):
        """evoke launch in the background; its output goes to a file beside the run."""
        self.output.mkdir(parents=True, exist_ok=True)
        self.log = self.output / "log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command("launch", "-n", ranks, *options),
                stdout=popen.pop("stdout", log),
                stderr=popen.pop("stderr", log),
                stdin=popen.pop("stdin", subprocess.DEVNULL),
                env=self.environment(),
                **popen,
            )
        return self

    def environment(self):
        return {**os.environ, MARK: self.mark}

    def events(self):
        try:
            lines = (self.folder / "events.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def wait_for(self, event, generation=None, timeout=120):
        """Until the event log holds the event (of that generation or a later one)."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            for item in self.events():
                if item["event"] == event and (generation is None or item["generation"] >= generation):
                    return
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"no event {event} {generation}: {self.events()}\n{self.said()}")

    def said(self):
        return self.log.read_text() if self.process is not None else ""

    def processes(self):
        """Process ids of all that this search started, ranks by number under int keys."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                environment = (entry / "environ").read_bytes().split(b"\0")
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if f"{MARK}={self.mark}".encode() not in environment or state == "Z":
                continue
            rank = [v for v in environment if v.startswith(b"OMPI_COMM_WORLD_RANK=")]
            key = int(rank[0].split(b"=")[1]) if rank else f"pid {entry.name}"
            found[key] = int(entry.name)
        return found

    def wait_until_gone(self, timeout=60):
        deadline = time.monotonic() + timeout
        while self.processes():
            assert time.monotonic() < deadline, f"still running: {self.processes()}"
            time.sleep(0.1)

    def wait_for_rank(self, rank, timeout=60):
        deadline = time.monotonic() + timeout
        while rank not in self.processes():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        return self.processes()[rank]

    def kill_everything(self):
        for process in self.processes().values():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process is not None:
            self.process.wait(timeout=60)
        self.wait_until_gone()

    def digest(self):
        result = evoke("verify", self.folder)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.splitlines()[-1]

    def copy_to(self, folder):
        """The same run, as it lies, in another place."""
        other = Search(folder, self.job, self.overrides[2:])
        shutil.copytree(self.folder, other.folder)
        return other

    def generation(self, number):
        return h5py.File(self.folder / "generations" / f"gen-{number:06}.h5", "r")


def texts(group):
    """A text column: uint8 blob and offsets."""
    blob = bytes(group["blob"][:])
    offsets = group["offsets"][:]
    return [blob[a:b].decode() for a, b in zip(offsets[:-1], offsets[1:])]
