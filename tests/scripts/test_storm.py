"""A small storm, and a checker that would notice."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Accepted, Handoff, Rules
from rasa_handoff.core.need import Need
from rasa_handoff.core.package import Summary
from rasa_handoff.core.routing import Presence
from rasa_handoff.ports import Entry
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade
from rasa_handoff.stores.sql.database import Database
from scripts.storm.checker import Replay, check
from scripts.storm.driver import Storm, rage
from scripts.storm.worker import Worker, team

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = Storm(workers=2, agents=6, handoffs=24, kills=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'storm.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


def test_a_storm_breaks_nothing_and_a_log_that_was_tampered_with_is_noticed(url: str) -> None:
    verdict, _ = rage(url, SMALL)
    assert verdict.broken == []
    assert verdict.counts["started"] == verdict.counts["handed_back"] == SMALL.handoffs
    assert verdict.counts["offer_expired"] + verdict.counts["declined"] > 0
    for tampering, said in TAMPERINGS.items():
        _tamper(url, tampering)
        assert any(said in one for one in check(url, SMALL.handoffs).broken), tampering


TAMPERINGS = {
    "DELETE FROM log WHERE kind = 'accepted'": "who did not have it",
    "DELETE FROM log WHERE seq = (SELECT max(seq) FROM log WHERE kind = 'handed_back')": "is stuck",
    "UPDATE agents SET active_chats = active_chats + 1 WHERE id IN ('a002', 'a003')": "is counted",
    "UPDATE effects SET state = 'pending' WHERE kind = 'Wake'": "the timer",
}


def _tamper(url: str, statement: str) -> None:
    database = Database(url)
    with database.write() as connection:
        connection.execute(text(statement))
    database.close()


def test_two_owners_at_once_and_too_many_conversations_are_noticed(url: str) -> None:
    upgrade(url)
    store = open_store(url)
    for agent in team(3):
        store.add_agent(agent)
        store.set_presence(agent.id, Presence.ONLINE, datetime.now(UTC))
    worker = Worker(store, 1, [])
    for number in range(6):
        worker.open(number)
    worker.work()  # offers them
    for offered in store.handoffs():
        if agent_id := offered.offered_to:
            worker.service.receive(offered.id, Accepted(agent_id, "Agent"))
    store.close()
    database = Database(url)
    with database.write() as connection:
        rows = connection.execute(text("SELECT seq, data FROM log WHERE kind = 'offered' ORDER BY seq")).all()
        for row in rows:
            data = row.data if isinstance(row.data, dict) else json.loads(row.data)
            plain = json.dumps(data | {"agent_id": "a000"})
            connection.execute(text("UPDATE log SET data = :data WHERE seq = :seq"), {"data": plain, "seq": row.seq})
    database.close()
    broken = "\n".join(check(url, 6).broken)
    assert "while a000 was asked" in broken


def _entry(seq: int, handoff_id: str, kind: str, at: datetime, **data: object) -> Entry:
    return Entry(seq, handoff_id, f"c {handoff_id}", kind, None, at, data)


def _broken(*entries: Entry, places: int = 1) -> str:
    """What is said of this log, in which "old" was queued before "young"."""
    queued = {"old": NOW, "young": NOW + timedelta(seconds=1)}
    need, summary = Need("support"), Summary(())
    handoffs = {
        id: Handoff(id, f"c {id}", "rest", Reason.CUSTOMER_REQUESTED, need, Rules(), at, summary)
        for id, at in queued.items()
    }
    replay = Replay(handoffs, {"ana": places})
    for seq, id in enumerate(queued):
        replay.take(_entry(seq, id, "started", NOW))
    for entry in entries:
        replay.take(entry)
    return "\n".join(replay.broken)


def test_whoever_is_passed_over_in_the_queue_is_noticed() -> None:
    late = NOW + timedelta(seconds=10)
    in_order = [_entry(n, id, "offered", late, agent_id="ana", again=False) for n, id in enumerate(("old", "young"))]
    assert _broken(*in_order, places=2) == ""
    assert "which waited longer" in _broken(*reversed(in_order), places=2)


def test_more_conversations_than_an_agent_can_hold_are_noticed() -> None:
    late = NOW + timedelta(seconds=10)
    both = [_entry(n, id, "offered", late, agent_id="ana", again=False) for n, id in enumerate(("old", "young"))]
    assert "ana has more than they can" in _broken(*both, places=1)
