"""When a department answers, as handoff.yml says it."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from rasa_handoff.core.hours import DAY, Hours, Span
from rasa_handoff.settings.sections import STRICT

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


def _known_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("there is no such time zone; write one such as Europe/Berlin")
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


Zone = Annotated[str, AfterValidator(_known_zone)]


def _days(value: str) -> str:
    first, dash, last = value.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise ValueError(f"there is no such day; known: {', '.join(DAYS)}, and mon-fri for several")
    if dash and DAYS.index(last) <= DAYS.index(first):
        raise ValueError("ends before it starts; write fri-sun and mon apart, for instance")
    return value


def _spans(value: Any) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found:
        raise ValueError("write 09:00-17:00, or a list such as [09:00-12:00, 13:00-17:00]")
    spans = sorted((span(one) for one in found), key=lambda one: one.opens)
    for before, after in pairwise(spans):
        if after.opens < before.closes:
            raise ValueError("two of these overlap")
    return found


def span(text: Any) -> Span:
    """ "09:00-17:30" as minutes. Errors: ValueError that says what would be right."""
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("write hours such as 09:00-17:30")
    hour, minute, to_hour, to_minute = map(int, found.groups())
    opens, closes = hour * 60 + minute, to_hour * 60 + to_minute
    if minute > 59 or to_minute > 59 or opens >= DAY or closes > DAY:
        raise ValueError("there is no such time of day; from 00:00 to 24:00")
    if closes <= opens:
        raise ValueError("ends before it starts; hours over midnight are two: 22:00-24:00 and 00:00-02:00")
    return Span(opens, closes)


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("there is no such date; write 2026-12-25") from None


def _no_day_twice(week: dict[str, list[str]]) -> dict[str, list[str]]:
    named = [day for key in week for day in _named(key)]
    for day in DAYS:
        if named.count(day) > 1:
            raise ValueError(f"{day} is there twice")
    return week


def _named(key: str) -> Iterator[str]:
    first, _, last = key.partition("-")
    yield from DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


Week = Annotated[
    dict[Annotated[str, AfterValidator(_days)], Annotated[list[str], BeforeValidator(_spans)]],
    AfterValidator(_no_day_twice),
]


class HoursSettings(BaseModel):
    """When a department answers. Outside these hours customers are told when it opens, and may choose other ways."""

    model_config = STRICT

    zone: Zone = Field(description="The clock they go by: an IANA zone.")
    week: Week = Field(
        min_length=1,
        description="By day (`mon` ... `sun`, `mon-fri`) one span (`09:00-17:00`) or a list; a day left out is closed.",
    )
    holidays: list[Annotated[date, BeforeValidator(_date)]] = Field([], description="Dates on which it is closed.")

    def hours(self) -> Hours:
        week = {day: spans for key, spans in self.week.items() for day in _named(key)}
        of_day = (sorted(map(span, week.get(day, [])), key=lambda one: one.opens) for day in DAYS)
        return Hours(self.zone, tuple(map(tuple, of_day)), frozenset(self.holidays))
