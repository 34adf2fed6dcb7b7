"""Brings the queue and the agents together."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Lock

from rasa_handoff.core.planning import plan
from rasa_handoff.ports import Store

BATCH = 512
"""Offers made in one transaction."""


class Assigner:
    """Offers waiting handoffs to agents with a free place. Safe from several threads and processes.

    Whoever asks for a run while one is under way shares the next one with all others who ask meanwhile: it begins
    after they asked, so it sees what they saw.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._turn = Lock()
        self._count = Lock()
        self._asked = 0
        self._begun_after = 0

    def run(self) -> None:
        """Returns after everything that can be offered, of what was there on entry, is. Errors: Unreachable."""
        with self._count:
            self._asked += 1
            mine = self._asked
        with self._turn:
            if self._begun_after >= mine:
                return
            with self._count:
                begun_after = self._asked
            self._drain()
            self._begun_after = begun_after

    def _drain(self) -> None:
        while True:
            now = self._clock()
            if not self._store.match(partial(plan, now=now, limit=BATCH), now):
                return
