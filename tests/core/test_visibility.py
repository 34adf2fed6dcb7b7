"""Who may see which handoff."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.follow_up import FollowUp, FollowUpKind
from rasa_handoff.core.handoff import (
    Accepted,
    Declined,
    Event,
    HandedBack,
    Handoff,
    Need,
    Offered,
    Outcome,
    Rules,
    TransferCancelled,
    Transferred,
    Widened,
)
from rasa_handoff.core.package import Summary
from rasa_handoff.core.routing import Agent, Role
from rasa_handoff.core.step import step
from rasa_handoff.core.visibility import Visibility, helped_by, may_see

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANA, BEN = Agent("ana", "Ana", "sales"), Agent("ben", "Ben", "sales")
TED, TIA = Agent("ted", "Ted", "trust"), Agent("tia", "Tia", "trust")
ZOE = Agent("zoe", "Zoe", "billing")
BOSS = Agent("boss", "Boss", "billing", role=Role.SUPERVISOR)
EVERYBODY = (ANA, BEN, TED, TIA, ZOE, BOSS)


def handoff(*events: Event, fallback: tuple[str, ...] = ()) -> Handoff:
    """One of the sales department, after the events."""
    now = Handoff(
        id="h1",
        conversation_id="c1",
        channel="rest",
        reason=Reason.CUSTOMER_REQUESTED,
        need=Need("sales", fallback=fallback),
        rules=Rules(),
        queued_at=NOW,
        summary=Summary(()),
    )
    for event in events:
        now = step(now, event, NOW + timedelta(seconds=1)).handoff
    return now


def who_sees(handoff: Handoff) -> set[str]:
    return {agent.id for agent in EVERYBODY if may_see(agent, handoff)}


SALES = {"ana", "ben", "boss"}
TRUST = {"ted", "tia"}
TAKEN = (Offered("ana", "Ana"), Accepted("ana", "Ana"))


@pytest.mark.parametrize(
    "events",
    [(), (Offered("ana", "Ana"),), TAKEN, (*TAKEN, HandedBack("ana", Outcome.RESOLVED))],
    ids=["waiting", "offered", "active", "closed"],
)
def test_a_department_sees_its_own_and_a_supervisor_everybodys(events: tuple[Event, ...]) -> None:
    assert who_sees(handoff(*events)) == SALES


def test_a_department_that_may_help_out_sees_it_from_the_ring_on_that_says_so_and_until_it_is_taken() -> None:
    assert who_sees(handoff(Widened(1), fallback=("trust",))) == SALES
    assert who_sees(handoff(Widened(2), fallback=("trust",))) == SALES | TRUST
    assert who_sees(handoff(Widened(2), Offered("ted", "Ted"), fallback=("trust",))) == SALES | TRUST
    taken = (Widened(2), Offered("ted", "Ted"), Accepted("ted", "Ted"))
    assert who_sees(handoff(*taken, fallback=("trust",))) == SALES | {"ted"}


def test_whoever_is_asked_sees_it_and_whoever_declined_does_not_see_it_any_more() -> None:
    asked = handoff(Offered("zoe", "Zoe"))
    assert who_sees(asked) == SALES | {"zoe"}
    assert who_sees(step(asked, Declined("zoe"), NOW).handoff) == SALES


def test_a_department_that_it_is_to_be_passed_on_to_sees_it_until_that_is_taken_back() -> None:
    passing = handoff(*TAKEN, Transferred("ana", "trust"))
    assert who_sees(passing) == SALES | TRUST
    assert who_sees(step(passing, TransferCancelled("ana"), NOW).handoff) == SALES


def test_a_colleague_who_is_invited_sees_it_and_the_others_of_their_department_do_not() -> None:
    assert who_sees(handoff(*TAKEN, Transferred("ana", "trust", "ted", "Ted"))) == SALES | {"ted"}


def test_who_passed_it_on_sees_how_it_goes_on_and_the_rest_of_their_department_does_not() -> None:
    moved = handoff(*TAKEN, Transferred("ana", "trust", warm=False))
    assert who_sees(moved) == TRUST | {"ana", "boss"}
    ended = (Offered("ted", "Ted"), Accepted("ted", "Ted"), HandedBack("ted", Outcome.RESOLVED))
    assert who_sees(handoff(*TAKEN, Transferred("ana", "trust", warm=False), *ended)) == TRUST | {"ana", "boss"}


def test_whoever_took_a_callback_on_sees_its_conversation() -> None:
    owed = FollowUp(FollowUpKind.CALLBACK, "+442079460018", NOW, owner_id="zoe")
    assert who_sees(replace(handoff(), follow_up=owed)) == SALES | {"zoe"}


def test_where_everybody_may_see_everything_they_do() -> None:
    assert all(may_see(agent, handoff(), Visibility.EVERYTHING) for agent in EVERYBODY)


def test_the_departments_that_one_helps_out() -> None:
    assert helped_by("trust", {"sales": ("billing", "trust"), "trust": ("sales",), "billing": ()}) == ("sales",)
