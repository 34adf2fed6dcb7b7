"""Which sentences ask for a human: our own table, held to a precision and a recall, and the rules behind it."""

import json
from pathlib import Path

import pytest

from rasa_handoff.core.requests import read

ROWS = [json.loads(row) for row in (Path(__file__).parent / "requests.jsonl").read_text().splitlines()]


def test_the_table_is_read_with_high_precision_and_recall():
    asked = [row for row in ROWS if row["asks"]]
    said = [row for row in ROWS if read(row["text"]).asks]
    right = [row for row in said if row["asks"]]
    assert len(asked) >= 130
    assert len(ROWS) - len(asked) >= 130
    assert len(right) / len(said) >= 0.98, [row["text"] for row in said if not row["asks"]]
    assert len(right) / len(asked) >= 0.95, [row["text"] for row in asked if row not in said]


@pytest.mark.parametrize(
    "phrase",
    ["speak to a human", "talk to a person", "real agent", "transfer me", "live agent", "speak to someone",
     "human please", "let me talk to a manager"],
)  # fmt: skip
def test_every_well_known_phrase_is_a_request(phrase: str):
    assert read(phrase).asks


@pytest.mark.parametrize("text", ["HUMAN PLEASE", "h\u200buman please", "ｈｕｍａｎ please", "human,   please!!"])
def test_case_width_and_invisible_characters_do_not_hide_a_request(text: str):
    assert read(text).asks


@pytest.mark.parametrize("text", ["talk to an agnet", "I need an opertor", "talk to a persn"])
def test_a_slip_in_a_key_word_is_forgiven(text: str):
    assert read(text).asks


@pytest.mark.parametrize("text", ["send me the contract", "how do you manage returns", "a steak to speak of"])
def test_a_word_that_is_one_letter_off_but_its_own_is_left_alone(text: str):
    assert not read(text).asks


@pytest.mark.parametrize("text", ["no need to talk to a human", "are you a human?", "don't transfer me to an agent"])
def test_saying_no_and_asking_what_the_bot_is_are_told_from_silence(text: str):
    ask = read(text)
    assert not ask.asks
    assert ask.declines
    assert not read("where is my order").declines


def test_a_request_after_a_refusal_in_the_same_message_counts():
    assert read("I don't want to talk to a bot. I want a human.").asks
    assert read("No, I want to speak to a person").asks
