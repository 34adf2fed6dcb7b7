"""Quick actions and suggestions in the core: placeholders, and what an agent is warned of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.errors import BadMessage
from rasa_handoff.core.quick import QuickAction, wrong_placeholders
from rasa_handoff.core.runs import Kind
from rasa_handoff.core.suggestion import CitationsOut, checked


def reply(text: str) -> QuickAction:
    return QuickAction("one", "One", Kind.REPLY, fields={"text": text})


def test_placeholders_are_filled_and_have_words_for_when_there_is_none() -> None:
    action = reply("Hello {customer_name|there}, about {order_id} and {order_id}.")
    assert action.placeholders == ("customer_name", "order_id")
    assert action.filled({"customer_name": "", "order_id": "4711"}) == {"text": "Hello there, about 4711 and 4711."}
    assert action.filled({"customer_name": "Ann", "order_id": "1"})["text"].startswith("Hello Ann, about 1")


def test_a_placeholder_without_a_value_is_named() -> None:
    with pytest.raises(BadMessage, match="One needs what this conversation does not have: order id"):
        reply("About {order_id}.").filled({"order_id": ""})


def test_a_value_with_braces_is_not_filled_again() -> None:
    assert reply("{order_id}").filled({"order_id": "{summary}", "summary": "secret"})["text"] == "{summary}"


@pytest.mark.parametrize("text", ["{", "}", "{order id}", "{}", "{a{b}}", "{order_id|{x}}"])
def test_broken_braces_are_seen(text: str) -> None:
    assert wrong_placeholders(text)


@given(st.text(alphabet="[]1,9 ab", max_size=60), st.integers(1, 7))
def test_citations_are_taken_out_alike_however_the_text_is_cut(text: str, size: int) -> None:
    whole, cut = CitationsOut(), CitationsOut()
    came = whole.add(text) + whole.rest()
    pieces = "".join(cut.add(text[at : at + size]) for at in range(0, len(text), size)) + cut.rest()
    assert (pieces, cut.numbers) == (came, whole.numbers)


def test_citations_are_numbers_and_not_words() -> None:
    out = CitationsOut()
    assert out.add("Five days [1], free [2, 3].") + out.rest() == "Five days, free."
    assert out.numbers == [1, 2, 3]


def test_what_nobody_said_is_pointed_out() -> None:
    told = checked("You get 500 euros by 3.9 at help@evil.example.", ["It costs 3.90"]).warnings
    assert told == ("Check before you send it: neither the conversation nor an article has 500, help@evil.example.",)
    assert checked("Order 4711 arrives in 3 to 5 days.", ["order 4711"]).warnings == ()


def test_links_and_markup_do_not_get_into_the_composer() -> None:
    found = checked('**Click** <a href="x">here</a> https://evil.example/pay?x=1 now', ["see https://ours.example/a"])
    assert found.text == "Click here  now"
    assert "https://evil.example/pay?x=1" in found.warnings[0]
    assert checked("See https://ours.example/a.", ["see https://ours.example/a"]).text == "See https://ours.example/a."


def test_a_card_number_is_masked_in_a_suggestion() -> None:
    assert "4111" not in checked("Your card 4111 1111 1111 1111 works.", ["4111 1111 1111 1111"]).text[:15]
