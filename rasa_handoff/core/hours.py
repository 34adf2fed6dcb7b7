"""When a department answers: weekly hours and holidays on its own clock, right through changes of that clock.

`None` in place of `Hours` is a department that never closes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from rasa_handoff.core.backports import UTC

DAY = 24 * 60
MINUTE = timedelta(minutes=1)
_AHEAD = 400  # days to look for an opening: a year of holidays, and some


@dataclass(frozen=True, slots=True)
class Span:
    """Open from `opens` to `closes`, in minutes since midnight by the wall clock; `closes` may be 1440."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Hours:
    """`zone` is an IANA name, `week` the spans of each day from Monday, in order; on `holidays` it is closed."""

    zone: str
    week: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date] = frozenset()

    def on(self, day: date) -> tuple[Span, ...]:
        return () if day in self.holidays else self.week[day.weekday()]


def is_open(hours: Hours | None, now: datetime) -> bool:
    """Somebody may answer at `now` (aware)."""
    if hours is None:
        return True
    local = now.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    return any(span.opens <= minute < span.closes for span in hours.on(local.date()))


def next_opening(hours: Hours | None, now: datetime) -> datetime | None:
    """When it is open next, in UTC: `now` when it is open; None when it does not open within a year."""
    if hours is None or is_open(hours, now):
        return now
    return next((start for start, _ in _open_times(hours, now) if start > now), None)


def callback_times(hours: Hours | None, earliest: datetime, every: timedelta, count: int) -> tuple[datetime, ...]:
    """The first `count` times from `earliest` on at which a call fits in before closing: each `every` from opening."""
    return tuple(islice(_times(hours or _ALWAYS, earliest, every), count))


def fits(hours: Hours | None, at: datetime, length: timedelta) -> bool:
    """It is open from `at` for `length`."""
    return is_open(hours, at) and is_open(hours, at + length - timedelta(seconds=1))


_ALWAYS = Hours("UTC", ((Span(0, DAY),),) * 7)


def _times(hours: Hours, earliest: datetime, every: timedelta) -> Iterator[datetime]:
    for start, end in _open_times(hours, earliest):
        at = start if start >= earliest else start + -((start - earliest) // every) * every
        while at + every <= end:
            yield at
            at += every


def _open_times(hours: Hours, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when to when it is open, in UTC, from the day of `now` on.

    A time that the clock leaves out is over at once; one that it shows twice may open twice.
    """
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    for ahead in range(_AHEAD):
        day = today + timedelta(days=ahead)
        for span in hours.on(day):
            ends = _moments(hours, day, span.closes)
            for start in _openings(hours, *_moments(hours, day, span.opens)):
                yield start, next(end for end in ends if end > start)


def _openings(hours: Hours, first: datetime, second: datetime | None = None) -> Iterator[datetime]:
    """The opening; on a day on which the clock is changed what comes of it, minute by minute."""
    minutes = 0 if second is None else (second - first) // MINUTE
    for at in (first + n * MINUTE for n in range(minutes + 1)):
        if is_open(hours, at) and (at == first or not is_open(hours, at - MINUTE)):
            yield at


def _moments(hours: Hours, day: date, minute: int) -> list[datetime]:
    """When the day's clock shows `minute`: twice, perhaps."""
    midnight, wall = datetime.combine(day, time(), ZoneInfo(hours.zone)), timedelta(minutes=minute)
    return sorted({(midnight + wall).replace(fold=fold).astimezone(UTC) for fold in (0, 1)})
