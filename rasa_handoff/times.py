"""Times and durations as a customer reads them: in their language, with CLDR's words, and by the department's clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time, format_timedelta

_FALLBACK = Locale("en", "GB")


def time_in_words(at: datetime, zone: str, language: str, now: datetime) -> str:
    """The time alone when it is today there, else with the day: "09:00", "Mon, 23 Nov, 09:00"."""
    clock, locale = ZoneInfo(zone), _locale(language)
    local = at.astimezone(clock)
    told = format_time(local, "short", tzinfo=clock, locale=locale)
    if local.date() == now.astimezone(clock).date():
        return told
    return f"{format_skeleton('MMMEd', local, tzinfo=clock, locale=locale)}, {told}"


def duration_in_words(duration: timedelta, language: str) -> str:
    """Rounded as people say it: "1 minute", "25 minutes", "3 hours"."""
    minutes = max(1, round(duration.total_seconds() / 60))
    rounded = minutes if minutes <= 10 else round(minutes / 5) * 5
    # From one and a half of a unit on, the unit is that one.
    return format_timedelta(timedelta(minutes=rounded), granularity="minute", threshold=1.5, locale=_locale(language))


def _locale(language: str) -> Locale:
    if language == "en":
        return _FALLBACK
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return _FALLBACK
