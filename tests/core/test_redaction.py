"""Private values leave the house as placeholders, and come back."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rasa_handoff.core.known import class_of
from rasa_handoff.core.private import PATTERNS, Private
from rasa_handoff.core.redaction import PLACEHOLDER, Known, redacted

PLANTED = {
    Private.EMAIL: ("ann.smith+shop@mail.example.com", "john at example dot com", "日本@例え.jp"),
    Private.PHONE: ("+49 170 1234567", "(555) 010-9999", "0044 20 7946 0958"),
    Private.CARD: ("4111 1111 1111 1111", "5500-0000-0000-0004"),
    Private.ID: ("AB12CD34", "#10391", "DE89 3704 0044 0532 0130 00", "992817364"),
    Private.NAME: ("my name is Crystal Minh", "ich heiße Jürgen Groß", "je m'appelle Zoé Martin"),
    Private.ADDRESS: ("12 Baker Street", "Hauptstraße 5", "calle Mayor 14"),
    Private.URL: ("https://shop.example/o?token=s3cret", "www.example.org/me"),
}
VALUES = [(kind, value) for kind, values in PLANTED.items() for value in values]
BARE = {
    "my name is Crystal Minh": ("Crystal", "Minh"),
    "ich heiße Jürgen Groß": ("Jürgen", "Groß"),
    "je m'appelle Zoé Martin": ("Zoé", "Martin"),
}
chatter = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
transcripts = st.lists(st.tuples(chatter, st.sampled_from(VALUES), chatter), min_size=1, max_size=5)


@given(transcripts)
@settings(max_examples=200, deadline=None)
def test_no_private_value_is_left_in_any_transcript(said: list[tuple[str, tuple[Private, str], str]]):
    lines = [f"{before} {value} {after}" for before, (_, value), after in said]
    sent = json.dumps(redacted({"lines": lines}).data, ensure_ascii=False)
    for _, (_, value), _ in said:
        for secret in BARE.get(value, (value.lstrip("#"),)):
            assert secret not in sent


@given(st.lists(chatter, max_size=5))
@example(["call 12 - 4111 1111 1111 1111 7, no. 4-4-4-4-4"])
@settings(max_examples=200, deadline=None)
def test_what_is_redacted_holds_nothing_more_to_redact(lines: list[str]):
    once = redacted(lines).data
    left = [piece for line in once for piece in PLACEHOLDER.split(line)]
    for kind, pattern in PATTERNS:
        for piece in left:
            for match in pattern.finditer(piece):
                told = match.groupdict().get("value") or match.group()
                assert sum(character.isalnum() for character in told) < 2, (kind, told)


@given(st.lists(chatter, max_size=5), st.lists(st.sampled_from(VALUES), max_size=3))
@settings(max_examples=200, deadline=None)
def test_putting_back_gives_what_was_said(lines: list[str], values: list[tuple[Private, str]]):
    said = [*(line for line in lines if line.isascii()), *(value for _, value in values)]
    hidden = redacted(said)
    assert [line.casefold() for line in hidden.restored(hidden.data)] == [line.casefold() for line in said]


def test_what_one_line_gives_away_every_other_line_hides():
    sent = redacted(["my name is Crystal Minh, order 123", "123 is late", "CRYSTAL here again", "mrs minh"]).data
    assert "123" not in str(sent)
    assert "crystal" not in str(sent).casefold()
    assert "minh" not in str(sent).casefold()


def test_the_same_value_has_the_same_placeholder():
    assert redacted(["Ann@example.com", "or ann@EXAMPLE.com, bob@example.com"]).data == [
        "[EMAIL_1]",
        "or [EMAIL_1], [EMAIL_2]",
    ]


def test_amounts_dates_and_years_are_left_for_the_model_to_read():
    said = ["€1,500.00 on 2024-03-12 or 03.04.2024 at 12:30, 15000 dollars in 2023, 20% off, 2 of 3 parcels"]
    assert redacted(said).data == said


def test_a_placeholder_that_a_customer_writes_stands_for_nothing():
    hidden = redacted(["[EMAIL_1] ann@example.com"])
    assert hidden.data == ["[EMAIL_1] [EMAIL_2]"]
    assert hidden.restored("[EMAIL_1] and [EMAIL_2]") == "[EMAIL_1] and ann@example.com"


def test_allowed_kinds_stay_but_cards_never_do():
    said = ["ann@example.com, order 4711, 4111 1111 1111 1111"]
    assert redacted(said, allowed=[Private.EMAIL, Private.CARD]).data == ["ann@example.com, order [ID_1], [CARD_1]"]


def test_known_names_are_hidden_where_nothing_introduces_them():
    hidden = redacted(
        ["Ann-Kathrin van der Berg called, de fiets van Ann-Kathrin"], [Known(Private.NAME, "Ann-Kathrin van der Berg")]
    )
    assert hidden.data == ["[NAME_1] called, de fiets van [NAME_2]"]
    assert hidden.counts == {"name": 2}


@pytest.mark.parametrize(
    ("kind", "private"),
    [
        ("email", Private.EMAIL),
        ("order_id", Private.ID),
        ("booking_ref", Private.ID),
        ("customer_name", Private.NAME),
        ("phone", Private.PHONE),
        ("home_address", Private.ADDRESS),
        ("amount", None),
        ("date", None),
        ("product", None),
    ],
)
def test_key_details_are_private_by_their_kind(kind: str, private: Private | None):
    assert class_of(kind) is private
