"""Callbacks and e-mails that are owed, as every store must list them."""

from datetime import timedelta

from rasa_handoff.core.effects import Wake
from rasa_handoff.core.follow_up import CallbackBooked, EmailTaken, FollowUpDone, FollowUpTaken
from rasa_handoff.core.handoff import Handoff, Need
from tests.contracts.conftest import World

HOUR = timedelta(hours=1)


def booked(world: World, conversation_id: str, hours: int) -> Handoff:
    return world.do(world.begin(conversation_id), CallbackBooked("+442079460018", world.now + hours * HOUR))


def ids(found: list[Handoff]) -> list[str]:
    return [one.conversation_id for one in found]


def test_what_is_owed_is_listed_by_due_time(world: World) -> None:
    booked(world, "later", 3)
    booked(world, "soon", 1)
    world.do(world.begin("email"), EmailTaken("zoe@example.com", world.now + 2 * HOUR))
    world.begin("waits")
    assert ids(world.store.follow_ups()) == ["soon", "email", "later"]
    assert ids(world.store.follow_ups(limit=2)) == ["soon", "email"]


def test_what_is_owed_and_what_is_over_is_listed_for_departments(world: World) -> None:
    for department in ("support", "trust"):
        event = CallbackBooked("+442079460018", world.now + HOUR)
        world.do(world.begin(f"{department} owed", need=Need(department)), event)
        done = world.do(world.begin(f"{department} over", need=Need(department)), event)
        world.do(done, FollowUpDone("ana"))
    assert ids(world.store.follow_ups(departments=["trust"], owed_only=False)) == ["trust owed", "trust over"]
    assert ids(world.store.follow_ups(departments=["trust", "support"])) == ["support owed", "trust owed"]
    assert ids(world.store.follow_ups(departments=[])) == []


def test_what_is_taken_is_owed_still_and_what_is_done_is_not(world: World) -> None:
    first, second = booked(world, "first", 1), booked(world, "second", 2)
    third = booked(world, "third", 3)
    world.do(first, FollowUpTaken("ana", "Ana"))
    world.do(second, FollowUpDone("ana", "called"))
    world.do(third, FollowUpDone("ana"))
    assert ids(world.store.follow_ups()) == ["first"]
    assert ids(world.store.follow_ups(owed_only=False)) == ["first", "third", "second"]


def test_a_follow_up_comes_back_as_it_was_stored(world: World) -> None:
    handoff = world.do(booked(world, "c", 1), FollowUpTaken("ana", "Ana"))
    assert world.store.get(handoff.id) == handoff


def test_its_reminder_is_due_at_its_time_and_not_before(world: World) -> None:
    booked(world, "c", 5)
    world.settle()
    world.now += timedelta(hours=4)
    world.settle()
    world.now += HOUR
    assert [type(one.effect) for one in world.claim()] == [Wake]
