"""Card numbers never reach an agent whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.masking import is_card, masked


def luhn(digits: str) -> bool:
    """The rule as ISO/IEC 7812-1 states it, written apart from ours."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return total % 10 == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4111 1111 1111 1111", "•••• 1111"),
        ("card:4111-1111-1111-1111.", "card:•••• 1111."),
        ("378282246310005 and 5500005555555559", "•••• 0005 and •••• 5559"),
        ("room 12 4111 1111 1111 1111 ok", "room 12 •••• 1111 ok"),
        ("4111\u00a01111\u200b1111.1111", "•••• 1111"),
        ("order 113542617735902", "order 113542617735902"),
        ("call +44 20 7946 0958", "call +44 20 7946 0958"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
    ],
)
def test_a_card_number_is_shown_by_its_last_four_digits(text: str, shown: str):
    assert masked(text) == shown


@given(st.from_regex(r"[2-6][0-9]{12,18}", fullmatch=True))
def test_a_number_is_a_card_when_the_rule_says_so(digits: str):
    assert is_card(digits) == luhn(digits)
    assert (masked(digits) != digits) == luhn(digits)


@given(st.text(max_size=40), st.sampled_from(["", " ", "-"]), st.text(max_size=40))
def test_a_card_number_is_masked_wherever_it_stands(before: str, between: str, after: str):
    text = f"{before}|{between.join(['4111', '1111', '1111', '1111'])}|{after}"
    assert "|•••• 1111|" in masked(text)


@given(st.text(alphabet="0123456789 -.x", max_size=80))
def test_masking_twice_is_masking_once(text: str):
    assert masked(masked(text)) == masked(text)
