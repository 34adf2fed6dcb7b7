"""Promised against actual waits, from the log: did what customers were told come true?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Protocol


class Logged(Protocol):
    """One entry of the log."""

    @property
    def handoff_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Accuracy:
    """`promises` are the intervals that were told and whose handoff an agent accepted later.

    `unknown` were told without an interval; `open` ones have no answer yet. `covered` is the share that was answered
    within its P90 (.9 is right), `error` the median distance from the P50 in seconds.
    """

    promises: int
    unknown: int
    open: int
    covered: float | None
    error: float | None


def accuracy(log: Iterable[Logged]) -> Accuracy:
    """Read the log once, oldest first."""
    told: dict[str, list[tuple[datetime, float, float]]] = {}
    unknown, within, errors = 0, [], []
    for entry in log:
        match entry.kind:
            case "told" if entry.data.get("p90") is None:
                unknown += 1
            case "told":
                promise = (entry.at, float(entry.data["p50"]), float(entry.data["p90"]))
                told.setdefault(entry.handoff_id, []).append(promise)
            case "accepted":
                for at, p50, p90 in told.pop(entry.handoff_id, []):
                    waited = (entry.at - at).total_seconds()
                    within.append(waited <= p90)
                    errors.append(abs(waited - p50))
            case "handed_back" | "callback_booked" | "email_taken":
                told.pop(entry.handoff_id, None)
            case _:
                pass
    return Accuracy(
        promises=len(within),
        unknown=unknown,
        open=sum(map(len, told.values())),
        covered=sum(within) / len(within) if within else None,
        error=median(errors) if errors else None,
    )
