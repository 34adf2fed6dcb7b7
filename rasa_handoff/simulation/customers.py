"""Who comes, when, with what: drawn from the seed alone, so that every way of answering meets the same customers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from rasa_handoff.simulation.scenario import Kind, Scenario

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Customer:
    """`at` is when they come, in seconds from the start; `patience` how long they wait (for ever: infinite), and
    `handle` how long an agent has them, in seconds.
    """

    number: int
    at: float
    kind: Kind
    handle: float
    patience: float


def customers(scenario: Scenario, seed: int) -> Iterator[Customer]:
    """All customers of a run, in order."""
    shares = [kind.share for kind in scenario.kinds]
    for number, at in enumerate(_arrivals(scenario, Random(f"{seed} arrivals"))):  # noqa: S311
        random = Random(f"{seed} customer {number}")  # noqa: S311
        kind = random.choices(scenario.kinds, shares)[0]
        patience = kind.patience.draw(random) if kind.patience else math.inf
        yield Customer(number, at, kind, kind.handle.draw(random), patience)


def _arrivals(scenario: Scenario, random: Random) -> Iterator[float]:
    """Poisson arrivals, at the rate of each hour of the day."""
    end = scenario.hours * HOUR
    for hour in range(math.ceil(scenario.hours)):
        rate = scenario.arrivals[hour % len(scenario.arrivals)]
        at, until = hour * HOUR, min((hour + 1) * HOUR, end)
        while rate and (at := at + random.expovariate(rate / HOUR)) < until:
            yield at
