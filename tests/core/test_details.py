"""Key details in what customers write: rows with what is to be found, and with what only looks like a detail."""

import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_handoff.core.conversation import Author, Entity, Line
from rasa_handoff.core.details import MOST, key_details

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [json.loads(line) for line in Path(__file__).with_name("details.jsonl").read_text(encoding="utf-8").splitlines()]
BITS = [
    "order", "#", "number", "is", "my name", "12", "12345", "k 4", "@", "a@b.example", "€", "20", "to", "Ann", ".", ",",
    "+49", "-", "booking", "I'm", "under", "3rd of May", "name:", "\u200b", "0123456789", "Konto", "nummer", "(",
]  # fmt: skip
said = st.text(max_size=80) | st.lists(st.sampled_from(BITS), max_size=14).map(" ".join)


def told(*spoken: tuple[str, str]) -> dict[str, list[str]]:
    lines = [Line(Author(who), text, NOW) for who, text in spoken]
    found = defaultdict(list)
    for detail in key_details(lines):
        found[detail.kind].append(detail.value)
    return dict(found)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"])
def test_a_row_tells_what_it_tells_and_nothing_else(row: dict):
    before = [("customer", text) for text in row.get("before", ())]
    question = [("bot", row["question"])] if "question" in row else []
    assert told(*before, *question, ("customer", row["text"])) == row["details"]


def test_the_question_holds_until_the_customer_answers():
    found = told(("bot", "Your order number and your e-mail?"), ("bot", "Please"), ("customer", "7916676427"))
    assert found == {"order_id": ["7916676427"]}


def test_what_was_said_twice_counts_once_and_where_it_was_said_last():
    lines = [Line(Author.CUSTOMER, text, NOW) for text in ("order 55120", "order 55121", "sorry, order 55120")]
    assert [(d.value, d.turn) for d in key_details(lines)] == [("55120", 3), ("55121", 2)]


def test_a_number_sign_makes_no_second_number():
    line = Line(Author.CUSTOMER, "Where is order #10391?", NOW)
    [detail] = key_details([line], [(1, Entity("order_id", "#10391"))])
    assert (detail.kind, detail.value, detail.turn) == ("order_id", "10391", 1)


def test_entities_of_the_bot_are_details_under_our_names():
    [detail] = key_details((), [(2, Entity("order_number", " A1 "))])
    assert (detail.kind, detail.value, detail.turn) == ("order_id", "A1", 2)


@given(st.lists(st.tuples(st.sampled_from(["customer", "bot"]), said), max_size=8))
def test_any_text_is_read_without_an_error(spoken: list[tuple[str, str]]):
    lines = [Line(Author(who), text, NOW) for who, text in spoken]
    for detail in key_details(lines):
        assert detail.value.strip()
        assert 1 <= detail.turn <= len(lines)


def test_no_more_details_are_kept_than_an_agent_can_read():
    lines = [Line(Author.CUSTOMER, f"order number {at}", NOW) for at in range(1000, 1200)]
    found = key_details(lines)
    assert len(found) == MOST
    assert found[0].value == "1199"


HOSTILE = [
    "1 ", "a1 ", "order ", "order number ", "my name is ", "A ", "Ann ", "#1 ", "1-", "1 2 ", "@a.", "name ", "€1",
    "1.000.", "i'm ", "k 4 ", "from A", "to a ", "(", "ist ", ": ", "\t", "of ", "may 3 ", "under the name ",
]  # fmt: skip


@pytest.mark.parametrize("bit", HOSTILE)
def test_ten_times_the_text_takes_no_more_than_some_ten_times_the_time(bit: str):
    def taken(size: int) -> float:
        lines = [Line(Author.BOT, "What is your name and order number?", NOW), Line(Author.CUSTOMER, bit * size, NOW)]
        best = float("inf")
        for _ in range(3):
            started = time.perf_counter()
            key_details(lines)
            best = min(best, time.perf_counter() - started)
        return best

    short = 4000 // len(bit)
    assert taken(short * 10) < 40 * taken(short) + 0.05


@settings(max_examples=30)
@given(st.text(max_size=300), st.text(max_size=300))
def test_a_question_of_any_kind_is_read_without_an_error(question: str, answer: str):
    key_details([Line(Author.BOT, question, NOW), Line(Author.CUSTOMER, answer, NOW)])
