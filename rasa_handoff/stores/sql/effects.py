"""The outbox: effects wait here, committed with what caused them, until a courier has done them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from rasa_handoff.core.channel_effects import TakeIn
from rasa_handoff.core.effects import Effect
from rasa_handoff.ports import Pending, Signalled
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import decode_effect, encode_effect
from rasa_handoff.stores.sql.bulk import insert_many
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import effects, handoffs, places


@dataclass(frozen=True, slots=True)
class New:
    """An effect and what it belongs to."""

    effect: Effect
    handoff_id: str = ""
    conversation_id: str = ""
    epoch: int = 0


def add(connection: Connection, new: Iterable[New], now: datetime) -> None:
    """Put effects into the outbox, in the caller's transaction."""
    insert_many(connection, effects, [_row(one, now) for one in new])


def _row(new: New, now: datetime) -> dict[str, Any]:
    kind, body = encode_effect(new.effect)
    return {
        "id": uuid4().hex,
        "handoff_id": new.handoff_id or None,
        "conversation_id": new.conversation_id,
        "lane": rules.lane(new.effect, new.handoff_id, new.conversation_id),
        "epoch": new.epoch,
        "kind": kind,
        "body": body,
        "state": "pending",
        "attempts": 0,
        "created_at": now,
        "due_at": rules.due(new.effect, now),
    }


def _pending(table: FromClause) -> ColumnElement[bool]:
    # Spelled out in the SQL, so that every plan, a prepared one too, may use the partial index.
    return table.c.state == literal("pending", literal_execute=True)


_earlier = effects.alias("earlier")
_first_of_its_lane = and_(
    _pending(effects),
    ~exists().where(_pending(_earlier), _earlier.c.lane == effects.c.lane, _earlier.c.number < effects.c.number),
)


def _shown_at(effect: TakeIn) -> ColumnElement[str]:
    """The conversation that is shown at the place; empty when none is."""
    there = select(handoffs.c.conversation_id).join(places, places.c.handoff_id == handoffs.c.id)
    here = there.where(places.c.channel == effect.channel, places.c.key == effect.place)
    return func.coalesce(here.order_by(places.c.number.desc()).limit(1).scalar_subquery(), "")


class SqlEffects:
    """The effects of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_in(self, told: Sequence[Signalled], now: datetime) -> int:
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        new = 0
        with self._database.write() as connection:
            for one in told:
                row = {**_row(New(one.effect), now), "id": one.id, "conversation_id": _shown_at(one.effect)}
                taken = insert(effects).values(**row).on_conflict_do_nothing(index_elements=["id"])
                new += connection.execute(taken.returning(effects.c.number)).first() is not None
            self._database.notify(connection)
        return new

    def claim(self, now: datetime, worker: str, lease: float, limit: int) -> list[Pending]:
        due = select(effects).where(_first_of_its_lane, effects.c.due_at <= now).order_by(effects.c.number)
        with self._database.write() as connection:
            # FOR UPDATE SKIP LOCKED on PostgreSQL; SQLite has one writer and needs no such thing.
            rows = connection.execute(due.limit(limit).with_for_update(skip_locked=True, of=effects)).all()
            if rows:
                claimed = update(effects).where(effects.c.number.in_([row.number for row in rows]))
                until = now + timedelta(seconds=lease)
                connection.execute(claimed.values(worker=worker, due_at=until, attempts=effects.c.attempts + 1))
        return [_as_pending(row) for row in rows]

    def done(self, effect_ids: str | Collection[str], worker: str) -> None:
        these = effects.c.id.in_(rules.several(effect_ids)) & _pending(effects)
        with self._database.write() as connection:
            connection.execute(update(effects).where(these).values(state="done", worker=worker))

    def retry(self, effect_id: str, worker: str, at: datetime, error: str) -> None:
        with self._database.write() as connection:
            again = _undone(effect_id).where(effects.c.worker == worker)
            connection.execute(again.values(due_at=at, error=error, worker=None))

    def give_up(self, effect_id: str, worker: str, error: str) -> None:
        with self._database.write() as connection:
            given_up = _undone(effect_id).where(effects.c.worker == worker)
            connection.execute(given_up.values(state="given_up", error=error))

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            earliest: datetime | None = connection.scalar(select(func.min(effects.c.due_at)).where(_first_of_its_lane))
        return earliest


def _undone(effect_id: str) -> Any:
    return update(effects).where(effects.c.id == effect_id, _pending(effects))


def _as_pending(row: Row[Any]) -> Pending:
    return Pending(
        id=row.id,
        handoff_id=row.handoff_id or "",
        conversation_id=row.conversation_id,
        epoch=row.epoch,
        effect=decode_effect(row.kind, row.body),
        attempts=row.attempts + 1,
        created_at=row.created_at,
    )
