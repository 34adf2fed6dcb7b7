"""Turns that get somewhere, turns that do not, and what failed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import HandOff, Reason
from rasa_handoff.core.detector import decide
from rasa_handoff.core.progress import READ, counted
from rasa_handoff.core.signals import read
from rasa_handoff.core.thresholds import Detection, TurnsCount

DEFAULT = Detection()
ALL = Detection(turns_count=TurnsCount.ALL)


def turn(intent: str | None = "track_order", confidence: float = 0.9, **more: Any) -> Turn:
    return replace(Turn("m", "next", datetime(2026, 1, 1, tzinfo=UTC), intent, confidence), **more)


def count(*turns: Turn, detection: Detection = DEFAULT) -> int:
    return counted(turns, detection)


STUCK = [turn()] * 6


def test_without_anything_new_every_turn_counts():
    assert [count(*STUCK[:number]) for number in (1, 2, 6)] == [1, 2, 6]
    assert count(*[turn(None)] * 7) == 7


def test_a_new_intent_starts_the_count_again_and_an_old_one_does_not():
    assert count(*STUCK, turn("refund")) == 1
    assert count(*STUCK, turn("refund"), turn()) == 2
    assert count(*STUCK, turn("refund"), turn(), turn("refund")) == 3


def test_an_intent_that_was_not_understood_is_nothing_new():
    assert count(*STUCK, turn("refund", 0.2)) == 7
    assert count(*STUCK, turn("nlu_fallback", 0.9)) == 7


def test_a_slot_that_takes_another_value_is_progress():
    assert count(*STUCK, turn(filled=(("order_id", "A-1"),)), turn()) == 2
    same = turn(filled=(("order_id", "A-1"),))
    assert count(same, *STUCK, same) == 8
    assert count(same, *STUCK, turn(filled=(("order_id", "A-2"),))) == 1


def test_an_action_that_succeeds_for_the_first_time_is_progress():
    worked = turn(actions=("action_track_order",))
    assert count(*STUCK, worked, turn()) == 2
    assert count(worked, *STUCK, worked) == 8


def test_what_the_bot_says_what_rasa_does_and_what_failed_are_no_progress():
    for name in ("utter_hours", "action_default_fallback", "order_form", "validate_order_form", "action_handoff_offer"):
        assert count(*STUCK, turn(actions=(name,))) == 7
    broken = turn(actions=("action_track_order",), failed=("action_track_order",))
    assert count(*STUCK, broken) == 7
    told = turn(actions=("action_track_order",), responses=("utter_sorry_down",))
    assert count(*STUCK, told, detection=Detection(failures=("utter_sorry_down",))) == 7


def test_a_slot_that_tells_of_a_failure_is_no_progress():
    assert count(*STUCK, turn(filled=(("api_error", "timeout"),)), detection=Detection(failures=("api_error",))) == 7


def test_all_turns_count_when_the_designer_wants_it():
    moving = [turn(f"intent_{number}") for number in range(7)]
    assert (count(*moving), count(*moving, detection=ALL)) == (1, 7)


def test_turns_that_do_not_count_are_left_out_and_a_goodbye_counts_nothing():
    for detection in (Detection(), ALL):
        assert count(turn(), turn("thanks"), turn(), detection=detection) == 2
        assert count(*STUCK, turn("goodbye"), detection=detection) == 0


def test_the_seventh_turn_without_progress_hands_over():
    def reason(*turns: Turn) -> Reason | None:
        conversation = Conversation("c", "rest", turns)
        decision = decide(read(conversation, Detection(), lambda text: 0.0), Detection())
        return decision.reason if isinstance(decision, HandOff) else None

    plain = [replace(turn(), text=text) for text in ["blue", "red", "five", "Leeds", "Monday", "twelve", "boots"]]
    assert reason(*plain) is Reason.MAX_TURNS_EXCEEDED
    assert reason(*plain[:3], replace(plain[3], filled=(("size", "12"),)), *plain[4:]) is None


@given(st.lists(st.sampled_from([turn(), turn("refund"), turn("thanks"), turn(filled=(("a", "1"),))]), max_size=70))
def test_the_count_never_passes_the_plain_one_and_reads_a_bounded_number_of_turns(turns: list[Turn]):
    assert 0 <= count(*turns) <= count(*turns, detection=ALL) <= len(turns)
    if len(turns) > READ:
        assert count(*turns) >= count(*turns[-READ:])
