"""A bound on how often something is asked of a vendor."""

from collections.abc import Callable
from time import monotonic


class Budget:
    """`rate` calls a minute, and up to `burst` at once. Not thread-safe."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_second = rate / 60
        self._burst = burst
        self._left = float(burst)
        self._clock = clock
        self._at = clock()

    def take(self) -> bool:
        """One call may be made now."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
