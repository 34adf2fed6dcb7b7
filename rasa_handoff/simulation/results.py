"""What a simulation comes to: numbers over all customers, by kind, by priority and by hour of the day."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, TypeVar

from rasa_handoff.simulation.customers import HOUR
from rasa_handoff.simulation.floor import Visit
from rasa_handoff.simulation.people import Worker, staffed
from rasa_handoff.simulation.scenario import HOURS_OF_A_DAY, Scenario

Key = TypeVar("Key", bound=Hashable)
BOUNDS = (10, 30, 60, 120, 300, 600, 1800)
"""The histogram's: seconds."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of `customers`, `answered` had an agent, `left` had gone before, `unanswered` still waited at the end.

    `within` is the share of all of them who were answered in the target's time. Waits of the answered, in seconds;
    None when nobody was.
    """

    customers: int
    answered: int
    left: int
    unanswered: int
    within: float
    mean_wait: float | None
    p50: float | None
    p90: float | None

    @property
    def abandonment(self) -> float:
        """The share of customers who left."""
        return self.left / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The numbers of all runs together; `withins` is the share of each run. `occupancy` is the share of the agents'
    places, while they were online, that a customer had. `promised` customers were announced a P90 of their wait, and
    `kept` is the share of them whose wait was not longer.
    """

    whole: Numbers
    withins: tuple[float, ...]
    occupancy: float | None
    promised: int
    kept: float | None
    by_kind: Mapping[str, Numbers]
    by_priority: Mapping[int, Numbers]
    by_hour: Mapping[int, Numbers]
    waits: tuple[tuple[str, int], ...]


def outcome(scenario: Scenario, people: Sequence[Worker], runs: Sequence[Sequence[Visit]]) -> Outcome:
    """Without who came in the warm-up."""
    begins, target = scenario.warm_up * HOUR, scenario.target.within
    counted = [[visit for visit in run if visit.customer.at >= begins] for run in runs]
    visits = [visit for run in counted for visit in run]

    promises = [(visit.wait, visit.promised) for visit in visits]
    kept = [wait <= promised for wait, promised in promises if wait is not None and promised is not None]

    def by(key: Callable[[Visit], Key]) -> dict[Key, Numbers]:
        return {one: numbers(found, target) for one, found in sorted(_grouped(visits, key).items())}

    return Outcome(
        whole=numbers(visits, target),
        withins=tuple(numbers(run, target).within for run in counted),
        occupancy=_occupancy(scenario, people, runs),
        promised=len(kept),
        kept=fmean(kept) if kept else None,
        by_kind=by(lambda visit: visit.customer.kind.name),
        by_priority=by(lambda visit: visit.priority),
        by_hour=by(lambda visit: int(visit.customer.at // HOUR) % HOURS_OF_A_DAY),
        waits=tuple(_histogram([visit.wait for visit in visits if visit.wait is not None])),
    )


def numbers(visits: Sequence[Visit], target: float) -> Numbers:
    """`target` in seconds."""
    waits = sorted(visit.wait for visit in visits if visit.wait is not None)
    left = sum(visit.left for visit in visits)
    return Numbers(
        customers=len(visits),
        answered=len(waits),
        left=left,
        unanswered=len(visits) - len(waits) - left,
        within=sum(wait <= target for wait in waits) / len(visits) if visits else 0.0,
        mean_wait=fmean(waits) if waits else None,
        p50=quantile(waits, 0.5),
        p90=quantile(waits, 0.9),
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of the ordered ones do not exceed."""
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)] if ordered else None


def as_json(found: Outcome) -> dict[str, Any]:
    """Plain JSON; shares in [0, 1], times in seconds."""
    return {
        **_plain(found.whole),
        "within_of_runs": list(found.withins),
        "occupancy": found.occupancy,
        "promised": found.promised,
        "kept": found.kept,
        "by_kind": {name: _plain(one) for name, one in found.by_kind.items()},
        "by_priority": {str(priority): _plain(one) for priority, one in found.by_priority.items()},
        "by_hour": {str(hour): _plain(one) for hour, one in found.by_hour.items()},
        "waits": dict(found.waits),
    }


def _plain(one: Numbers) -> dict[str, Any]:
    names = ("customers", "answered", "left", "unanswered", "within", "abandonment", "mean_wait", "p50", "p90")
    return {name: getattr(one, name) for name in names}


def _grouped(visits: Iterable[Visit], key: Callable[[Visit], Key]) -> dict[Key, list[Visit]]:
    groups: dict[Key, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(key(visit), []).append(visit)
    return groups


def _occupancy(scenario: Scenario, people: Sequence[Worker], runs: Sequence[Sequence[Visit]]) -> float | None:
    begins, ends = scenario.warm_up * HOUR, scenario.hours * HOUR
    places = staffed(people, begins, ends) * len(runs)
    had = sum(
        max(0.0, min(visit.freed, ends) - max(visit.answered, begins))
        for run in runs
        for visit in run
        if visit.answered is not None and visit.freed is not None
    )
    return had / places if places else None


def _histogram(waits: Sequence[float]) -> Iterable[tuple[str, int]]:
    below = 0
    for bound in BOUNDS:
        upto = sum(wait <= bound for wait in waits)
        yield f"up to {_told(bound)}", upto - below
        below = upto
    yield f"over {_told(BOUNDS[-1])}", len(waits) - below


def _told(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
