"""When a customer wants to be called, as they write it, and what is refused with which reason."""

from datetime import UTC, datetime, timedelta

import pytest

from rasa_handoff.core.calltimes import Unfit, call_choices, call_time, unfit
from rasa_handoff.core.hours import Hours, Span, fits
from rasa_handoff.core.promise import Promise

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday, 11:00 in Berlin
OFFICE = Hours("Europe/Berlin", ((Span(9 * 60, 17 * 60),),) * 5 + ((), ()))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("14:30", utc(2026, 11, 23, 13, 30)),
        (" 9:15 ", utc(2026, 11, 24, 8, 15)),  # today it is past: tomorrow
        ("24.11. 14:30", utc(2026, 11, 24, 13, 30)),
        ("2.1. 10:00", utc(2027, 1, 2, 9, 0)),
        ("24.11.2026, 14.30", utc(2026, 11, 24, 13, 30)),
        ("2026-11-24 14:30", utc(2026, 11, 24, 13, 30)),
        ("2026-11-24T14:30:00+00:00", utc(2026, 11, 24, 14, 30)),
        ("2026-03-29 02:30", utc(2026, 3, 29, 1, 30)),  # left out by the clock
        ("2026-10-25 02:30", utc(2026, 10, 25, 0, 30)),  # shown twice: the first
        ("25:00", None),
        ("31.2. 10:00", None),
        ("2026-11-24", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("whenever", None),
        ("", None),
    ],
)
def test_a_time_is_read_by_the_departments_clock(text: str, at: datetime | None) -> None:
    assert call_time(text, "Europe/Berlin", NOW) == at


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (None, Unfit.UNCLEAR),
        (NOW - timedelta(minutes=1), Unfit.PAST),
        (NOW + timedelta(days=15), Unfit.TOO_FAR),
        (utc(2026, 11, 23, 20), Unfit.CLOSED),
        (utc(2026, 11, 28, 10), Unfit.CLOSED),
        (utc(2026, 11, 23, 15, 45), Unfit.CLOSED),  # half an hour from then on is after closing
        (utc(2026, 11, 23, 15, 30), None),
    ],
)
def test_a_call_must_lie_ahead_and_within_the_hours(at: datetime | None, why: Unfit | None) -> None:
    assert unfit(at, OFFICE, Promise(), NOW) is why


@pytest.mark.parametrize("now", [NOW, utc(2026, 11, 27, 15, 10), utc(2026, 10, 24, 23), utc(2026, 3, 28, 23)])
@pytest.mark.parametrize("hours", [OFFICE, None])
def test_the_times_offered_are_four_that_can_be_kept(hours: Hours | None, now: datetime) -> None:
    choices = call_choices(hours, Promise(), now)
    assert len(set(choices)) == 4
    assert list(choices) == sorted(choices)
    assert all(fits(hours, at, timedelta(minutes=30)) and unfit(at, hours, Promise(), now) is None for at in choices)
