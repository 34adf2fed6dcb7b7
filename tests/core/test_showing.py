"""What takeover channels are to do follows from a handoff's state, whichever way it comes there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.channel_effects import (
    ChannelEffect,
    LookAt,
    RecordCustomer,
    Relay,
    Release,
    TakeOver,
    UpdateContext,
)
from rasa_handoff.core.conversation import Author
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.delivery import Undelivered
from rasa_handoff.core.effects import Step, TellCustomer
from rasa_handoff.core.errors import NotYours, OfferGone
from rasa_handoff.core.handoff import (
    Accepted,
    AgentMessaged,
    CustomerMessaged,
    HandedBack,
    Handoff,
    Offered,
    Outcome,
    Rules,
    Status,
    Transferred,
)
from rasa_handoff.core.need import Need
from rasa_handoff.core.package import Summary
from rasa_handoff.core.step import start, step
from rasa_handoff.core.takeover import Marked, TakenOver, Takeover, TakeOverFailed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SLACK = Takeover("slack", frozenset({"support"}))
HUB = Takeover("hub", frozenset({"support"}), external=True)
OWNER = Takeover("chatwoot", customers=frozenset({"chatwoot"}), external=True, owns=True)


def begin(*takeovers: Takeover, channel: str = "rest") -> Step:
    handoff = Handoff(
        id="h1",
        conversation_id="c1",
        channel=channel,
        reason=Reason.CUSTOMER_REQUESTED,
        need=Need("support"),
        rules=Rules(takeovers=takeovers),
        queued_at=NOW,
        summary=Summary(("Wants a refund.",)),
    )
    return start(handoff, NOW, with_model=False)


def of_channels(one: Step) -> list[object]:
    return [effect for effect in one.effects if isinstance(effect, ChannelEffect)]


def do(handoff: Handoff, *events: object) -> Step:
    last = Step(handoff)
    for event in events:
        last = step(last.handoff, event, NOW)  # type: ignore[arg-type]
    return last


def test_without_channels_nothing_is_shown_anywhere() -> None:
    assert of_channels(begin()) == []
    assert of_channels(do(begin().handoff, Accepted("ana", "Ana"), AgentMessaged("a1", "ana", "Hi"))) == []


def test_a_new_handoff_is_shown_to_its_department() -> None:
    assert of_channels(begin(SLACK)) == [TakeOver("slack", "support")]


def test_the_first_channel_that_serves_its_department_and_its_customer_counts() -> None:
    assert of_channels(begin(OWNER, SLACK)) == [TakeOver("slack", "support")]
    assert of_channels(begin(OWNER, SLACK, channel="chatwoot")) == [TakeOver("chatwoot", "support", external=True)]


def test_what_changes_is_shown_and_the_end_releases() -> None:
    handoff = begin(SLACK).handoff
    accepted = do(handoff, Accepted("ana", "Ana"))
    assert of_channels(accepted) == [UpdateContext("slack", "support")]
    ended = do(accepted.handoff, HandedBack("ana", Outcome.RESOLVED))
    assert of_channels(ended) == [Release("slack", "support")]


def test_what_the_customer_says_is_relayed_also_while_they_wait() -> None:
    said = do(begin(SLACK).handoff, CustomerMessaged("m2", "Hello?", NOW))
    assert of_channels(said) == [Relay("slack", "support", Author.CUSTOMER, "Hello?")]


def test_what_the_platform_shows_by_itself_is_not_relayed() -> None:
    handoff = begin(OWNER, channel="chatwoot").handoff
    assert of_channels(do(handoff, CustomerMessaged("m2", "Hello?", NOW))) == []


def test_an_agents_words_go_to_the_customer_and_to_colleagues_but_not_back_to_where_they_were_written() -> None:
    handoff = do(begin(SLACK).handoff, Accepted("ana", "Ana")).handoff
    at_the_desk = do(handoff, AgentMessaged("a1", "ana", "Hi", "Ana"))
    assert at_the_desk.effects[0] == TellCustomer("a1", "Hi", "Ana")
    assert of_channels(at_the_desk) == [Relay("slack", "support", Author.AGENT, "Hi", "Ana")]
    assert of_channels(do(handoff, AgentMessaged("a2", "ana", "Hi", "Ana", via="slack"))) == []


def test_who_wrote_at_a_channel_is_told_there_when_it_does_not_arrive() -> None:
    handoff = do(begin(SLACK).handoff, Accepted("ana", "Ana")).handoff
    (told,) = of_channels(do(handoff, Undelivered("e1", "Hi", "Rasa is away")))
    assert isinstance(told, Relay)
    assert told.author is Author.SYSTEM
    assert "Rasa is away" in told.text


def test_what_could_not_be_relayed_to_a_channel_is_not_told_to_that_channel() -> None:
    handoff = do(begin(SLACK).handoff, Accepted("ana", "Ana")).handoff
    assert of_channels(do(handoff, Undelivered("e1", "Hi", "no such thread", channel="slack"))) == []


def test_where_the_platform_chooses_our_agents_are_not_offered_it_and_hold_no_place() -> None:
    handoff = begin(HUB).handoff
    assert handoff.criteria is None
    with pytest.raises(OfferGone):
        do(handoff, Offered("ana", "Ana"))
    taken = do(handoff, Accepted("hub:7", "Zoe", outside=True)).handoff
    assert (taken.status, taken.agent_name, taken.holders) == (Status.ACTIVE, "Zoe", frozenset())


def test_the_platform_may_take_it_from_anybody_and_the_epoch_rises() -> None:
    handoff = do(begin(HUB).handoff, TakeOverFailed("hub", "support", "down"), Accepted("ana", "Ana")).handoff
    taken = do(handoff, Accepted("hub:7", "Zoe", outside=True))
    assert taken.handoff.epoch == handoff.epoch + 1
    assert taken.handoff.holders == frozenset()
    with pytest.raises(NotYours):
        do(taken.handoff, AgentMessaged("a1", "ana", "Hi"))


def test_a_platform_that_cannot_leaves_it_to_the_next_channel_and_then_to_the_desk() -> None:
    handoff = begin(HUB, SLACK).handoff
    failed = do(handoff, TakeOverFailed("hub", "support", "down"))
    assert of_channels(failed) == [Release("hub", "support"), TakeOver("slack", "support")]
    assert failed.handoff.criteria is not None


def test_a_desk_agent_may_take_what_waits_at_a_platform_and_holds_a_place_then() -> None:
    taken = do(begin(HUB).handoff, Accepted("ana", "Ana")).handoff
    assert taken.holders == frozenset({"ana"})


def test_passing_it_on_shows_it_to_the_other_department_too() -> None:
    billing = Takeover("billing-slack", frozenset({"billing"}))
    handoff = do(begin(SLACK, billing).handoff, Accepted("ana", "Ana")).handoff
    passing = do(handoff, Transferred("ana", "billing"))
    assert TakeOver("billing-slack", "billing") in of_channels(passing)
    moved = do(passing.handoff, Offered("ben", "Ben"), Accepted("ben", "Ben"))
    assert Release("slack", "support") in of_channels(moved)


def test_a_message_that_did_not_come_through_rasa_is_recorded_there() -> None:
    handoff = begin(OWNER, channel="chatwoot").handoff
    said = do(handoff, CustomerMessaged("m2", "Hello?", NOW, via="chatwoot"))
    assert said.effects == (RecordCustomer("m2", "Hello?"),)
    assert said.handoff.last_message_id == handoff.last_message_id


def test_a_place_is_looked_at_from_time_to_time() -> None:
    shown = do(begin(SLACK).handoff, TakenOver("slack", "support", "T1", {"ts": "1.0"}))
    (look,) = of_channels(shown)
    assert isinstance(look, LookAt)
    assert look.at > NOW
    place = shown.handoff.place("slack", "support")
    assert place is not None
    assert place.data == {"ts": "1.0"}


def test_a_files_message_needs_no_text() -> None:
    from rasa_handoff.core.conversation import Attachment

    handoff = do(begin(SLACK).handoff, Accepted("ana", "Ana")).handoff
    said = do(handoff, AgentMessaged("a1", "ana", "", attachments=(Attachment("https://x/y.png", "image"),)))
    assert isinstance(said.effects[0], TellCustomer)


@given(marks=st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=20))
def test_the_mark_never_goes_back(marks: list[int]) -> None:
    handoff = do(begin(SLACK).handoff, TakenOver("slack", "support", "T1")).handoff
    for mark in marks:
        handoff = do(handoff, Marked("slack", "support", str(mark))).handoff
    assert handoff.place("slack", "support") == replace(handoff.places[0], mark=str(max(marks)))


@given(waits=st.integers(min_value=0, max_value=86_400), failed=st.booleans())
def test_whatever_happens_an_open_handoff_is_shown_in_one_place_of_its_department(waits: int, failed: bool) -> None:
    handoff = replace(begin(HUB, SLACK).handoff, queued_at=NOW - timedelta(seconds=waits))
    if failed:
        handoff = do(handoff, TakeOverFailed("hub", "support", "down")).handoff
    from rasa_handoff.core.showing import wanted

    assert [one.channel for one in wanted(handoff).values()] == ["slack" if failed else "hub"]
