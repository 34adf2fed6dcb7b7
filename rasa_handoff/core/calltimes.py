"""When a customer wants to be called: read from what they wrote, checked against the hours and what a team offers."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from rasa_handoff.core.backports import UTC, StrEnum
from rasa_handoff.core.hours import Hours, callback_times, fits
from rasa_handoff.core.promise import Promise

_CLOCK = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})"
_TIME = re.compile(_CLOCK)
_DAY = re.compile(rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.(?:\s?(?P<year>\d{{4}}))?,?\s+{_CLOCK}")


class Unfit(StrEnum):
    """Why nobody can call then."""

    UNCLEAR = "unclear"
    PAST = "past"
    TOO_FAR = "too_far"
    CLOSED = "closed"


def call_choices(hours: Hours | None, promise: Promise, now: datetime) -> tuple[datetime, ...]:
    """Times to offer: the next ones, then one on each of the following days."""
    first = callback_times(hours, now + promise.call_lead, promise.call_length, 2)
    later = [at for n in (1, 2) for at in callback_times(hours, first[-1] + timedelta(days=n), promise.call_length, 1)]
    return (*first, *later) if first else ()


def call_time(text: str, zone: str, now: datetime) -> datetime | None:
    """The time in UTC; None when none can be read.

    Reads ISO 8601, "14:30" (the next time the clock shows it), "24.11. 14:30" and "24.11.2026 14:30". Without an offset
    it is the wall clock in `zone`.
    """
    told, clock = text.strip(), ZoneInfo(zone)
    try:
        if found := _TIME.fullmatch(told):
            return _next(found, clock, now)
        if found := _DAY.fullmatch(told):
            return _on_day(found, clock, now)
        at = datetime.fromisoformat(told)
        return None if len(told) <= len("2026-11-24") else _in_utc(at, clock)
    except (ValueError, OverflowError):
        return None


def unfit(at: datetime | None, hours: Hours | None, promise: Promise, now: datetime) -> Unfit | None:
    """Why nobody can call at `at`; None when somebody can."""
    if at is None:
        return Unfit.UNCLEAR
    if at <= now:
        return Unfit.PAST
    if at > now + promise.call_horizon:
        return Unfit.TOO_FAR
    return None if fits(hours, at, promise.call_length) else Unfit.CLOSED


def _next(found: re.Match[str], clock: ZoneInfo, now: datetime) -> datetime:
    wall, today = time(int(found["hour"]), int(found["minute"])), now.astimezone(clock).date()
    at = _in_utc(datetime.combine(today, wall), clock)
    return at if at > now else _in_utc(datetime.combine(today + timedelta(days=1), wall), clock)


def _on_day(found: re.Match[str], clock: ZoneInfo, now: datetime) -> datetime:
    """Without a year it is the nearest such day: in December, January is next year's."""
    here = now.astimezone(clock)
    month, day, hour, minute = (int(found[name]) for name in ("month", "day", "hour", "minute"))
    at = datetime(int(found["year"] or here.year), month, day, hour, minute, tzinfo=clock)
    if found["year"] is None and at < here - timedelta(days=180):
        at = at.replace(year=here.year + 1)
    return at.astimezone(UTC)


def _in_utc(at: datetime, clock: ZoneInfo) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=clock)).astimezone(UTC)
