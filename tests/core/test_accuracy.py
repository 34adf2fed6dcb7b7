"""Promised against actual waits, from the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rasa_handoff.core.accuracy import accuracy
from rasa_handoff.ports import Entry

START = datetime(2026, 3, 1, tzinfo=UTC)


def entry(handoff: str, kind: str, seconds: float, **data: Any) -> Entry:
    return Entry(0, handoff, handoff, kind, None, START + timedelta(seconds=seconds), data)


def test_each_wait_that_was_told_counts_from_when_it_was_told() -> None:
    log = [
        entry("a", "told", 0, p50=60.0, p90=120.0),
        entry("a", "told", 60, p50=10.0, p90=20.0),
        entry("a", "accepted", 90),
        entry("b", "told", 0, p50=None, p90=None),
        entry("b", "accepted", 10),
        entry("c", "told", 0, p50=5.0, p90=9.0),
    ]
    found = accuracy(log)
    assert (found.promises, found.unknown, found.open) == (2, 1, 1)
    assert found.covered == pytest.approx(0.5)
    assert found.error == pytest.approx(25.0)


def test_a_callback_ends_a_wait_without_proving_anything() -> None:
    found = accuracy([entry("a", "told", 0, p50=5.0, p90=9.0), entry("a", "callback_booked", 3)])
    assert (found.promises, found.open, found.covered, found.error) == (0, 0, None, None)


def test_an_empty_log_proves_nothing() -> None:
    assert accuracy([]).covered is None
