"""The part of handoff.yml about takeover channels: each kind of channel knows what its own entry looks like."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from rasa_handoff.channels.kinds import ChannelKind, ChannelSettings
from rasa_handoff.channels.registry import kinds
from rasa_handoff.core.takeover import Takeover
from rasa_handoff.settings.wording import said

Misfit = tuple[tuple[str | int, ...], str]
Entry = Mapping[str, Any]


def channels_of(entries: Sequence[Entry]) -> list[tuple[ChannelKind, ChannelSettings]]:
    """The entries, read. Errors: ValidationError or KeyError, of entries that have misfits."""
    return [(kinds()[one["type"]], kinds()[one["type"]].settings.model_validate(one)) for one in entries]


def takeover(kind: ChannelKind, settings: ChannelSettings) -> Takeover:
    """The channel, as handoffs know it."""
    customers = kind.customers if settings.customers is None else settings.customers
    able = kind.capabilities
    return Takeover(settings.id, frozenset(settings.departments), frozenset(customers), able.external, able.owns)


def misfits_of(entries: Sequence[Entry], departments: Sequence[str]) -> Iterator[Misfit]:
    """What is wrong with the entries: where, and what to say."""
    for number, entry in enumerate(entries):
        for location, text in _misfits(entry, departments):
            yield ("channels", number, *location), text


def _misfits(entry: Entry, departments: Sequence[str]) -> Iterator[Misfit]:
    kind = kinds().get(str(entry.get("type")))
    if kind is None:
        yield ("type",), f"there is no kind of channel {entry.get('type')!r}; known: {', '.join(kinds())}"
        return
    try:
        settings = kind.settings.model_validate(entry)
    except ValidationError as error:
        yield from ((first["loc"], said(first)) for first in error.errors())
        return
    for place, department in enumerate(settings.departments):
        if department not in departments:
            known = ", ".join(departments)
            yield ("departments", place), f"there is no department {department!r}; known: {known}"
