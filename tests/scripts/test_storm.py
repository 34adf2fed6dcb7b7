"""A small storm, and a checker that would notice."""

import json
from dataclasses import replace
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
NEED = Need("support")
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
    "UPDATE effects SET state = 'pending', due_at = created_at WHERE kind = 'Wake'": "is pending",
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


def _broken(*entries: Entry, places: int = 1, need: Need = NEED) -> str:
    """What is said of this log, in which "old" was queued before "young"."""
    queued = {"old": NOW, "young": NOW + timedelta(seconds=1)}
    summary = Summary(())
    handoffs = {
        id: Handoff(id, f"c {id}", "rest", Reason.CUSTOMER_REQUESTED, need, Rules(), at, summary)
        for id, at in queued.items()
    }
    replay = Replay(handoffs, {"ana": places, "ben": 1})
    for seq, id in enumerate(queued):
        replay.take(_entry(seq, id, "started", NOW))
    for entry in entries:
        replay.take(entry)
    replay.end()
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


def _told(kind: str, seconds: float, handoff_id: str = "old", **data: object) -> Entry:
    return _entry(int(seconds), handoff_id, kind, NOW + timedelta(seconds=seconds), **data)


ANA, BEN = {"agent_id": "ana"}, {"agent_id": "ben"}
OFFERED = _told("offered", 1, **ANA, again=False)
ACCEPTED = _told("accepted", 2, **ANA)
PASSED_ON = {"by": "ana", "department": "support", "agent_id": None, "warm": True}
LATER = (_told("summary_written", 500), _told("handed_back", 999, **ANA))
"""The log goes on for long after all timers were due."""

# For each kind of timer: what sets it off, when it fires, and what is said when it does not.
TIMERS = {
    "offer": (
        (OFFERED,),
        (_told("offer_expired", 21, offer=1), _told("ask_again_due", 31), _told("accepted", 32, **ANA)),
    ),
    "ask again": (
        (OFFERED, _told("declined", 2, **ANA)),
        (_told("ask_again_due", 12), _told("offered", 13, **ANA, again=True), _told("accepted", 14, **ANA)),
    ),
    "transfer": ((OFFERED, ACCEPTED, _told("transferred", 3, **PASSED_ON)), (_told("transfer_expired", 123),)),
    "update": ((), (_told("update_due", 60), _told("offered", 61, **ANA, again=False), _told("accepted", 62, **ANA))),
}


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_that_never_fires_is_noticed_and_one_that_fires_is_not(name: str) -> None:
    before, fired = TIMERS[name]
    young = _young_is_served()
    assert _broken(*young, *before, *fired, *LATER, places=2) == ""
    assert f"the timer '{name}' was due" in _broken(*young, *before, *LATER, places=2)


def _young_is_served() -> tuple[Entry, ...]:
    """So that nothing is said of the other one."""
    return (_told("accepted", 1, "young", **ANA), _told("handed_back", 1, "young", **ANA))


def test_a_search_that_does_not_widen_in_time_is_noticed() -> None:
    need = Need("support", preferred={"gold": 1}, fallback=("sales",))
    served = (OFFERED, ACCEPTED)
    rings = (_told("widened", 20, ring=1), _told("widened", 60, ring=2))
    assert _broken(*_young_is_served(), *served, *rings, *LATER, need=need) == ""
    assert "the timer 'ring' was due" in _broken(*_young_is_served(), *served, rings[0], *LATER, need=need)
    assert "the timer 'ring' was due" in _broken(*_young_is_served(), *served, *LATER, need=need)


@pytest.mark.parametrize(("kind", "when"), [("callback_booked", "at"), ("email_taken", "due_at")])
def test_a_callback_or_an_email_that_nobody_is_reminded_of_is_noticed(kind: str, when: str) -> None:
    booked = replace(_told(kind, 2), data={when: (NOW + timedelta(seconds=100)).isoformat()})
    others = (_told("summary_written", 999, "young"),)
    reminded = _told("follow_up_due", 100)
    assert "follow-up" not in _broken(booked, reminded, *others)
    assert "follow-up" not in _broken(booked, _told("follow_up_done", 99, **ANA), *others)
    assert "the timer 'follow-up' was due" in _broken(booked, *others)


def test_a_timer_whose_reason_is_gone_need_not_fire() -> None:
    to_one = {**PASSED_ON, "agent_id": "ben"}
    gone = (OFFERED, ACCEPTED, _told("transferred", 3, **to_one), _told("declined", 4, **BEN))
    assert _broken(*_young_is_served(), *gone, *LATER) == ""
    taken = (OFFERED, ACCEPTED, _told("transferred", 3, **PASSED_ON), _told("transfer_cancelled", 4, by="ana"))
    assert _broken(*_young_is_served(), *taken, *LATER) == ""


def test_whoever_waits_again_is_told_again() -> None:
    lost = (OFFERED, ACCEPTED, _told("agent_lost", 10, **ANA))
    again = (_told("offered", 11, **BEN, again=False), _told("accepted", 12, **BEN), _told("handed_back", 990, **BEN))
    assert _broken(*_young_is_served(), *lost, *again) == ""
    assert "the timer 'update' was due at 12:01:10" in _broken(
        *_young_is_served(), *lost, _told("handed_back", 990, **ANA)
    )
