"""Card numbers never reach an agent whole."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.cards import is_card
from rasa_handoff.core.masking import masked


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my password is sunshine99!", "my password is ••••"),
        ("Password: correct-horse", "Password: ••••"),
        ("username ann password hunter2 ok", "username ann password •••• ok"),
        ("my pin is 3941", "my pin is ••••"),
        ("84318931 with PIN 0314.", "84318931 with PIN ••••."),
        ("1596 is my PIN", "•••• is my PIN"),
        ("cvv 123", "cvv ••••"),
        ("CVC: 4412, thanks", "CVC: ••••, thanks"),
        ("4111 1111 1111 1111 12/27 123", "•••• 1111 12/27 ••••"),
        ("the one-time code is 884 221", "the one-time code is ••••"),
        ("Mein Passwort lautet Geheim#1", "Mein Passwort lautet ••••"),
        ("mi contraseña es perro55", "mi contraseña es ••••"),
        ("mon mot de passe est soleil", "mon mot de passe est ••••"),
        ("Meine PIN ist 4711", "Meine PIN ist ••••"),
    ],
)
def test_a_secret_with_its_name_is_hidden(text: str, shown: str):
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my password please help",
        "my password is wrong",
        "the password is not working since 2023",
        "how do I change my PIN",
        "order 1234 has a pin that broke",
        "the opinion of 300 people",
        "I pressed the button 4 times",
        "passport 12345678",
        "my code is broken",
        "meine PIN ist falsch",
    ],
)
def test_talk_of_secrets_is_no_secret(text: str):
    assert masked(text) == text


@pytest.mark.parametrize(
    ("question", "answer", "shown"),
    [
        ("What is your PIN?", "3941", "••••"),
        ("Right, and your PIN as well please.", "it's 3941", "it's ••••"),
        ("May I have your account number and PIN?", "351531510 and 9431", "351531510 and ••••"),
        ("Please enter your password.", "sunshine", "••••"),
        ("Please enter your password.", "it's hunter2", "it's ••••"),
        ("Please enter your password.", "I do not know it", "I do not know it"),
        ("Please enter your password.", "help", "help"),
        ("What is the security code on the back?", "412", "••••"),
        ("Wie lautet Ihre PIN?", "4711", "••••"),
        ("What is your order number?", "3941", "3941"),
        ("Your PIN was sent by post.", "order 3941", "order 3941"),
    ],
)
def test_an_answer_to_a_question_for_a_secret_is_hidden(question: str, answer: str, shown: str):
    assert masked(answer, question) == shown


bits = [
    "my password is",
    "PIN",
    "pin:",
    "1234",
    "••••",
    "hunter2",
    "cvv",
    "is",
    "4111 1111 1111 1111",
    "12/27",
    "x",
    ":",
]


@given(st.lists(st.sampled_from(bits), max_size=10).map(" ".join), st.sampled_from(["", "Your PIN?", "Your password?"]))
def test_hiding_twice_is_hiding_once(text: str, question: str):
    assert masked(masked(text, question), question) == masked(text, question)


@pytest.mark.parametrize(
    "bit",
    [
        "password is ",
        "pin 1",
        "passwords a1 ",
        "1234 is ",
        "pass",
        "cvv: ",
        "my pin 12 ",
        "a1!",
        "cvv\t",
        "password\t ",
    ],
)
def test_a_long_text_is_masked_in_linear_time(bit: str):
    def taken(size: int) -> float:
        started = time.perf_counter()
        masked(bit * size, "Your password and PIN?")
        return time.perf_counter() - started

    short = 20_000 // len(bit)
    assert min(taken(short * 8) for _ in range(2)) < 40 * min(taken(short) for _ in range(3)) + 0.05
