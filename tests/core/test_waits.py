"""The expected wait: known values, what makes it longer, and whether it comes true in a simulated queue."""

import heapq
import random
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.waits import Prospect, Served, Spread, Wait, expected, handling_of, pickup_of

MINUTE = timedelta(minutes=1)
AT_ONCE = Spread(0.0, 0.0)
EXPONENTIAL = Spread(300.0, 300.0**2)


def prospect(**changes: object) -> Prospect:
    return Prospect(**{"ahead": 0, "places": 2, "free": 0, "pickup": AT_ONCE, "handling": EXPONENTIAL} | changes)  # type: ignore[arg-type]


def test_an_exponential_wait_has_its_known_quantiles() -> None:
    wait = Wait(100.0, 100.0**2)
    assert wait.quantile(0.5).total_seconds() == pytest.approx(69.31, rel=1e-3)
    assert wait.quantile(0.9).total_seconds() == pytest.approx(230.26, rel=1e-3)
    assert wait.within(timedelta(seconds=100)) == pytest.approx(0.6321, rel=1e-3)


def test_without_a_basis_there_is_no_estimate() -> None:
    assert expected(prospect(places=0)) is None
    assert expected(prospect(handling=None)) is None
    assert handling_of([Served(3, 60)] * 4) is None


def test_with_a_free_place_only_the_pickup_is_waited_for() -> None:
    pickup = pickup_of([], timedelta(seconds=20))
    wait = expected(prospect(free=1, handling=None, pickup=pickup))
    assert wait == Wait(10.0, 100.0)
    assert wait.within(MINUTE) > 0.95


def test_times_that_never_vary_are_told_as_they_are() -> None:
    wait = Wait(30.0, 0.0)
    assert (wait.within(MINUTE), wait.within(MINUTE / 3), wait.quantile(0.9)) == (1.0, 0.0, MINUTE / 2)


@given(st.integers(0, 1000), st.integers(1, 200))
def test_more_customers_ahead_wait_longer_and_more_agents_shorten_it(ahead: int, places: int) -> None:
    wait = expected(prospect(ahead=ahead, places=places))
    longer, shorter = (
        expected(prospect(ahead=ahead + 1, places=places)),
        expected(prospect(ahead=ahead, places=places + 1)),
    )
    assert wait is not None
    assert longer is not None
    assert shorter is not None
    assert shorter.mean < wait.mean < longer.mean
    assert timedelta(0) < wait.quantile(0.5) < wait.quantile(0.9)
    assert wait.within(wait.quantile(0.9)) == pytest.approx(0.9, abs=0.01)


LENGTHS: dict[str, Callable[[random.Random], float]] = {
    "exponential": lambda rng: rng.expovariate(1 / 300),
    "lognormal": lambda rng: rng.lognormvariate(5.4, 0.6),
    "nearly constant": lambda rng: rng.uniform(240, 360),
}


@pytest.mark.parametrize("places", [1, 2, 8])
@pytest.mark.parametrize("length", LENGTHS)
def test_the_announced_p90_covers_about_nine_in_ten_simulated_waits(length: str, places: int) -> None:
    rng = random.Random(7)
    draw = LENGTHS[length]
    handling = Spread.of([draw(rng) for _ in range(200)])
    covered = []
    for _ in range(600):
        ahead = rng.randrange(12)
        wait = expected(prospect(ahead=ahead, places=places, handling=handling))
        assert wait is not None
        covered.append(_simulated(rng, draw, ahead, places) <= wait.quantile(0.9).total_seconds())
    assert 0.84 <= sum(covered) / len(covered) <= 0.97


def _simulated(rng: random.Random, draw: Callable[[random.Random], float], ahead: int, places: int) -> float:
    """The wait behind `ahead` others while all places are taken, seen at a random moment of a long busy time."""
    free_at = [draw(rng) * rng.random() for _ in range(places)]
    heapq.heapify(free_at)
    now = 0.0
    seen = 20 * 300.0 + rng.random() * 300
    while free_at[0] < seen:
        now = heapq.heappop(free_at)
        heapq.heappush(free_at, now + draw(rng))
    for _ in range(ahead):
        now = heapq.heappop(free_at)
        heapq.heappush(free_at, now + draw(rng))
    return heapq.heappop(free_at) - seen


def test_an_estimate_costs_about_the_same_behind_a_hundred_thousand_as_behind_ten() -> None:
    def cost(ahead: int) -> float:
        wait = expected(prospect(ahead=ahead, places=50))
        assert wait is not None
        return min(_timed(lambda: (wait.quantile(0.5), wait.quantile(0.9), wait.within(MINUTE))) for _ in range(5))

    assert cost(100_000) < 20 * cost(10)


def _timed(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began
