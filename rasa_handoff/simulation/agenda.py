"""The clock of a simulation: what is to happen, in the order of its time."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

Deed = Callable[[], object]


class Agenda:
    """Time stands still while a deed is done, and jumps to the next one. Deeds of one moment keep their order."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._numbers = count()
        self._deeds: list[tuple[datetime, int, Deed]] = []

    def clock(self) -> datetime:
        """The time it is, for whoever wants a clock."""
        return self.now

    def at(self, when: datetime, deed: Deed) -> None:
        """Do it then; at once, when that is past."""
        heapq.heappush(self._deeds, (max(when, self.now), next(self._numbers), deed))

    def run(self, until: datetime, done: Callable[[], bool]) -> None:
        """Do all that is to be done by `until`, or before it is `done`."""
        while self._deeds and self._deeds[0][0] <= until and not done():
            self.now, _, deed = heapq.heappop(self._deeds)
            deed()
