"""Starts the workers of a storm, kills some, and waits until every handoff is through."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import IO

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from rasa_handoff.core.routing import Presence
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade
from rasa_handoff.stores.sql.database import parse
from scripts.storm.checker import Verdict, check
from scripts.storm.worker import team


@dataclass(frozen=True)
class Storm:
    """How much of what. `kills` workers die by SIGKILL on the way, each replaced by another one at once.

    `disturb` is called once, half-way: it may restart the database. `patience` are seconds without any progress.
    """

    workers: int
    agents: int
    handoffs: int
    kills: int
    disturb: Callable[[], None] | None = None
    patience: float = 60.0
    seed: int = 1


@dataclass
class Member:
    """A worker's process, and what it says on its way."""

    process: "subprocess.Popen[bytes]"
    said: IO[bytes]

    def kill(self) -> None:
        self.process.kill()  # SIGKILL
        self.process.wait()
        self.said.close()

    def last_words(self) -> str:
        self.said.seek(0)
        return self.said.read().decode()[-2_000:]


def rage(url: str, storm: Storm) -> tuple[Verdict, float]:
    """What is broken afterwards, and how many seconds it took.

    Errors: TimeoutError when nothing moves any more, RuntimeError when a worker ends that nobody killed.
    """
    upgrade(url)
    _staff(url, storm.agents)
    began = time.monotonic()
    share = -(-storm.handoffs // storm.workers)
    plans = [(n * share, max(0, min(share, storm.handoffs - n * share))) for n in range(storm.workers)]
    crew = [_start(url, storm, number, *plan) for number, plan in enumerate(plans)]
    try:
        _watch(url, storm, crew, plans)
        _settle(url, storm)
    finally:
        for member in crew:
            member.kill()
    return check(url, storm.handoffs), time.monotonic() - began


def _staff(url: str, count: int) -> None:
    store = open_store(url)
    for agent in team(count):
        store.add_agent(agent)
        store.set_presence(agent.id, Presence.ONLINE, datetime.now(UTC))


def _start(url: str, storm: Storm, number: int, first: int, count: int) -> Member:
    share = number % storm.workers
    numbers = (storm.seed * 1000 + number, first, count, storm.agents, share, storm.workers)
    command = [sys.executable, "-m", "scripts.storm.worker", url, *map(str, numbers)]
    said = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the worker)
    return Member(subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said), said)


def _watch(url: str, storm: Storm, crew: list[Member], plans: list[tuple[int, int]]) -> None:
    """Until all are through: at each step of the way a worker dies, and half-way the disturbance comes."""
    random, killed, disturbed = Random(storm.seed), 0, False
    closed, moved_at = 0, time.monotonic()
    while closed < storm.handoffs:
        time.sleep(0.25)
        now_closed = _count(url, "SELECT count(*) FROM handoffs WHERE status = 'closed'")
        if now_closed > closed:
            closed, moved_at = now_closed, time.monotonic()
        for member in crew:
            if member.process.poll() is not None:
                raise RuntimeError(f"a worker ended by itself:\n{member.last_words()}")
        if time.monotonic() - moved_at > storm.patience:
            raise TimeoutError(f"nothing has moved for {storm.patience:g} s: {closed} of {storm.handoffs} are through")
        if killed < storm.kills and closed >= storm.handoffs * (killed + 1) / (storm.kills + 2):
            victim = random.randrange(len(crew))
            crew[victim].kill()
            killed += 1
            crew[victim] = _start(url, storm, len(crew) * killed + victim, *plans[victim])
        if storm.disturb and not disturbed and closed >= storm.handoffs / 2:
            storm.disturb()
            disturbed = True


def _settle(url: str, storm: Storm) -> None:
    """Let the last timers come due, and some seconds more: whatever is due before the log's last entry is done then."""
    until = time.monotonic() + storm.patience
    undone = "SELECT count(*) FROM effects WHERE kind = 'Wake' AND state = 'pending'"
    while _count(url, undone) and time.monotonic() < until:
        time.sleep(0.25)


def _count(url: str, query: str, **values: object) -> int:
    """0 while the database is away."""
    engine = create_engine(parse(url))
    try:
        with engine.connect() as connection:
            return int(connection.scalar(text(query), values) or 0)
    except DBAPIError:
        return 0
    finally:
        engine.dispose()
