"""evoke launch: stops in time, returns true exit codes, outlives rank 0, leaves nothing behind."""

import os
import pty
import signal
import time

import pytest
from searches import SMALL

LONG = ["search.generations=400", *SMALL, "cluster.silence_seconds=5"]
SHORT = ["search.generations=3", *SMALL, "cluster.silence_seconds=5"]


def stops(search, code, timeout=30):
    began = time.monotonic()
    assert search.process.wait(timeout=timeout) == code, search.said()
    search.wait_until_gone(10)
    return time.monotonic() - began


@pytest.mark.parametrize("number,code", [(signal.SIGTERM, 75), (signal.SIGUSR2, 75), (signal.SIGINT, 130)])
def test_signal_stops_it_in_time(search, number, code):
    stopped = search(overrides=LONG).start(2)
    stopped.wait_for("generation", 0)
    stopped.process.send_signal(number)
    stops(stopped, code)
    assert stopped.events()[-1]["event"] == "stop"
    known = [event for event in stopped.events() if event["event"] == "generation"][-1]["generation"]
    # What was finished is on disk: the next start goes on from there.
    stopped.start(2)
    stopped.wait_for("resume")
    assert [event for event in stopped.events() if event["event"] == "resume"][0]["generation"] == known
    stopped.wait_for("generation", known + 1)


def test_control_c_in_a_terminal(search):
    stopped = search(overrides=LONG)
    controller, terminal = pty.openpty()
    stopped.start(2, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
                  preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0))
    os.close(terminal)
    stopped.wait_for("generation", 0)
    os.write(controller, b"\x03")
    code = None
    deadline = time.monotonic() + 30
    while code is None and time.monotonic() < deadline:
        try:
            os.read(controller, 65536)  # a full terminal would block the writer
        except OSError:
            pass
        code = stopped.process.poll()
    os.close(controller)
    assert code == 130
    stopped.wait_until_gone(10)
    assert stopped.events()[-1] == {**stopped.events()[-1], "event": "stop", "reason": "asked to stop"}


def test_bad_input_is_2_and_starts_nothing(search):
    bad = search(overrides=["search.populaton=3"])
    result = bad.launch(2)
    assert result.returncode == 2
    assert "did you mean 'population'?" in result.stderr
    assert not bad.folder.exists()


def test_rank_0_killed_is_launched_again(search):
    lost = search(overrides=SHORT).start(2)
    lost.wait_for("generation", 0)
    old = set(lost.processes().values()) - {lost.process.pid}
    os.kill(lost.wait_for_rank(0), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while old & set(lost.processes().values()):
        assert time.monotonic() < deadline, "the old tree still runs"
        time.sleep(0.1)
    lost.wait_for("resume", timeout=60)
    assert lost.process.wait(timeout=200) == 0, lost.said()
    assert "relaunch 1 of 3" in lost.said()
    undisturbed = search("b", overrides=SHORT)
    assert undisturbed.launch(1).returncode == 0
    assert lost.digest() == undisturbed.digest()


def test_without_relaunches_a_lost_rank_0_is_5(search):
    lost = search(overrides=LONG).start(2, "--relaunch", 0)
    lost.wait_for("generation", 0)
    os.kill(lost.wait_for_rank(0), signal.SIGKILL)
    stops(lost, 5, timeout=60)
    assert "resumes" in lost.said()


def test_killed_supervisor_leaves_nothing_running(search):
    lost = search(overrides=LONG).start(2)
    lost.wait_for("generation", 0)
    lost.process.kill()
    lost.process.wait(timeout=10)
    lost.wait_until_gone(60)


def test_all_workers_lost_and_the_search_goes_on(search):
    lost = search(overrides=SHORT).start(3)
    lost.wait_for("generation", 0)
    for rank in (1, 2):
        os.kill(lost.wait_for_rank(rank), signal.SIGKILL)
    assert lost.process.wait(timeout=200) == 0, lost.said()
