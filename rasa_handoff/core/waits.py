"""How long a customer will wait, as a distribution: from counts and moments, so its cost does not grow with the queue.

The wait is the time until enough places have become free, and then until somebody accepts. The sum of the two is taken
for a gamma distribution of the same mean and variance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, pvariance

LEAST_HANDLED = 5
"""Fewer handled conversations than this are no basis for an estimate."""


@dataclass(frozen=True, slots=True)
class Served:
    """One handled conversation, in seconds: offered to accepted (`pickup`), accepted to handed back (`handling`)."""

    pickup: float
    handling: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations in short: mean and variance in seconds."""

    mean: float
    variance: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread":
        return cls(fmean(seconds), pvariance(seconds))


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a waiting customer meets: how many go first, the places of the agents who suit, and how long things take.

    `handling` is None without a basis; `pickup` is what is expected of an agent who is asked.
    """

    ahead: int
    places: int
    free: int
    pickup: Spread
    handling: Spread | None


@dataclass(frozen=True, slots=True)
class Wait:
    """The wait as a gamma distribution."""

    mean: float
    variance: float

    def within(self, limit: timedelta) -> float:
        """The chance that it is over within `limit`."""
        if self.variance <= 0:
            return float(self.mean <= limit.total_seconds())
        return _gamma_below(self._shape, max(0.0, limit.total_seconds()) / self._scale)

    def quantile(self, p: float) -> timedelta:
        """The time within which it is over with chance `p`."""
        if self.variance <= 0:
            return timedelta(seconds=self.mean)
        low, high = 0.0, self._shape + 10 * math.sqrt(self._shape) + 10
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if _gamma_below(self._shape, middle) < p else (low, middle)
        return timedelta(seconds=high * self._scale)

    @property
    def _shape(self) -> float:
        return self.mean**2 / self.variance

    @property
    def _scale(self) -> float:
        return self.variance / self.mean


def expected(prospect: Prospect) -> Wait | None:
    """The wait from now on; None when there is no basis: nobody is there, or too little has been handled yet."""
    if prospect.places <= 0:
        return None
    to_free = prospect.ahead + 1 - prospect.free
    if to_free <= 0:
        return Wait(prospect.pickup.mean, prospect.pickup.variance)
    if prospect.handling is None:
        return None
    freed = _until_freed(to_free, prospect.places, prospect.handling)
    return Wait(freed.mean + prospect.pickup.mean, freed.variance + prospect.pickup.variance)


def handling_of(served: Sequence[Served]) -> Spread | None:
    """How long conversations take; None when too few were handled."""
    return Spread.of([one.handling for one in served]) if len(served) >= LEAST_HANDLED else None


def pickup_of(served: Sequence[Served], offer_timeout: timedelta) -> Spread:
    """How long agents take to accept; without a basis, half of the time they have."""
    if len(served) >= LEAST_HANDLED:
        return Spread.of([one.pickup for one in served])
    guess = offer_timeout.total_seconds() / 2
    return Spread(guess, guess**2)


def _until_freed(count: int, places: int, handling: Spread) -> Spread:
    """Until `count` of the `places`, all taken now, have become free one after the other.

    Between two known cases, by how uneven the handling times are (their squared coefficient of variation): at 1, as
    exponential times are, places become free by chance at an even rate; at 0 they do so in turn, each at its own
    uniformly random point of the common time.
    """
    uneven = handling.variance / handling.mean**2 if handling.mean else 0.0
    apart = handling.mean / places
    rounds, turn = divmod(count - 1, places)
    in_turn = handling.mean * (rounds + (turn + 1) / (places + 1))
    spread = (turn + 1) * (places - turn) / ((places + 1) ** 2 * (places + 2)) * handling.mean**2
    return Spread(
        uneven * count * apart + (1 - uneven) * in_turn,
        uneven * count * apart**2 + max(0.0, 1 - uneven) * spread,
    )


def _gamma_below(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function; for large shapes Wilson and Hilferty's approximation."""
    if x <= 0:
        return 0.0
    if shape > 200:
        z = ((x / shape) ** (1 / 3) - 1 + 1 / (9 * shape)) * 3 * math.sqrt(shape)
        return 0.5 * math.erfc(-z / math.sqrt(2))
    term = total = 1 / shape
    for n in range(1, 2000):
        term *= x / (shape + n)
        total += term
        if term < total * 1e-12:
            break
    return min(1.0, total * math.exp(shape * math.log(x) - x - math.lgamma(shape)))
