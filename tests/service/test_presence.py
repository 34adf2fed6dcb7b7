"""Agents who vanish: noticed after the grace period, and what they held goes to others."""

from datetime import UTC, datetime, timedelta

import pytest

from rasa_handoff.core.effects import Notice, TellBot, WatchAgent
from rasa_handoff.core.handoff import Accepted, Handoff, News, Status
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.service import Service
from rasa_handoff.stores.memory import MemoryStore

from .test_service import WISH, Clock, talk

GRACE = timedelta(seconds=60)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Service:
    service = Service(MemoryStore(), Policy(grace=GRACE), lambda text: 0.0, clock=clock)
    for agent_id in ("ana", "ben"):
        service.store.add_agent(Agent(agent_id, agent_id.title(), "support"))
    service.set_presence("ana", Presence.ONLINE)
    return service


def held(service: Service, id: str = "c1") -> Handoff:
    handoff = service.initiate(talk("human please", id=id), (), WISH)
    return service.receive(handoff.id, Accepted("ana", "Ana"))


def look(service: Service, session: int = 1) -> datetime | None:
    return service.look_after(WatchAgent("ana", session, datetime.now(UTC)))


def test_whoever_shows_signs_of_life_is_looked_after_again(service: Service, clock: Clock) -> None:
    clock.passes(59)
    assert look(service) == clock() + timedelta(seconds=1)
    service.store.seen(["ana"], clock())
    clock.passes(59)
    assert look(service) == clock() + timedelta(seconds=1)
    assert service.store.agent("ana").presence is Presence.ONLINE


def test_what_a_vanished_agent_held_and_was_offered_goes_to_others_in_its_place(service: Service, clock: Clock) -> None:
    active = held(service)
    offered = service.initiate(talk("human please", id="c2"), (), WISH)
    service.assign()
    clock.passes(60)
    assert look(service) is None
    ana = service.store.agent("ana")
    assert (ana.presence, ana.active_chats) == (Presence.OFFLINE, 0)
    service.set_presence("ben", Presence.ONLINE)
    service.assign()
    for before in (active, offered):
        after = service.store.get(before.id)
        assert (after.status, after.agent_id, after.queued_at) == (Status.OFFERED, "ben", before.queued_at)
    lost = service.store.get(active.id)
    assert (lost.epoch, lost.news, lost.previous_agent) == (active.epoch + 1, News.AGENT_LOST, "Ana")


def test_the_customer_of_a_lost_agent_is_told(service: Service, clock: Clock) -> None:
    active = held(service)
    clock.passes(60)
    look(service)
    due = service.store.claim(clock(), "courier", 30, 50)
    told = [p.effect for p in due if p.handoff_id == active.id and isinstance(p.effect, TellBot)]
    assert told == [TellBot(Notice.ACCEPTED)]  # of a lane the first; the next follows when it is done
    for pending in due:
        service.store.done(pending.id, "courier")
    following = [p.effect for p in service.store.claim(clock(), "courier", 30, 50)]
    assert TellBot(Notice.UPDATE) in following


def test_whoever_is_reachable_elsewhere_stays_as_long_as_that_holds(service: Service, clock: Clock) -> None:
    until = clock() + timedelta(minutes=10)
    service.store.reachable("ana", until)
    clock.passes(300)
    assert look(service) == until
    clock.passes(300)
    assert look(service) is None
    assert service.store.agent("ana").presence is Presence.OFFLINE


def test_going_away_stops_offers_and_not_chats(service: Service, clock: Clock) -> None:
    active = held(service)
    service.set_presence("ana", Presence.AWAY)
    waiting = service.initiate(talk("human please", id="c2"), (), WISH)
    service.assign()
    assert service.store.get(active.id).agent_id == "ana"
    assert service.store.get(waiting.id).status is Status.WAITING


def test_whoever_signs_out_keeps_their_chats_for_the_grace_period(service: Service, clock: Clock) -> None:
    active = held(service)
    service.set_presence("ana", Presence.OFFLINE)
    clock.passes(59)
    assert look(service) is not None
    assert service.store.get(active.id).agent_id == "ana"
    clock.passes(1)
    look(service)
    assert service.store.get(active.id).status is Status.WAITING


def test_a_watch_of_an_earlier_session_ends(service: Service, clock: Clock) -> None:
    active = held(service)
    service.set_presence("ana", Presence.OFFLINE)
    clock.passes(30)
    service.set_presence("ana", Presence.ONLINE)
    clock.passes(120)
    assert look(service, session=1) is None
    assert service.store.get(active.id).agent_id == "ana"
    look(service, session=2)
    assert service.store.get(active.id).status is Status.WAITING


def test_a_clock_that_jumps_an_hour_back_loses_nobody(service: Service, clock: Clock) -> None:
    active = held(service)
    clock.passes(-3600)
    assert look(service) == clock() + timedelta(hours=1, seconds=60)
    assert service.store.get(active.id).agent_id == "ana"


def test_freed_capacity_drains_the_queue_in_order(service: Service, clock: Clock) -> None:
    queued = []
    for number in range(5):
        clock.passes(1)
        queued.append(service.initiate(talk("human please", id=f"c{number}"), (), WISH))
    service.assign()
    assert [service.store.get(one.id).status is Status.OFFERED for one in queued] == [True] * 3 + [False] * 2
    for one in queued[:2]:
        service.receive(one.id, Accepted("ana", "Ana"))
    service.set_presence("ben", Presence.ONLINE)
    service.assign()
    assert [service.store.get(one.id).agent_id for one in queued] == ["ana"] * 3 + ["ben"] * 2
