"""When the customer is asked, when handed over: a table of cases, and what holds whatever happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.answers import ACCEPTED, Verdict, weigh
from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import Decision, Evidence, HandOff, Offer, Reason, Stay
from rasa_handoff.core.offering import DIRECT, IMPLICIT, Asked, Offering, Situation, Way
from rasa_handoff.core.signals import Signals
from rasa_handoff.core.thresholds import Detection

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DETECTION = Detection()
FREE, NOBODY = Situation(agents=2), Situation(agents=0, has_room=False)
CLOSED = Situation(agents=2, open=False)
SHORT, LONG = Situation(agents=2, has_room=False, ahead=5), Situation(agents=2, has_room=False, ahead=6)
FOUND = (Evidence("found", "x", None, 1, "Found: x"),)
NOW = (Evidence("found", "y", None, 2, "Found: y"),)
MARGINS = Offering(misses_margin=1, turns_margin=2)

NEAR = {
    Reason.HIGH_FRUSTRATION: Signals(turn=1, frustration=0.65),
    Reason.LOW_CONFIDENCE: Signals(turn=1, misses=FOUND),
    Reason.MAX_TURNS_EXCEEDED: Signals(turn=5, turns=5),
}
AT = {
    Reason.HIGH_FRUSTRATION: Signals(turn=2, frustration=0.75, frustrated=NOW),
    Reason.LOW_CONFIDENCE: Signals(turn=2, misses=FOUND + NOW),
    Reason.MAX_TURNS_EXCEEDED: Signals(turn=7, turns=7),
    Reason.COMPLEX_ISSUE: Signals(turn=2, complex=NOW),
}
DIRECTLY = {
    Reason.CUSTOMER_REQUESTED: Signals(turn=1, requested=FOUND),
    Reason.POLICY_REQUIRED: Signals(turn=1, policy=FOUND),
    Reason.SENSITIVE_TOPIC: Signals(turn=1, sensitive=FOUND),
}


def talk(*intents: str, began: datetime | None = None) -> Conversation:
    """A customer who wrote one message a minute, each of this intent."""
    turns = (Turn(f"m{n}", "words", START + timedelta(minutes=n), intent, 0.9) for n, intent in enumerate(intents))
    return Conversation("c", "rest", tuple(turns), began=began)


def verdict(
    signals: Signals,
    conversation: Conversation | None = None,
    asked: tuple[Asked, ...] = (),
    situation: Situation = FREE,
    offering: Offering = MARGINS,
) -> Verdict:
    near = offering.near(DETECTION)
    return weigh(conversation or talk("other"), signals, DETECTION, near, offering, asked, lambda _: situation)


def offered(reason: Reason = Reason.HIGH_FRUSTRATION, minute: int = 0, *, declined: bool = False) -> Asked:
    """An offer made in answer to the message of this minute."""
    return Asked(reason, FOUND, f"m{minute}", START + timedelta(minutes=minute), declined)


def kind(decision: Decision) -> tuple[type, Reason | None]:
    return type(decision), None if isinstance(decision, Stay) else decision.reason


@pytest.mark.parametrize("reason", DIRECT)
@pytest.mark.parametrize("situation", [FREE, NOBODY, CLOSED, LONG])
def test_a_request_or_a_topic_is_never_asked_about(reason: Reason, situation: Situation) -> None:
    assert kind(verdict(DIRECTLY[reason], situation=situation).decision) == (HandOff, reason)


@pytest.mark.parametrize("reason", NEAR)
def test_near_its_threshold_a_reason_is_asked_about_and_passed_over_it_is_left_alone(reason: Reason) -> None:
    first = verdict(NEAR[reason])
    assert kind(first.decision) == (Offer, reason)
    assert isinstance(first.decision, Offer)
    assert first.decision.evidence
    assert [one.reason for one in first.asked] == [reason]
    assert verdict(NEAR[reason], talk("other", "other"), first.asked).decision == Stay()


def test_by_default_only_frustration_is_asked_about_below_its_threshold() -> None:
    decisions = {reason: verdict(signals, offering=Offering()).decision for reason, signals in NEAR.items()}
    assert [reason for reason, decision in decisions.items() if decision != Stay()] == [Reason.HIGH_FRUSTRATION]


def test_just_below_the_margin_nothing_is_asked() -> None:
    assert verdict(Signals(turn=1, frustration=0.649)).decision == Stay()


@pytest.mark.parametrize("reason", IMPLICIT)
@pytest.mark.parametrize(
    ("situation", "expected"), [(FREE, HandOff), (SHORT, HandOff), (NOBODY, Offer), (CLOSED, Offer), (LONG, Offer)]
)
def test_at_the_threshold_it_hands_over_unless_the_customer_would_only_wait(
    reason: Reason, situation: Situation, expected: type
) -> None:
    assert kind(verdict(AT[reason], situation=situation).decision) == (expected, reason)


@pytest.mark.parametrize("reason", IMPLICIT)
def test_at_the_threshold_an_offer_that_was_passed_over_is_not_repeated_but_hands_over(reason: Reason) -> None:
    asked = verdict(AT[reason], situation=NOBODY).asked
    assert kind(verdict(AT[reason], talk("other", "other"), asked, NOBODY).decision) == (HandOff, reason)


def test_who_goes_on_calmly_after_an_offer_is_not_handed_over_for_anger_that_has_yet_to_fade() -> None:
    asked = (offered(Reason.HIGH_FRUSTRATION),)
    calm = Signals(turn=3, frustration=0.8, frustrated=NOW)
    assert verdict(calm, talk("other", "other", "other"), asked).decision == Stay()


@pytest.mark.parametrize("reason", IMPLICIT)
def test_a_declined_reason_hands_nobody_over_and_the_others_still_do(reason: Reason) -> None:
    asked = (offered(reason, declined=True),)
    other = next(one for one in IMPLICIT if one is not reason)
    conversation = talk("other", "other", "other")
    assert verdict(AT[reason], conversation, asked).decision == Stay()
    assert kind(verdict(AT[other], conversation, asked).decision) == (HandOff, other)


@pytest.mark.parametrize(
    ("way", "near", "at"),
    [(Way.AUTO, Offer, HandOff), (Way.OFFER, Offer, Offer), (Way.HAND_OFF, Stay, HandOff), (Way.OFF, Stay, Stay)],
)
def test_each_reason_has_its_way(way: Way, near: type, at: type) -> None:
    for reason in IMPLICIT:
        offering = replace(MARGINS, on={reason: way})
        assert type(verdict(AT[reason], offering=offering).decision) is at
        if reason in NEAR:
            assert type(verdict(NEAR[reason], offering=offering).decision) is near


def test_what_holds_comes_before_what_nearly_does() -> None:
    signals = Signals(turn=1, frustration=0.7, complex=FOUND)
    assert kind(verdict(signals).decision) == (HandOff, Reason.COMPLEX_ISSUE)


@pytest.mark.parametrize("intent", ["affirm", "handoff_yes"])
def test_a_yes_right_after_an_offer_hands_over_with_its_reason_and_evidence(intent: str) -> None:
    decision = verdict(Signals(turn=2), talk("other", intent), (offered(),)).decision
    assert kind(decision) == (HandOff, Reason.HIGH_FRUSTRATION)
    assert isinstance(decision, HandOff)
    assert [one.words for one in decision.evidence] == ["Found: x", ACCEPTED]


@pytest.mark.parametrize("intent", ["deny", "handoff_no"])
def test_a_no_right_after_an_offer_is_remembered_and_the_bot_goes_on(intent: str) -> None:
    answered = verdict(AT[Reason.HIGH_FRUSTRATION], talk("other", intent), (offered(),))
    assert (answered.decision, answered.declined) == (Stay(), True)
    assert [one.declined for one in answered.asked] == [True]


def test_a_no_that_asks_for_a_human_all_the_same_hands_over() -> None:
    answered = verdict(DIRECTLY[Reason.CUSTOMER_REQUESTED], talk("other", "deny"), (offered(),))
    assert kind(answered.decision) == (HandOff, Reason.CUSTOMER_REQUESTED)
    assert not answered.declined


def test_a_yes_with_a_topic_that_goes_to_people_goes_where_the_topic_does() -> None:
    decision = verdict(DIRECTLY[Reason.POLICY_REQUIRED], talk("other", "affirm"), (offered(),)).decision
    assert kind(decision) == (HandOff, Reason.POLICY_REQUIRED)


def test_a_yes_that_comes_later_or_in_another_episode_or_unsurely_counts_for_nothing() -> None:
    later = talk("other", "other", "affirm")
    session = replace(talk("other", "affirm"), episode=1, began=START + timedelta(seconds=30))
    unsure = talk("other", "affirm")
    unsure = replace(unsure, messages=(unsure.messages[0], replace(unsure.messages[1], confidence=0.3)))
    for conversation in (later, session, unsure):
        assert verdict(Signals(turn=2), conversation, (offered(),)).decision == Stay()


def test_a_yes_to_nothing_counts_for_nothing_but_the_button_is_a_request() -> None:
    assert verdict(Signals(turn=1), talk("affirm")).decision == Stay()
    late = verdict(Signals(turn=3), talk("other", "other", "handoff_yes"), (offered(),)).decision
    assert kind(late) == (HandOff, Reason.CUSTOMER_REQUESTED)


def test_the_yes_and_no_of_another_bot_are_a_setting() -> None:
    offering = Offering(yes_intents=("ja",), no_intents=("nein",))
    assert verdict(Signals(turn=2), talk("other", "nein"), (offered(),), offering=offering).declined
    assert kind(verdict(Signals(turn=2), talk("other", "ja"), (offered(),), offering=offering).decision)[0] is HandOff
    assert verdict(Signals(turn=2), talk("other", "affirm"), (offered(),), offering=offering).decision == Stay()


def test_a_new_episode_is_asked_again() -> None:
    session = replace(talk("other", "other"), episode=1, began=START + timedelta(seconds=30))
    again = verdict(NEAR[Reason.HIGH_FRUSTRATION], session, (offered(declined=True),))
    assert kind(again.decision) == (Offer, Reason.HIGH_FRUSTRATION)
    assert [one.message_id for one in again.asked] == ["m1"]


def test_the_position_is_the_place_a_yes_would_give() -> None:
    assert (FREE.position, SHORT.position, Situation(agents=1, has_room=False).position) == (None, 6, 1)
    assert Situation(agents=1, has_room=True, ahead=1).position == 2  # waiting for a skill, or just about to be served


PART = st.sampled_from([(), FOUND])
SIGNALS = st.builds(
    Signals,
    turn=st.integers(1, 9),
    turns=st.integers(0, 9),
    requested=PART,
    policy=PART,
    sensitive=PART,
    complex=PART,
    frustration=st.floats(0, 1),
    misses=st.sampled_from([(), FOUND, FOUND * 2, FOUND * 3]),
)
SITUATIONS = st.builds(Situation, st.integers(0, 3), st.booleans(), st.integers(0, 9), st.booleans())
OFFERINGS = st.builds(
    Offering,
    on=st.dictionaries(st.sampled_from(IMPLICIT), st.sampled_from(Way)),
    frustration_margin=st.floats(0, 1),
    misses_margin=st.integers(0, 3),
    turns_margin=st.integers(0, 9),
    long_wait=st.floats(0.1, 9),
)
INTENTS = st.sampled_from(["other", "affirm", "deny", "handoff_yes", "handoff_no"])
STEPS = st.lists(st.tuples(INTENTS, SIGNALS, SITUATIONS), min_size=1, max_size=12)


@given(STEPS, OFFERINGS)
def test_in_an_episode_no_reason_is_asked_about_twice_and_direct_reasons_hand_over(
    steps: list[tuple[str, Signals, Situation]], offering: Offering
) -> None:
    asked: tuple[Asked, ...] = ()
    offers: list[Reason] = []
    for number, (_, signals, situation) in enumerate(steps, 1):
        conversation = talk(*(intent for intent, _, _ in steps[:number]))
        turned = verdict(signals, conversation, asked, situation, offering)
        if signals.requested or signals.policy or signals.sensitive:
            assert isinstance(turned.decision, HandOff)
        if isinstance(turned.decision, Offer):
            offers.append(turned.decision.reason)
            assert turned.decision.reason in IMPLICIT
        if not isinstance(turned.decision, Stay):
            assert turned.decision.evidence
        asked = turned.asked
    assert len(offers) == len(set(offers))
    assert [one.reason for one in asked] == offers
