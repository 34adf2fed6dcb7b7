"""The context package and its first summary: what an agent is given when no model has written yet."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.cards import is_card
from rasa_handoff.core.conversation import Author, Conversation, Entity, Line, Turn
from rasa_handoff.core.course import attempts
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.drafting import draft, trend
from rasa_handoff.core.package import ContextPackage, Detail, Shows, Summary, Trend

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = HandOff(
    Reason.CUSTOMER_REQUESTED, (Evidence("explicit_request", "human please", None, 1, "Customer said: human please"),)
)

bits = ["order #", "order #123", "4111 1111 1111 1111", "a@b.example", "my name is", "Ann", "try", ". ", "@", "#"]
said = st.text(max_size=120) | st.lists(st.sampled_from(bits), max_size=12).map(" ".join)


def neutral(text: str) -> float:
    return 0.0


def lines(*spoken: tuple[str, str]) -> tuple[Line, ...]:
    return tuple(Line(Author(who), text, NOW + timedelta(minutes=at)) for at, (who, text) in enumerate(spoken))


def drafted(
    *spoken: tuple[str, str],
    intents: tuple[str, ...] = (),
    decision: HandOff = ASKED,
    bot_slots: dict[str, object] | None = None,
) -> tuple[ContextPackage, Summary]:
    """The draft of a conversation: what the bot said is the reply to the customer's line before."""
    turns: list[Turn] = []
    for who, text in spoken:
        if who == "customer":
            intent = intents[len(turns)] if len(turns) < len(intents) else None
            turns.append(Turn(f"m{len(turns)}", text, NOW, intent, 0.9))
        elif turns:
            turns[-1] = replace(turns[-1], replies=(*turns[-1].replies, text))
    conversation = Conversation("c1", "rest", tuple(turns), slots=bot_slots or {})
    return draft(conversation, lines(*spoken), decision, neutral, NOW)


def details(*spoken: tuple[str, str]) -> dict[str, str]:
    return {detail.kind: detail.value for detail in drafted(*spoken)[0].details}


def test_the_summary_says_what_is_wanted_what_was_tried_and_what_is_open():
    _, summary = drafted(
        ("customer", "hi"),
        ("bot", "Hello!"),
        ("customer", "my parcel has not arrived"),
        ("bot", "I suggest checking the tracking page."),
        ("customer", "human please"),
        intents=("greet", "track_order", "request_human"),
    )
    assert summary.sentences == (
        "The customer writes about track order: “my parcel has not arrived”.",
        "The bot tried: “I suggest checking the tracking page”.",
        "Unresolved: they ask for a human; last they wrote “human please”.",
    )
    assert summary.source == "draft"


def test_the_package_names_the_matter_and_not_the_request():
    package, _ = drafted(
        ("customer", "refund my order"), ("customer", "human please"), intents=("refund", "request_human")
    )
    assert package.intent == "refund"


def test_a_pressed_button_is_quoted_by_its_title():
    conversation = Conversation("c1", "rest", (Turn("m1", "/track_order", NOW, "track_order", 1.0),))
    _, summary = draft(conversation, lines(("customer", "Where is my order?")), ASKED, neutral, NOW)
    assert summary.sentences[0] == "The customer writes about track order: “Where is my order”."


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_told_in_words(reason: Reason):
    _, summary = drafted(("customer", "hello"), decision=HandOff(reason, ASKED.evidence))
    assert summary.sentences[-1].startswith("Unresolved: ")


def test_a_customer_who_only_sent_a_picture_has_a_summary_too():
    _, summary = drafted(("customer", ""))
    assert summary.sentences == ("The bot has not tried anything yet.", "Unresolved: they ask for a human.")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Where is my order #12345?", "order_id", "12345"),
        ("order number is A-10234, thanks", "order_id", "A-10234"),
        ("cancel purchase 00123842", "order_id", "00123842"),
        ("it is #9981", "order_id", "9981"),
        ("send me invoice #00108", "invoice_id", "00108"),
        ("booking reference QX7Z31", "booking_ref", "QX7Z31"),
        ("account number 93418043810", "account_number", "93418043810"),
        ("status of TKT789", "ticket_id", "TKT789"),
        ("write to ann.lee+shop@mail.example.co.uk.", "email", "ann.lee+shop@mail.example.co.uk"),
        ("call me on +44 20 7946 0958", "phone", "+44 20 7946 0958"),
        ("my number is (977) 625-2661", "phone", "(977) 625-2661"),
        ("Hi, my name is Ann Lee and my order is late", "name", "Ann Lee"),
        ("Hello, I'm Crystal Minh.", "name", "Crystal Minh"),
    ],
)
def test_key_details_are_found_in_what_the_customer_wrote(text: str, kind: str, value: str):
    assert details(("customer", text)) == {kind: value}


@pytest.mark.parametrize(
    "text",
    [
        "order #",
        "#",
        "order # please",
        "@",
        "me @ home",
        "order now",
        "my name is wrong",
        "I'm very angry",
        "I'm Very upset",
        "I ordered 2",
    ],
)
def test_what_only_looks_like_a_detail_is_none(text: str):
    assert details(("customer", text)) == {}


def test_an_order_number_is_the_same_with_and_without_its_sign():
    package, _ = drafted(("customer", "order 10391"), ("bot", "yes?"), ("customer", "#10391!"))
    assert [detail.value for detail in package.details] == ["10391"]


def test_without_a_solution_the_summary_says_what_the_bot_answered():
    turn = Turn("1", "where is it?", datetime(2026, 1, 1, tzinfo=UTC), intent="track_order", replies=("It is late.",))
    _, summary = draft(Conversation("c", "rest", (turn,)), (), ASKED, neutral, datetime(2026, 1, 1, tzinfo=UTC))
    assert summary.sentences[1] == "The bot answered: “It is late”."


def test_a_bare_answer_takes_its_kind_from_the_question():
    assert details(("bot", "What is your order number?"), ("customer", "it is 77120")) == {"order_id": "77120"}
    assert details(("bot", "May I have your name?"), ("customer", "Ann Lee")) == {"name": "Ann Lee"}
    assert details(("bot", "What is your order number?"), ("customer", "I do not know")) == {}


def test_what_the_bot_says_is_no_detail_of_the_customers():
    assert details(("bot", "Order #555 is an example, mail help@shop.example"), ("customer", "ok")) == {}


def test_the_nlus_entities_are_details_of_their_turn():
    turns = tuple(Turn(str(at), text, NOW, entities=found) for at, (text, found) in enumerate([
        ("hello", ()), ("the red one", (Entity("colour", "red"), Entity("order_number", "A1")))
    ]))  # fmt: skip
    history = lines(("customer", "long ago"), ("customer", "hello"), ("customer", "the red one"))
    package, _ = draft(Conversation("c1", "rest", turns), history, ASKED, neutral, NOW)
    assert package.details == (Detail("colour", "red", 3), Detail("order_id", "A1", 3))


def test_configured_slots_are_details_and_come_first():
    conversation = Conversation(
        "c1", "rest", slots={"order_id": "123", "plan": "gold", "empty": "", "basket": {"a": 1}}
    )
    history = lines(("customer", "order #123, mail a@b.example"))
    wanted = ("plan", "order_id", "empty", "basket", "missing")
    package, _ = draft(conversation, history, ASKED, neutral, NOW, shows=Shows(wanted))
    assert package.details == (
        Detail("plan", "gold", 0),
        Detail("order_id", "123", 0),
        Detail("email", "a@b.example", 1),
    )


def test_only_the_entities_that_were_chosen_are_details():
    turn = Turn("1", "the red one", NOW, entities=(Entity("colour", "red"), Entity("mood", "glad"), Entity("pin", "1")))
    history = lines(("customer", "the red one"))
    package, _ = draft(
        Conversation("c1", "rest", (turn,)), history, ASKED, neutral, NOW, shows=Shows(entities=frozenset({"colour"}))
    )
    assert [detail.kind for detail in package.details] == ["colour"]


def test_each_detail_is_normalised_and_the_package_says_language_and_channel():
    history = lines(("customer", "call +44 20 7946 0958"))
    normalise = lambda detail: replace(detail, normal="N")  # noqa: E731
    package, _ = draft(Conversation("c1", "socketio"), history, ASKED, neutral, NOW, language="de", normalise=normalise)
    assert [detail.normal for detail in package.details] == ["N"]
    assert (package.language, package.channel) == ("de", "socketio")


def test_the_name_of_somebody_else_is_not_the_customers():
    package, _ = drafted(("customer", "pay 40 euros to Leontine Vos"))
    assert package.customer_name is None
    assert Detail("person", "Leontine Vos", 1) in package.details


def test_the_customer_is_known_by_slot_or_name_or_by_the_conversation():
    nobody, _ = drafted(("customer", "hello"))
    named, _ = drafted(("customer", "my name is Ann"))
    known, _ = drafted(("customer", "my name is Ann"), bot_slots={"customer_id": 42, "name": "Ann Lee"})
    assert (nobody.customer_id, nobody.customer_name) == ("c1", None)
    assert named.customer_name == "Ann"
    assert (known.customer_id, known.customer_name) == ("42", "Ann Lee")


def test_sentiment_is_read_for_each_message_of_the_customer_and_its_trend():
    history = lines(("customer", "good"), ("bot", "bad"), ("customer", "bad"))
    package, _ = draft(Conversation("c1", "rest"), history, ASKED, lambda text: 0.8 if text == "good" else -0.6, NOW)
    assert package.sentiment == (0.8, -0.6)
    assert package.sentiment_trend is Trend.WORSENING


@pytest.mark.parametrize(
    ("felt", "expected"),
    [((), Trend.STABLE), ((0.9,), Trend.STABLE), ((0.1, 0.2), Trend.STABLE), ((-0.5, 0.5), Trend.IMPROVING),
     ((0.5, 0.5, -0.5, -0.5), Trend.WORSENING)],
)  # fmt: skip
def test_a_trend_compares_the_halves(felt: tuple[float, ...], expected: Trend):
    assert trend(felt) is expected


def test_attempted_solutions_are_what_the_bot_suggested_and_not_what_it_asked():
    tried = attempts(lines(
        ("bot", "Hello! How can I help?"),
        ("bot", "Please try to restart the router."),
        ("bot", "Please enter your order number."),
        ("bot", "I recommend the express option."),
        ("customer", "I tried that"),
        ("bot", "Please try to restart the router."),
    ))  # fmt: skip
    assert tuple(one.text for one in tried) == ("I recommend the express option.", "Please try to restart the router.")


def test_card_numbers_are_masked_in_all_that_an_agent_sees():
    evidence = Evidence("explicit_request", "4111 1111 1111 1111", None, 1, "Customer said: 4111 1111 1111 1111")
    seen = drafted(
        ("customer", "my card is 4111 1111 1111 1111"),
        ("bot", "I suggest not to send 4111 1111 1111 1111"),
        decision=HandOff(Reason.CUSTOMER_REQUESTED, (evidence,)),
    )
    assert "4111" not in str(seen)
    assert "•••• 1111" in seen[0].history[0].text


def test_ten_times_the_turns_take_no_more_than_some_ten_times_the_time():
    spoken = [
        ("customer", "where is my order #1234, it should have come on monday"),
        ("bot", "Please try again later"),
    ]

    def taken(turns: int) -> float:
        best = float("inf")
        for _ in range(3):
            started = time.perf_counter()
            drafted(*spoken * turns)
            best = min(best, time.perf_counter() - started)
        return best

    assert taken(300) < 40 * taken(30) + 0.05


@given(
    st.lists(st.tuples(st.sampled_from(["customer", "bot", "agent"]), said), max_size=12), st.sampled_from(list(Reason))
)
def test_any_conversation_has_a_draft_of_at_most_three_sentences_and_no_card_number(
    spoken: list[tuple[str, str]], reason: Reason
):
    package, summary = drafted(*spoken, decision=HandOff(reason, ASKED.evidence))
    assert 1 <= len(summary.sentences) <= 3
    for text in (*summary.sentences, *(detail.value for detail in package.details)):
        assert not any(is_card(re.sub(r"\D", "", run)) for run in re.findall(r"\d(?:[ -]?\d){12,18}", text))
