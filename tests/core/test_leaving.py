"""Customers who leave the queue: when they count as gone, and what follows. Whoever waits in silence stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.effects import Assign, Notice, TellBot, WatchCustomer
from rasa_handoff.core.handoff import (
    Accepted,
    CustomerMessaged,
    Handoff,
    Need,
    News,
    Offered,
    Outcome,
    Rules,
    Status,
    UpdateDue,
)
from rasa_handoff.core.leaving import look
from rasa_handoff.core.package import Summary
from rasa_handoff.core.step import start, step
from rasa_handoff.core.there import AskedIfThere, CustomerLeft, CustomerThere

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULES = Rules(closed_for=10 * MINUTE, answer_within=2 * MINUTE, silent_for={"socketio": 30 * MINUTE})


def handoff(channel: str = "rest", **changes: object) -> Handoff:
    one = Handoff(
        id="h1",
        conversation_id="c1",
        channel=channel,
        reason=Reason.CUSTOMER_REQUESTED,
        need=Need("support"),
        rules=RULES,
        queued_at=NOW,
        summary=Summary(()),
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def watches(one: Handoff) -> list[datetime]:
    effects = start(one, NOW, with_model=False).effects
    return [effect.at for effect in effects if isinstance(effect, WatchCustomer)]


def test_only_where_a_customer_can_be_missed_are_they_watched() -> None:
    assert watches(handoff()) == [at(10)]
    assert watches(handoff("socketio")) == [at(30)]
    assert watches(handoff("slack")) == []
    assert watches(handoff(rules=replace(RULES, closed_for=None))) == []


def test_whose_chat_is_open_is_looked_at_again_however_long_they_are_silent() -> None:
    assert look(handoff(), at(299.9), None, at(300)) == at(309.9)


def test_whose_chat_is_closed_for_long_is_asked_and_has_left_without_an_answer() -> None:
    one = handoff()
    assert look(one, at(1), None, at(10)) == at(11)
    assert look(one, at(1), None, at(11)) == AskedIfThere()
    one = step(one, AskedIfThere(), at(11)).handoff
    assert look(one, at(1), None, at(12)) == at(13)
    assert look(one, at(1), None, at(13)) == CustomerLeft()


def test_who_opens_the_chat_again_keeps_the_place_and_is_asked_anew_when_they_are_gone_anew() -> None:
    one = step(handoff(), AskedIfThere(), at(11)).handoff
    assert look(one, at(12), None, at(13)) == CustomerThere()
    one = step(one, CustomerThere(), at(13)).handoff
    assert look(one, at(12), None, at(13)) == at(23)
    assert look(one, at(12), None, at(23)) == AskedIfThere()
    one = step(one, AskedIfThere(), at(23)).handoff
    assert look(one, at(12), None, at(25)) == CustomerLeft()


def test_a_desk_that_was_away_for_an_hour_throws_nobody_out() -> None:
    """Nobody could be seen meanwhile; the chats come back within seconds, long before the question is over."""
    one = handoff()
    assert look(one, at(1), None, at(61)) == AskedIfThere()
    one = step(one, AskedIfThere(), at(61)).handoff
    assert look(one, at(61.2), None, at(63)) == CustomerThere()


def test_while_the_department_is_closed_nobody_counts_as_gone() -> None:
    assert look(handoff(), at(1), at(600), at(30)) == at(610)


def test_a_customer_who_never_had_a_web_chat_open_cannot_be_missed() -> None:
    assert look(handoff(), None, None, at(600)) is None


def test_on_a_channel_that_says_so_a_long_silence_is_asked_about_once() -> None:
    one = handoff("socketio")
    assert look(one, None, None, at(29)) == at(30)
    one = step(one, AskedIfThere(), at(30)).handoff
    assert look(one, None, None, at(31)) == at(32)
    assert look(one, None, None, at(32)) == CustomerLeft()
    said = CustomerMessaged("m1", "yes", at(31), (Attachment("https://x.example/a.png", "image"),))
    one = step(one, said, at(31)).handoff
    assert look(one, None, None, at(600)) is None


def test_a_message_begins_the_silence_anew() -> None:
    one = step(handoff("socketio"), CustomerMessaged("m1", "hello?", at(20)), at(20)).handoff
    assert look(one, None, None, at(30)) == at(50)


def test_whom_an_agent_talks_to_is_not_asked_and_is_watched_again_when_they_wait_again() -> None:
    taken = step(handoff(), Accepted("ana", "Ana"), at(1)).handoff
    assert look(taken, at(1), None, at(60)) == at(70)
    for event in (AskedIfThere(), CustomerLeft()):
        assert step(taken, event, at(60)).handoff == taken


def test_who_has_left_frees_the_agent_who_was_asked_and_the_next_in_the_queue_moves_up() -> None:
    offered = step(handoff(), Offered("ana", "Ana"), at(1)).handoff
    left = step(offered, CustomerLeft(), at(13))
    after = left.handoff
    assert (after.status, after.outcome, after.closed_at) == (Status.CLOSED, Outcome.CUSTOMER_LEFT, at(13))
    assert (after.agent_id, after.holders, after.epoch) == (None, frozenset(), offered.epoch + 1)
    assert left.effects[:2] == (TellBot(Notice.RETURNED), Assign())


def test_the_question_is_told_as_news_and_only_once() -> None:
    asked = step(handoff(), AskedIfThere(), at(11))
    assert (asked.handoff.news, asked.effects[0]) == (News.STILL_THERE, TellBot(Notice.UPDATE))
    assert step(asked.handoff, UpdateDue(1), at(12)).handoff.news is None
    assert step(asked.handoff, CustomerThere(), at(12)).handoff.news is None


@given(st.lists(st.floats(0, 9.9), max_size=20))
def test_nobody_whose_chat_is_never_closed_as_long_as_the_rules_say_is_ever_asked(gaps: list[float]) -> None:
    one, seen, now = handoff(), NOW, NOW
    for gap in gaps:
        now = seen + gap * MINUTE
        found = look(one, seen, None, now)
        assert isinstance(found, datetime)
        assert found > now
        seen = now


@pytest.mark.parametrize("jump", [-60, 60], ids=["back", "forward"])
def test_a_clock_that_jumps_by_an_hour_closes_nobody_who_is_there(jump: int) -> None:
    now = at(120)
    found = look(handoff(), now - 0.2 * MINUTE, None, now + jump * MINUTE)
    assert found == AskedIfThere() if jump > 0 else isinstance(found, datetime)
    asked = step(handoff(), AskedIfThere(), now + jump * MINUTE).handoff
    seen = now + (jump + 0.3) * MINUTE
    assert look(asked, seen, None, now + (jump + 2) * MINUTE) == CustomerThere()
