"""What goes into the responses' placeholders: times in the customer's language and by the department's clock."""

from datetime import datetime, timedelta

from rasa_handoff.actions import process
from rasa_handoff.core.backports import UTC
from rasa_handoff.core.need import Need
from rasa_handoff.times import duration_in_words, time_in_words


def opening(at: datetime | None, need: Need) -> str:
    """When the department opens; nothing when that is not known."""
    return "" if at is None else moment(at, need)


def duration(length: timedelta, need: Need) -> str:
    """A wait as the customer of this need reads it."""
    return duration_in_words(length, need.language)


def moment(at: datetime, need: Need) -> str:
    """A time as the customer of this need reads it."""
    zone = process.parts().service.policy.zone_of(need.department)
    return time_in_words(at, zone, need.language, datetime.now(UTC))
