"""The supervisor, over tiny children: what it starts is gone with it, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from scripts.leash import GRACE
from scripts.stack import ROOT
from scripts.supervisor import Crashed, StackError, answers
from tests.scripts.fakes import alive, left_after, pids, supervisor


@contextmanager
def a_parent(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own whose supervisor has both fakes healthy."""
    command = [sys.executable, "-m", "tests.scripts.parent", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout
            assert parent.stdout.readline() == "healthy\n"
            yield parent
        finally:
            parent.kill()


def test_all_processes_are_healthy_inside_and_gone_after(tmp_path: Path) -> None:
    with supervisor(tmp_path):
        assert len(alive(pids(tmp_path))) == 4
    assert alive(pids(tmp_path)) == []


def test_processes_that_ignore_the_request_to_end_are_killed(tmp_path: Path) -> None:
    with supervisor(tmp_path, "--stubborn"):
        pass
    assert len(pids(tmp_path)) == 4
    assert alive(pids(tmp_path)) == []


def test_a_crash_is_raised_with_the_exit_code_and_the_end_of_the_log(tmp_path: Path) -> None:
    with supervisor(tmp_path) as running:
        with suppress(httpx.TransportError):
            httpx.get(f"{running.health['two']}crash")
        with pytest.raises(Crashed, match=r"two ended with exit code 3(.|\n)*this is why it crashed"):
            running.watch()
    assert alive(pids(tmp_path)) == []


def test_a_crash_during_the_start_is_not_waited_out(tmp_path: Path) -> None:
    running = supervisor(tmp_path, patience=600)
    running.children["one"].command[2] = "not-a-port"
    with pytest.raises(Crashed, match=r"one ended with exit code 1(.|\n)*not-a-port"), running:
        pytest.fail("it was said to be healthy")
    assert alive(pids(tmp_path)) == []


def test_a_process_that_never_answers_is_named_when_patience_runs_out(tmp_path: Path) -> None:
    running = supervisor(tmp_path, patience=1.0)
    running.health["one"] = "http://127.0.0.1:9/"
    with pytest.raises(StackError, match=r"^one: no answer within 1 s"), running:
        pytest.fail("it was said to be healthy")
    assert alive(pids(tmp_path)) == []


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_process_ended_on_purpose_is_no_crash_and_can_come_back(tmp_path: Path, way: str) -> None:
    with supervisor(tmp_path) as running:
        getattr(running, way)("one")
        running.check()
        assert not answers(running.health["one"])
        running.start("one")
        assert answers(running.health["one"])
        assert len(alive(pids(tmp_path))) == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_parent_and_every_process(tmp_path: Path, number: signal.Signals) -> None:
    with a_parent(tmp_path) as parent:
        parent.send_signal(number)
        assert parent.wait(GRACE + 5) != 0
        assert left_after(pids(tmp_path), 2.0) == []


def test_kill_9_of_the_parent_leaves_no_process(tmp_path: Path) -> None:
    with a_parent(tmp_path) as parent:
        before = pids(tmp_path)
        assert len(alive(before)) == 4
        os.kill(parent.pid, signal.SIGKILL)
        assert left_after(before, 5.0) == []


def test_two_stacks_never_share_a_folder(tmp_path: Path) -> None:
    with supervisor(tmp_path), pytest.raises(StackError, match="another stack runs in"), supervisor(tmp_path):
        pytest.fail("the folder was held")
