"""What is too much for a bot: one's own list, amounts, many parts, failures, things that stay open."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.complexity import amount_of, found, parts_of
from rasa_handoff.core.conversation import Entity, Turn
from rasa_handoff.core.decision import Evidence
from rasa_handoff.core.thresholds import Detection

DEFAULT = Detection()
FILLER = "and I really do not know what to do about it since the shop told me nothing at all about that"


def turn(text: str = "well", intent: str | None = "other", **more: Any) -> Turn:
    return replace(Turn("m", text, datetime(2026, 1, 1, tzinfo=UTC), intent, 0.9), **more)


def evidence(*turns: str | Turn, detection: Detection = DEFAULT) -> tuple[Evidence, ...]:
    made = [one if isinstance(one, Turn) else turn(one) for one in turns]
    return found(made, made[-1].text, detection)


def signals(*turns: str | Turn, detection: Detection = DEFAULT) -> list[str]:
    return [one.signal for one in evidence(*turns, detection=detection)]


def test_an_ordinary_message_is_no_complex_issue():
    assert signals("where is my order #10391?") == []


# ---- what a designer left to people


def test_a_complex_intent_is_one_also_as_a_part_of_several():
    detection = Detection(complex_intents=("merge",))
    assert signals(turn(intent="merge"), detection=detection) == ["complex_intent"]
    assert signals(turn(intent="greet+merge"), detection=detection) == ["complex_intent"]
    assert signals(turn(intent="merger"), detection=detection) == []


def test_a_kind_of_entity_can_be_left_to_people():
    [one] = evidence(turn(entities=(Entity("iban", "DE89 3704"),)), detection=Detection(complex_entities=("iban",)))
    assert (one.signal, one.value, one.words) == (
        "complex_entity",
        "iban",
        "A matter the bot leaves to people: iban DE89 3704",
    )


def test_an_amount_above_the_limit_needs_a_human_and_one_at_it_does_not():
    detection = Detection(complex_amounts={"amount": 500})
    [one] = evidence(turn(entities=(Entity("amount", "$1,200"),)), detection=detection)
    assert (one.signal, one.value, one.threshold, one.turn) == ("amount", 1200.0, 500, 1)
    assert one.words == "More than the bot may decide on: amount 1,200, above 500"
    assert signals(turn(entities=(Entity("amount", "500"), Entity("age", "900"))), detection=detection) == []


@pytest.mark.parametrize(
    ("text", "amount"),
    [("500", 500), ("1.200,50 €", 1200.5), ("$2,000.99", 2000.99), ("12'000 CHF", 12000), ("1,5", 1.5), ("1.000", 1000),
     ("1.234.567", 1234567), ("3k", 3000), ("2.5M", 2500000), ("1 200 zł", 1200), ("\u0665\u0660\u0660", 500),
     ("about 70 euros", 70), ("0.75", 0.75), ("none", None), ("", None), (".,", None), ("１２００", 1200)],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, amount: float | None):
    assert amount_of(text) == amount


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_none(text: str):
    amount = amount_of(text)
    assert amount is None or amount >= 0


# ---- many things at once


def test_many_questions_at_once_are_a_complex_issue():
    three = "What is the price? When does it ship? And where is my refund?"
    assert signals(three) == ["questions"]
    assert signals("What??? Why? How? see https://shop.example/?a=1") == []
    assert signals("Is it in? Is it out? Is it up?", detection=Detection(complex_questions=0)) == []
    assert signals("价格是多少？什么时候发货？退款在哪里？") == ["questions"]
    assert signals("كم السعر اليوم؟ متى يصل الطلب؟ أين المبلغ المسترد؟") == ["questions"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("First the invoice is wrong. Secondly the router blinks. Third, I moved.", 3),
        ("The bill is wrong. Also the router blinks. Another thing: I moved.", 3),
        ("Erstens die Rechnung. Zweitens der Router. Außerdem bin ich umgezogen.", 3),
        ("La factura está mal. Además no hay línea. Por último, me mudé.", 3),
        ("A fatura está errada. Além disso a linha caiu. Por fim, mudei.", 3),
        ("La facture est fausse. De plus la ligne coupe. Enfin, j'ai déménagé.", 3),
        ("La bolletta è sbagliata. Inoltre la linea cade. Infine ho traslocato.", 3),
        ("De factuur klopt niet. Daarnaast valt de lijn uit. Tot slot ben ik verhuisd.", 3),
        ("Faktura jest zła. Ponadto nie ma linii. Po trzecie przeprowadziłem się.", 3),
        ("Bill galat hai. Iske alawa line band hai. Aur ek baat, ghar badla hai.", 3),
        ("बिल गलत है। इसके अलावा लाइन बंद है। एक और बात, घर बदला है।", 3),
        ("الفاتورة خطأ. بالإضافة الخط مقطوع. وأخيرا انتقلت.", 3),
        ("账单不对，另外网断了，还有我搬家了", 3),
        ("Hóa đơn sai. Ngoài ra mạng đứt. Hơn nữa tôi đã chuyển nhà.", 3),
        ("1. the bill\n2) the router\n- the address", 3),
        ("one thing\n\nanother matter\n\nand a last one", 3),
        ("the bill is wrong", 1),
        ("", 1),
    ],
)
def test_the_parts_of_a_message_are_counted_in_twelve_languages(text: str, parts: int):
    assert parts_of(text) == parts


def test_a_long_message_of_several_parts_is_a_complex_issue():
    several = f"First the invoice is wrong {FILLER}. Second the router blinks {FILLER}. Also I moved {FILLER}."
    [one] = evidence(several)
    assert (one.signal, one.value, one.threshold, one.words) == ("parts", 3.0, 3.0, "A long message of 3 parts")
    assert signals("First the bill, second the router, also I moved") == []
    assert signals(f"the invoice is wrong {FILLER} {FILLER} {FILLER}") == []
    assert signals(several, detection=Detection(complex_parts=0)) == []
    assert signals(several, detection=Detection(complex_parts=4)) == []
    assert signals(several, detection=Detection(complex_words=200)) == []


# ---- what fails, and what stays open

BROKEN = turn(actions=("action_refund",), failed=("action_refund",))


def test_a_second_failed_action_hands_over_and_both_are_told_with_their_turn():
    assert signals(BROKEN, "and now?") == []
    told = evidence(BROKEN, turn(), BROKEN, "and now?")
    assert [one.words for one in told] == [
        "Actions that failed: 2",
        "An action failed: action_refund",
        "An action failed: action_refund",
    ]
    assert [one.turn for one in told] == [4, 1, 3]


def test_failures_long_ago_are_forgotten():
    assert signals(BROKEN, BROKEN, *["well"] * 8) == []


def test_a_designer_names_what_tells_of_a_failure():
    sorry, slot, ran = (
        turn(responses=("utter_down",)),
        turn(filled=(("error", "500"),)),
        turn(actions=("action_report",)),
    )
    named = Detection(failures=("utter_down", "error", "action_report"))
    for first, second in ((sorry, slot), (slot, ran), (ran, sorry)):
        assert signals(first, second, "well", detection=named)[0] == "failures"
        assert signals(first, second, "well") == []
    assert signals(sorry, slot, "well", detection=replace(named, complex_failures=3)) == []
    assert signals(sorry, slot, "well", detection=replace(named, complex_failures=0)) == []


def test_several_intents_that_come_back_in_vain_are_a_complex_issue():
    a, b, c = (turn(intent=name) for name in ("invoice", "router", "address"))
    assert signals(a, b, c, a, b) == []
    told = evidence(a, b, c, a, b, c)
    assert [one.words for one in told] == [
        "Issues that are not resolved: 3",
        "Not resolved: invoice",
        "Not resolved: router",
        "Not resolved: address",
    ]
    assert signals(a, b, c, a, b, c, detection=Detection(complex_unresolved=0)) == []


def test_an_intent_for_which_something_was_done_is_resolved():
    a, b, c = (turn(intent=name) for name in ("invoice", "router", "address"))
    done = replace(c, filled=(("street", "Mill Lane"),))
    assert signals(a, b, c, a, b, done) == []
    assert signals(a, b, c, a, b, replace(c, actions=("action_move",))) == []


def test_thanks_misses_and_messages_without_an_intent_leave_nothing_open():
    miss = turn(intent="nlu_fallback", confidence=0.2)
    several = [turn(intent="thanks"), miss, turn(intent=None), turn(intent="router"), turn(intent="invoice")]
    assert signals(*several, *several[:4]) == []
