"""What is announced of a handoff's life, and to whom."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rasa_handoff.core.announcement import TRACKER, Announcement, Listener
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.effects import Announce, Step
from rasa_handoff.core.handoff import (
    Accepted,
    AgentMessaged,
    CustomerMessaged,
    Declined,
    HandedBack,
    Handoff,
    Need,
    Offered,
    Outcome,
    Rules,
    Status,
    Transferred,
    UpdateDue,
)
from rasa_handoff.core.package import Summary
from rasa_handoff.core.step import start, step
from rasa_handoff.core.summarised import SummaryWritten
from rasa_handoff.core.told import SlaMissed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOTH = Rules(listeners=(Listener(TRACKER), Listener("crm")))
LIFE = (
    SlaMissed(),
    SlaMissed(),
    Offered("ana", "Ana"),
    Declined("ana"),
    UpdateDue(1),
    Offered("ben", "Ben"),
    Accepted("ben", "Ben"),
    CustomerMessaged("m2", "Where is it?", NOW),
    AgentMessaged("a1", "ben", "On its way."),
    SummaryWritten(("Wants the parcel.",), "model"),
    HandedBack("ben", Outcome.RESOLVED, "Told the date.", {"order_id": "123"}),
)


def a_handoff(rules: Rules = BOTH) -> Handoff:
    need = Need("support", "de")
    summary = Summary(("Wants a refund.",))
    return Handoff("h1", "c1", "rest", Reason.CUSTOMER_REQUESTED, need, rules, NOW, summary)


def told(made: Step, to: str) -> list[Announcement]:
    return [one.announcement for one in announcements(made) if one.to == to]


def announcements(made: Step) -> list[Announce]:
    return [effect for effect in made.effects if isinstance(effect, Announce)]


def life_of(rules: Rules) -> list[Announce]:
    made = start(a_handoff(rules), NOW, with_model=True)
    found = announcements(made)
    for event in LIFE:
        made = step(made.handoff, event, NOW)
        found += announcements(made)
    return found


def test_a_webhook_hears_the_whole_life_in_order() -> None:
    kinds = [one.announcement.value.removeprefix("handoff.") for one in life_of(BOTH) if one.to == "crm"]
    assert kinds == [
        *("initiated", "context", "sla_missed", "offered", "offered", "accepted"),
        *("message", "message", "context", "closed"),
    ]


def test_the_tracker_hears_no_messages_because_it_has_them() -> None:
    heard = {one.announcement for one in life_of(BOTH) if one.to == TRACKER}
    assert heard == set(Announcement) - {Announcement.MESSAGE, Announcement.TRANSFERRED}


def test_a_listener_hears_only_what_it_asked_for_and_without_listeners_nobody_does() -> None:
    only = Rules(listeners=(Listener("crm", frozenset({Announcement.CLOSED})),))
    (closed,) = life_of(only)
    assert closed.data["outcome"] == "resolved"
    assert closed.data["learned"] == {"order_id": "123"}
    assert life_of(Rules()) == []


def test_a_message_says_who_wrote_what() -> None:
    customer, agent = (one.data["message"] for one in life_of(BOTH) if one.announcement is Announcement.MESSAGE)
    assert (customer["author"], customer["name"], customer["text"]) == ("customer", None, "Where is it?")
    assert (agent["author"], agent["name"], agent["text"]) == ("agent", "Ben", "On its way.")


def test_whoever_takes_over_from_another_agent_is_announced_as_a_transfer_too() -> None:
    active = step(step(a_handoff(), Offered("ana", "Ana"), NOW).handoff, Accepted("ana", "Ana"), NOW).handoff
    requeued = replace(active, status=Status.WAITING, agent_id=None, agent_name=None)
    taken = step(requeued, Accepted("ben", "Ben"), NOW)
    assert told(taken, "crm") == [Announcement.TRANSFERRED, Announcement.ACCEPTED]


def test_a_warm_transfer_is_offered_to_the_second_agent_while_the_first_stays() -> None:
    active = step(step(a_handoff(), Offered("ana", "Ana"), NOW).handoff, Accepted("ana", "Ana"), NOW).handoff
    asked = step(active, Transferred("ana", "support", "ben", "Ben"), NOW)
    (offered,) = (one for one in announcements(asked) if one.to == "crm")
    assert (offered.announcement, offered.data["agent"]["id"], offered.data["status"]) == (
        Announcement.OFFERED,
        "ben",
        "active",
    )
    taken = step(asked.handoff, Accepted("ben", "Ben"), NOW)
    assert told(taken, "crm") == [Announcement.TRANSFERRED, Announcement.ACCEPTED]


@pytest.mark.parametrize("event", [UpdateDue(1), Declined("ana")])
def test_what_changes_nothing_outside_is_not_announced(event: UpdateDue | Declined) -> None:
    offered = step(a_handoff(), Offered("ana", "Ana"), NOW).handoff
    assert announcements(step(offered, event, NOW)) == []
