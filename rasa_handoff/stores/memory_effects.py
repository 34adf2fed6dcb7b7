"""The outbox of the store in memory."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock
from uuid import uuid4

from rasa_handoff.core.effects import Effect
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.ports import Pending, Signalled
from rasa_handoff.stores import rules


@dataclass(frozen=True, slots=True)
class Waiting:
    """An undone effect, where it stands, and who has it."""

    pending: Pending
    lane: str | None
    due_at: datetime
    worker: str | None = None


class MemoryEffects:
    """Mixed into the store, whose collections these are."""

    _lock: RLock
    _effects: dict[str, Waiting]
    _told: set[str]
    _handoffs: dict[str, Handoff]
    _places: dict[tuple[str, str], str]

    def at_place(self, channel: str, key: str) -> Handoff | None:
        with self._lock:
            handoff_id = self._places.get((channel, key))
            return self._handoffs.get(handoff_id) if handoff_id else None

    def take_in(self, told: Sequence[Signalled], now: datetime) -> int:
        with self._lock:
            new = [one for one in told if one.id not in self._told]
            for one in new:
                self._told.add(one.id)
                there = self.at_place(one.effect.channel, one.effect.place)
                self._put(one.id, one.effect, now, "", there.conversation_id if there else "", 0)
            return len(new)

    def claim(self, now: datetime, worker: str, lease: float, limit: int) -> list[Pending]:
        with self._lock:
            due = [waiting for waiting in self._firsts() if waiting.due_at <= now]
            longest = {one.pending.id for one in sorted(due, key=lambda one: one.due_at)[:limit]}
            until = now + timedelta(seconds=lease)
            return [self._claimed(waiting, worker, until) for waiting in due if waiting.pending.id in longest]

    def done(self, effect_ids: str | Collection[str], worker: str) -> None:
        with self._lock:
            for effect_id in rules.several(effect_ids):
                self._effects.pop(effect_id, None)

    def retry(self, effect_id: str, worker: str, at: datetime, error: str) -> None:
        with self._lock:
            if self._holds(worker, effect_id):
                self._effects[effect_id] = replace(self._effects[effect_id], due_at=at, worker=None)

    def give_up(self, effect_id: str, worker: str, error: str) -> None:
        with self._lock:
            if self._holds(worker, effect_id):
                del self._effects[effect_id]

    def next_due(self) -> datetime | None:
        with self._lock:
            return min((waiting.due_at for waiting in self._firsts()), default=None)

    def _add(self, new: Iterable[Effect], now: datetime, handoff_id: str, conversation_id: str, epoch: int) -> None:
        for effect in new:
            self._put(uuid4().hex, effect, now, handoff_id, conversation_id, epoch)

    def _put(self, id: str, effect: Effect, now: datetime, handoff_id: str, conversation_id: str, epoch: int) -> None:
        pending = Pending(id, handoff_id, conversation_id, epoch, effect, 0, now)
        lane = rules.lane(effect, handoff_id, conversation_id)
        self._effects[id] = Waiting(pending, lane, rules.due(effect, now))

    def _firsts(self) -> list[Waiting]:
        """Of each lane the first undone effect, and all that have no lane, in order."""
        seen: set[str] = set()
        firsts = []
        for waiting in self._effects.values():
            if waiting.lane is None or waiting.lane not in seen:
                firsts.append(waiting)
            if waiting.lane is not None:
                seen.add(waiting.lane)
        return firsts

    def _claimed(self, waiting: Waiting, worker: str, until: datetime) -> Pending:
        pending = replace(waiting.pending, attempts=waiting.pending.attempts + 1)
        self._effects[pending.id] = replace(waiting, pending=pending, worker=worker, due_at=until)
        return pending

    def _holds(self, worker: str, effect_id: str) -> bool:
        return effect_id in self._effects and self._effects[effect_id].worker == worker
