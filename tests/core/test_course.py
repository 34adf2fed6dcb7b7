"""How the conversation went: attempts and their outcome, promises, what the customer has done, the intents."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.conversation import Author, Line, Turn
from rasa_handoff.core.course import attempts, done_already, intents, promises
from rasa_handoff.core.package import AttemptOutcome, IntentSeen, Quote

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRY = "Please try to restart the router."


def lines(*spoken: tuple[str, str]) -> list[Line]:
    return [Line(Author(who), text, NOW) for who, text in spoken]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("it still does not work", AttemptOutcome.FAILED),
        ("no luck, same problem", AttemptOutcome.FAILED),
        ("that worked, thanks!", AttemptOutcome.WORKED),
        ("human please", AttemptOutcome.UNANSWERED),
        ("thanks but it still fails", AttemptOutcome.FAILED),
        ("geht nicht", AttemptOutcome.FAILED),
        ("funktioniert, danke", AttemptOutcome.WORKED),
        ("sigue igual", AttemptOutcome.FAILED),
        ("ça marche, merci", AttemptOutcome.WORKED),
    ],
)
def test_an_attempt_ended_as_the_customer_then_says(answer: str, outcome: AttemptOutcome):
    [attempt] = attempts(lines(("customer", "no internet"), ("bot", TRY), ("customer", answer)))
    assert (attempt.text, attempt.turn, attempt.outcome) == (TRY, 1, outcome)


def test_an_attempt_without_an_answer_is_unanswered():
    [attempt] = attempts(lines(("bot", TRY)))
    assert attempt.outcome is AttemptOutcome.UNANSWERED


def test_only_what_follows_an_attempt_speaks_of_it():
    said = (
        ("customer", "it does not work"),
        ("bot", TRY),
        ("bot", "I suggest a new cable."),
        ("customer", "that helped"),
    )
    first, second = attempts(lines(*said))
    assert (first.outcome, second.outcome) == (AttemptOutcome.UNANSWERED, AttemptOutcome.WORKED)


@pytest.mark.parametrize(
    "promise",
    [
        "We will refund you within 5 days.",
        "You'll receive an e-mail shortly.",
        "The amount will be credited on Monday.",
        "Sie erhalten morgen eine E-Mail.",
        "Recibirá el reembolso en 5 días.",
        "Vous recevrez un message sous 2 jours.",
    ],
)
def test_what_the_bot_promised_is_kept_with_its_turn(promise: str):
    said = lines(("customer", "refund"), ("bot", f"I see. {promise}"))
    assert promises(said) == (Quote(promise, 1),)


@pytest.mark.parametrize(
    "text", ["Will you be at home?", "I will connect you with a colleague.", "Your order is late."]
)
def test_not_everything_is_a_promise(text: str):
    assert promises(lines(("bot", text))) == ()


def test_the_customer_promises_nothing_and_the_bot_has_done_nothing():
    said = lines(("customer", "we will see. I already restarted it twice!"), ("bot", "I already sent it."))
    assert promises(said) == ()
    assert done_already(said) == (Quote("I already restarted it twice!", 1),)


def test_intents_are_told_in_their_order_and_once_in_a_row():
    turns = [Turn(str(at), "x", NOW, intent) for at, intent in enumerate(["greet", "refund", "refund", None, "greet"])]
    assert intents(turns, 3) == (IntentSeen("greet", 3), IntentSeen("refund", 4), IntentSeen("greet", 7))


@given(st.lists(st.tuples(st.sampled_from(["customer", "bot", "agent"]), st.text(max_size=60)), max_size=10))
def test_any_transcript_has_a_course(spoken: list[tuple[str, str]]):
    history = lines(*spoken)
    assert all(1 <= quote.turn <= len(history) for quote in done_already(history))
    assert len(attempts(history)) <= len(history)
    assert len(promises(history)) <= 8
