"""One question of the bot's: who may settle it, and how."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rasa_handoff.core.errors import AlreadyClosed, BadMessage
from rasa_handoff.core.questions import ANSWER_LIMIT, Question, QuestionState, answered, expired

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN = Question("q1", "c1", "support", "20 % off?", "It is cheaper elsewhere", NOW, NOW + timedelta(minutes=2))


def test_an_answer_settles_it_with_who_gave_it() -> None:
    after = answered(OPEN, "ana", "Ana", "  Yes, 20 %.\n")
    assert (after.state, after.answer, after.agent_name) == (QuestionState.ANSWERED, "Yes, 20 %.", "Ana")


def test_whoever_is_second_is_told_who_was_first() -> None:
    with pytest.raises(AlreadyClosed, match="Ana was quicker"):
        answered(answered(OPEN, "ana", "Ana", "Yes."), "ben", "Ben", "No.")


def test_whoever_is_late_is_told_that_the_bot_went_on() -> None:
    with pytest.raises(AlreadyClosed, match="time was up"):
        answered(expired(OPEN, OPEN.expires_at), "ana", "Ana", "Yes.")


@pytest.mark.parametrize("text", ["", " \n", "x" * (ANSWER_LIMIT + 1)])
def test_no_answer_and_too_long_a_one_are_said_to_be(text: str) -> None:
    with pytest.raises(BadMessage, match="The answer"):
        answered(OPEN, "ana", "Ana", text)


def test_it_expires_at_its_time_and_not_before_nor_when_it_was_answered() -> None:
    assert expired(OPEN, OPEN.expires_at - timedelta(seconds=1)) == OPEN
    assert expired(OPEN, OPEN.expires_at) == replace(OPEN, state=QuestionState.EXPIRED)
    done = answered(OPEN, "ana", "Ana", "Yes.")
    assert expired(done, OPEN.expires_at) == done
