"""The store of a simulation: in memory, with its effects on the agenda, and without what is over."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from rasa_handoff.core.effects import Effect, Step
from rasa_handoff.core.handoff import Event, Handoff
from rasa_handoff.stores import rules
from rasa_handoff.stores.memory import MemoryStore


class SimulatedStore(MemoryStore):
    """`due` is given each effect with its handoff and its time, `happened` each event with the handoff after it.

    A day has many handoffs, and nobody asks for those that are over: neither they nor the log are kept.
    """

    def __init__(
        self, due: Callable[[Effect, str, datetime], None], happened: Callable[[Handoff, Event], None]
    ) -> None:
        super().__init__()
        self._due = due
        self._happened = happened

    def commit(self, before: Handoff, step: Step, event: Event, now: datetime, key: str | None = None) -> Handoff:
        after = super().commit(before, step, event, now, key)
        if not after.is_open:
            del self._handoffs[after.id], self._packages[after.id]
        self._happened(after, event)
        return after

    def _add(self, new: Iterable[Effect], now: datetime, handoff_id: str, conversation_id: str, epoch: int) -> None:
        for effect in new:
            self._due(effect, handoff_id, rules.due(effect, now))

    def _record(self, handoff: Handoff, kind: str, key: str | None, now: datetime, data: dict[str, Any]) -> None:
        pass
