"""A changed copy of a frozen value, where it is made so often that its time counts."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def changed(value: T, **changes: Any) -> T:
    """What `dataclasses.replace` gives, in less than half the time, for a dataclass of many fields, with slots and
    without a `__post_init__`.

    Type checkers do not know it, so prefer `replace` where that is fast enough. Errors: KeyError for an unknown field.
    """
    kind: Any = type(value)
    places, read, write = _ways(kind)
    values = list(read(value))
    for name, new in changes.items():
        values[places[name]] = new
    copy: T = object.__new__(kind)
    for put, one in zip(write, values, strict=True):
        put(copy, one)
    return copy


@cache
def _ways(kind: Any) -> tuple[dict[str, int], Any, list[Callable[[Any, Any], None]]]:
    """Where the fields stand, what reads all of them, and what writes each into a copy that nobody else has yet."""
    names = [field.name for field in fields(kind)]
    write = [getattr(kind, name).__set__ for name in names]
    return {name: place for place, name in enumerate(names)}, attrgetter(*names), write
