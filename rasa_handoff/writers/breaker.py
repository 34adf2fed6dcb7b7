"""A circuit breaker: after some failures in a row nobody is asked for a while, then one call tries how things are."""

import time
from collections.abc import Callable


class Breaker:
    """Closed at first. `failures` in a row open it for `pause` seconds; after them, one call at a time may try.

    For one event loop: it has no locks.
    """

    def __init__(self, failures: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._failed = 0
        self._open_until = 0.0
        self._trying = False

    @property
    def is_open(self) -> bool:
        return self._failed >= self._most

    def wait(self) -> float:
        """Seconds until a call may be made; 0 when now, and then `succeeded`, `failed` or `dropped` must follow."""
        if not self.is_open:
            return 0.0
        left = self._open_until - self._clock()
        if left > 0 or self._trying:
            return max(left, 1.0)
        self._trying = True
        return 0.0

    def succeeded(self) -> None:
        self._failed, self._trying = 0, False

    def failed(self) -> None:
        self._failed, self._trying = self._failed + 1, False
        if self.is_open:
            self._open_until = self._clock() + self._pause

    def dropped(self) -> None:
        """The call ended without telling how the other side is."""
        self._trying = False
