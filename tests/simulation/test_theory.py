"""One skill, Poisson arrivals, exponential times: what the simulation says lies where queueing theory puts it."""

from collections.abc import Callable, Sequence
from statistics import fmean, stdev

import pytest

from rasa_handoff.settings import Settings
from rasa_handoff.simulation.floor import Visit
from rasa_handoff.simulation.playing import visits
from rasa_handoff.simulation.scenario import Scenario

from .erlang import erlang_a, erlang_c

HANDLE = 120.0
RUNS = 8
STUDENT = 3.499
"""The 99 % quantile (two-sided) of Student's t with RUNS - 1 degrees of freedom."""


def played(*, agents: int, per_hour: float, max_chats: int = 1, patience: float | None = None) -> list[list[Visit]]:
    """Without the first hour. Agents answer at once, and find out at once that somebody has left."""
    kind = {"name": "any", "handle": {"exponential": HANDLE}}
    if patience:
        kind["patience"] = {"exponential": patience}
    team = {"id": "team", "department": "support", "count": agents, "max_chats": max_chats}
    tree = {"hours": 7.0, "runs": RUNS, "arrivals": [per_hour], "kinds": [kind], "teams": [team], "noticing": 0.0}
    runs = visits(Scenario.model_validate(tree), Settings())
    return [[visit for visit in run if visit.customer.at >= 3600] for run in runs]


def interval(runs: Sequence[Sequence[Visit]], of: Callable[[Visit], float]) -> tuple[float, float]:
    means = [fmean(map(of, run)) for run in runs]
    half = STUDENT * stdev(means) / len(means) ** 0.5
    return fmean(means) - half, fmean(means) + half


def in_time(visit: Visit) -> float:
    return float(visit.wait is not None and visit.wait <= 20)


@pytest.mark.parametrize(("agents", "max_chats", "per_hour"), [(4, 1, 80), (2, 2, 80)])
def test_waits_are_those_of_erlang_c(agents: int, max_chats: int, per_hour: float) -> None:
    runs = played(agents=agents, per_hour=per_hour, max_chats=max_chats)
    mean, share = erlang_c(per_hour / 3600, HANDLE, agents * max_chats, within=20)
    low, high = interval(runs, in_time)
    assert low < share < high
    assert high - low < 0.2
    low, high = interval(runs, lambda visit: visit.wait or 0.0)
    assert low < mean < high


def test_the_share_of_customers_who_leave_is_that_of_erlang_a() -> None:
    low, high = interval(played(agents=3, per_hour=110, patience=90), lambda visit: visit.left)
    assert low < erlang_a(110 / 3600, HANDLE, 3, patience=90) < high
    assert high - low < 0.1
