"""Business hours on the department's own clock: weeks, holidays, and the days on which the clock is changed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.hours import Hours, Span, callback_times, fits, is_open, next_opening

NINE_TO_FIVE = Span(9 * 60, 17 * 60)
OFFICE = Hours("Europe/Berlin", ((NINE_TO_FIVE,),) * 5 + ((), ()), frozenset({date(2026, 12, 25)}))
ROUND_THE_CLOCK = Hours("Europe/Berlin", ((Span(0, 1440),),) * 7)
HALF_HOUR = timedelta(minutes=30)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc(2026, 11, 23, 7, 59), False),  # Monday, 8:59 in Berlin
        (utc(2026, 11, 23, 8, 0), True),
        (utc(2026, 11, 23, 15, 59), True),
        (utc(2026, 11, 23, 16, 0), False),
        (utc(2026, 11, 22, 12, 0), False),  # Sunday
        (utc(2026, 12, 25, 12, 0), False),  # a Friday, and a holiday
    ],
)
def test_a_department_is_open_within_its_hours_on_its_own_clock(now: datetime, expected: bool) -> None:
    assert is_open(OFFICE, now) is expected


def test_a_department_without_hours_is_always_open() -> None:
    now = utc(2026, 12, 25, 3)
    assert is_open(None, now)
    assert next_opening(None, now) == now


def test_the_next_opening_passes_over_the_weekend_and_holidays() -> None:
    assert next_opening(OFFICE, utc(2026, 11, 20, 16)) == utc(2026, 11, 23, 8)
    assert next_opening(OFFICE, utc(2026, 12, 24, 20)) == utc(2026, 12, 28, 8)


def test_an_open_department_opens_now() -> None:
    now = utc(2026, 11, 23, 10)
    assert next_opening(OFFICE, now) == now


def test_a_department_that_never_opens_has_no_next_opening() -> None:
    assert next_opening(Hours("UTC", ((),) * 7), utc(2026, 1, 1)) is None


def test_the_opening_keeps_to_the_wall_clock_when_that_is_changed() -> None:
    saturday, sunday = utc(2026, 3, 28, 12), utc(2026, 10, 24, 12)
    every_day = Hours("Europe/Berlin", ((NINE_TO_FIVE,),) * 7)
    assert next_opening(every_day, saturday.replace(hour=20)) == utc(
        2026, 3, 29, 7
    )  # an hour earlier in UTC from now on
    assert next_opening(every_day, sunday.replace(hour=20)) == utc(2026, 10, 25, 8)  # and an hour later again


def test_a_department_that_opens_in_the_hour_that_is_left_out_opens_when_that_is_over() -> None:
    early = Hours("Europe/Berlin", ((Span(2 * 60 + 30, 6 * 60),),) * 7)
    assert next_opening(early, utc(2026, 3, 29, 0)) == utc(2026, 3, 29, 1)
    only_then = Hours("Europe/Berlin", ((Span(2 * 60, 3 * 60),),) * 7)
    assert next_opening(only_then, utc(2026, 3, 29, 0)) == utc(2026, 3, 30, 0)


def test_the_hour_that_comes_twice_is_open_both_times() -> None:
    night = Hours("Europe/Berlin", ((Span(2 * 60, 2 * 60 + 30),),) * 7)
    assert [is_open(night, utc(2026, 10, 25, hour, 15)) for hour in (0, 1, 2)] == [True, True, False]
    assert next_opening(night, utc(2026, 10, 25, 0, 45)) == utc(2026, 10, 25, 1)


def test_callback_times_are_whole_within_the_hours_and_go_on_the_next_day() -> None:
    times = callback_times(OFFICE, utc(2026, 11, 23, 14, 50), HALF_HOUR, 4)
    assert times == (utc(2026, 11, 23, 15), utc(2026, 11, 23, 15, 30), utc(2026, 11, 24, 8), utc(2026, 11, 24, 8, 30))


def test_callback_times_keep_to_their_own_span_of_the_day() -> None:
    hours = Hours("UTC", ((Span(9 * 60, 12 * 60), Span(13 * 60, 14 * 60)),) * 7)
    times = callback_times(hours, utc(2026, 11, 23, 11), timedelta(minutes=40), 3)
    assert times == (utc(2026, 11, 23, 11), utc(2026, 11, 23, 13), utc(2026, 11, 24, 9))


def test_a_call_must_end_before_closing() -> None:
    assert fits(OFFICE, utc(2026, 11, 23, 15, 30), HALF_HOUR)
    assert not fits(OFFICE, utc(2026, 11, 23, 15, 31), HALF_HOUR)


def test_callback_times_do_not_stand_still_where_the_clock_is_changed() -> None:
    times = callback_times(ROUND_THE_CLOCK, utc(2026, 10, 24, 23), HALF_HOUR, 60)
    assert all(later - earlier == HALF_HOUR for earlier, later in pairwise(times))


HALF_PAST_TWO = Hours("Europe/Berlin", ((Span(2 * 60 + 30, 6 * 60),),) * 7)


def moments(first: datetime, days: int) -> st.SearchStrategy[datetime]:
    return st.integers(0, days * 24 * 60).map(lambda minutes: first + timedelta(minutes=minutes))


@given(
    st.sampled_from([OFFICE, HALF_PAST_TWO]),
    moments(utc(2026, 1, 1), 700) | moments(utc(2026, 3, 28), 2) | moments(utc(2026, 10, 24), 2),
)
def test_the_next_opening_is_open_and_nothing_before_it_is(hours: Hours, now: datetime) -> None:
    opening = next_opening(hours, now)
    assert opening is not None
    assert is_open(hours, opening)
    if opening > now:
        assert not is_open(hours, opening - timedelta(seconds=1))
        assert not any(is_open(hours, now + step * (opening - now) / 20) for step in range(20))
