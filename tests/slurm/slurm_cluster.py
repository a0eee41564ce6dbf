"""A real Slurm of one node for tests: munged, slurmctld and slurmd of this machine, in a folder of their own.

    with Cluster(folder) as cluster:
        job = cluster.sbatch("job.sh", cwd=".")
        cluster.wait_for_end(job, timeout=60)
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

TEMPLATE = Path(__file__).with_name("slurm.conf.in")
MARK = "EVOKE_TEST_SLURM"
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "OUT_OF_MEMORY"}


class DidNotStart(Exception):
    pass


def why_impossible():
    """What this machine lacks for a Slurm of its own, or an empty text."""
    tools = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "scancel", "setpriv")
    missing = [name for name in tools if shutil.which(name, path=search_path()) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (packages munge, slurmctld, slurmd, slurm-client, util-linux)"
    return "" if os.geteuid() == 0 else "slurmd must be run by root"


def search_path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Cluster:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.host = socket.gethostname().split(".")[0]
        self.daemons = {}

    def __enter__(self):
        try:
            # Between picking a free port and its use somebody else may take it.
            for attempt in range(3):
                try:
                    self.start()
                    break
                except DidNotStart:
                    self.stop()
                    if attempt == 2:
                        raise
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def environment(self, **more):
        # A TMPDIR of its own: Open MPI and PMIx name their folders by user and job number only.
        own = {"PATH": search_path(), "SLURM_CONF": str(self.folder / "slurm.conf"), "TMPDIR": str(self.folder / "tmp")}
        return {**os.environ, **own, MARK: str(self.folder), **more}

    def start(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("state", "spool", "tmp"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)  # munged refuses a socket where others cannot reach it
        key = self.folder / "munge.key"
        key.touch(mode=0o400)
        key.write_bytes(os.urandom(128))
        self.write_configuration()
        self.daemon(
            *("munged", "--foreground", "--force", "--num-threads=2"),
            *(f"--key-file={key}", f"--socket={self.folder}/munge.socket"),
            *(f"--pid-file={self.folder}/munged.pid", f"--seed-file={self.folder}/munged.seed"),
        )
        self.wait_for((self.folder / "munge.socket").exists, "munged opens its socket", 30)
        self.daemon("slurmctld", "-D", "-c")
        self.daemon("slurmd", "-D", "-N", self.host)
        self.wait_for(self.node_is_idle, "the node is idle", 90)

    def write_configuration(self):
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            ports = one.getsockname()[1], other.getsockname()[1]
        values = {"HOST": self.host, "FOLDER": self.folder, "CONTROLLER_PORT": ports[0], "NODE_PORT": ports[1]}
        text = re.sub(r"@([A-Z_]+)@", lambda found: str(values[found[1]]), TEMPLATE.read_text().split("\n", 1)[1])
        (self.folder / "slurm.conf").write_text(text)

    def daemon(self, name, *arguments):
        # It dies with this process, however that ends.
        command = ["setpriv", "--pdeathsig", "KILL", name, *arguments]
        with open(self.folder / f"{name}.log", "wb") as log:
            self.daemons[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(), cwd=self.folder
            )

    def stop(self):
        """Kills the daemons and all that runs in jobs."""
        deadline = time.monotonic() + 30
        for daemon in self.daemons.values():
            daemon.kill()
            daemon.wait(timeout=30)
        self.daemons.clear()
        while processes := self.processes():
            for process in processes:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            assert time.monotonic() < deadline, f"cannot be killed: {processes}"
            time.sleep(0.05)

    def processes(self):
        """Process ids of this cluster: a job inherits the mark from sbatch, its slurmstepd from slurmd."""
        mark = f"{MARK}={self.folder}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue  # it has just ended
        return found

    def wait_for(self, condition, what, timeout):
        deadline = time.monotonic() + timeout
        while not condition():
            dead = [name for name, daemon in self.daemons.items() if daemon.poll() is not None]
            if dead or time.monotonic() > deadline:
                raise DidNotStart(f"{what}: waited in vain; ended: {dead}\n{self.logs()}")
            time.sleep(0.1)

    def logs(self):
        logs = [f"{log.name}:\n{log.read_text(errors='replace')[-3000:]}" for log in self.folder.glob("*.log")]
        return "\n".join(logs)

    def node_is_idle(self):
        shown = self.command("scontrol", "show", "node", "-o", self.host, check=False).stdout
        return re.search(r"\bState=IDLE\b(?!\*)", shown) is not None

    def command(self, *words, check=True, cwd=None, env=None):
        done = subprocess.run(
            words, text=True, capture_output=True, timeout=60, cwd=cwd, env=self.environment(**(env or {}))
        )
        assert not check or done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done

    def sbatch(self, *words, cwd, env=None):
        """Submits; returns the job's number as text."""
        return self.command("sbatch", "--parsable", *map(str, words), cwd=cwd, env=env).stdout.strip()

    def job(self, number):
        """What scontrol says of a job, by name: JobState, ExitCode, Restarts, Reason, …"""
        shown = self.command("scontrol", "show", "job", "-o", number).stdout
        return dict(word.split("=", 1) for word in shown.split() if "=" in word)

    def wait_for_end(self, number, timeout):
        """Returns the job as job() does."""
        deadline = time.monotonic() + timeout
        while (job := self.job(number))["JobState"] not in ENDED:
            assert time.monotonic() < deadline, f"{job}\n{self.logs()}"
            time.sleep(0.2)
        return job
