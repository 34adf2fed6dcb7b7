"""The outbox: effects wait here, committed with what caused them, until a courier has done them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Row,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from rasa_handoff.core.effects import Effect
from rasa_handoff.ports import Pending, Signalled
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import decode_effect, encode_effect
from rasa_handoff.stores.sql.bulk import ids_given, insert_many, is_given
from rasa_handoff.stores.sql.database import NOTICE, Database
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
    insert_many(connection, effects, [row_of_new(one, now) for one in new])


def row_of_new(new: New, now: datetime) -> dict[str, Any]:
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


def _first_of_its_lane(table: FromClause) -> ColumnElement[bool]:
    earlier = effects.alias("earlier")
    same_lane = (_pending(earlier), earlier.c.lane == table.c.lane, earlier.c.number < table.c.number)
    return and_(_pending(table), ~exists().where(*same_lane))


def _due(now: Any, limit: Any) -> Select[Any]:
    """The numbers of the effects to claim, those first that are due longest: in the order of an index that has none of
    those that are done, which become ever more. Locked, where another claim may be at them.
    """
    due = effects.alias("due")
    first = select(due.c.number).where(_first_of_its_lane(due), due.c.due_at <= now)
    in_order = first.order_by(due.c.due_at, due.c.number).limit(limit)
    return in_order.with_for_update(skip_locked=True, of=due)


def _claiming() -> Executable:
    """The claim as one statement. As an array: the planner would run a subquery with locks more than once."""
    these = func.array(_due(bindparam("now"), bindparam("most")).scalar_subquery())
    claimed = update(effects).where(effects.c.number == any_(these))
    set_to = {"worker": bindparam("new_worker"), "due_at": bindparam("until"), "attempts": effects.c.attempts + 1}
    return claimed.values(set_to).returning(effects)


# Built once: every courier asks them all the time.
_CLAIMING = _claiming()
_EARLIEST = select(func.min(effects.c.due_at)).where(_first_of_its_lane(effects))


def _shown_at() -> ColumnElement[str]:
    """The conversation that is shown at the place; empty when none is."""
    there = select(handoffs.c.conversation_id).join(places, places.c.handoff_id == handoffs.c.id)
    here = there.where(places.c.channel == bindparam("channel"), places.c.key == bindparam("place"))
    return func.coalesce(here.order_by(places.c.number.desc()).limit(1).scalar_subquery(), "")


@cache
def _taking_in(is_sqlite: bool, names: tuple[str, ...]) -> Executable:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    insert = sqlite.insert if is_sqlite else postgresql.insert
    taken = insert(effects).values({**values, "conversation_id": _shown_at()})
    once = taken.on_conflict_do_nothing(index_elements=["id"])
    return once.returning(effects.c.number, *(() if is_sqlite else (NOTICE,)))


@cache
def _finishing(is_sqlite: bool) -> Executable:
    """PostgreSQL need not have it on its disk when it answers: what a crash of the server forgets is claimed again when
    its lease ends, as where a courier dies before it could say so.
    """
    these = is_given(effects.c.id, is_sqlite=is_sqlite)
    done = update(effects).where(these, _pending(effects)).values(state="done", worker=bindparam("new_worker"))
    return done if is_sqlite else done.returning(func.set_config("synchronous_commit", "off", True))


class SqlEffects:
    """The effects of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_in(self, told: Sequence[Signalled], now: datetime) -> int:
        """Most say one thing at a time."""
        with self._database.single() if len(told) == 1 else self._database.write() as connection:
            return sum(self._take_in(connection, one, now) for one in told)

    def _take_in(self, connection: Connection, one: Signalled, now: datetime) -> bool:
        row = {**row_of_new(New(one.effect), now), "id": one.id}
        del row["conversation_id"]
        values = {f"new_{name}": value for name, value in row.items()}
        values |= {"channel": one.effect.channel, "place": one.effect.place}
        return connection.execute(_taking_in(self._database.is_sqlite, tuple(row)), values).first() is not None

    def claim(self, now: datetime, worker: str, lease: float, limit: int) -> list[Pending]:
        until = now + timedelta(seconds=lease)
        if self._database.is_sqlite:
            return self._claim_alone(now, worker, until, limit)
        values = {"now": now, "most": limit, "new_worker": worker, "until": until}
        with self._database.single() as connection:
            rows = connection.execute(_CLAIMING, values).all()
        return [_as_pending(row, row.attempts) for row in sorted(rows, key=lambda row: row.number)]

    def _claim_alone(self, now: datetime, worker: str, until: datetime, limit: int) -> list[Pending]:
        """SQLite has one writer, and an order in what it returns only where it selects."""
        with self._database.write() as connection:
            numbers = connection.scalars(_due(now, limit)).all()
            these = effects.c.number.in_(numbers)
            rows = connection.execute(select(effects).where(these).order_by(effects.c.number)).all() if numbers else []
            if rows:
                claimed = update(effects).where(these)
                connection.execute(claimed.values(worker=worker, due_at=until, attempts=effects.c.attempts + 1))
        return [_as_pending(row, row.attempts + 1) for row in rows]

    def done(self, effect_ids: str | Collection[str], worker: str) -> None:
        with self._database.single() as connection:
            ids = ids_given(connection, effects.c.id, rules.several(effect_ids))
            connection.execute(_finishing(self._database.is_sqlite), {"ids": ids, "new_worker": worker})

    def retry(self, effect_id: str, worker: str, at: datetime, error: str) -> None:
        with self._database.single() as connection:
            again = _undone(effect_id).where(effects.c.worker == worker)
            connection.execute(again.values(due_at=at, error=error, worker=None))

    def give_up(self, effect_id: str, worker: str, error: str) -> None:
        with self._database.single() as connection:
            given_up = _undone(effect_id).where(effects.c.worker == worker)
            connection.execute(given_up.values(state="given_up", error=error))

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            earliest: datetime | None = connection.scalar(_EARLIEST)
        return earliest


def _undone(effect_id: str) -> Any:
    return update(effects).where(effects.c.id == effect_id, _pending(effects))


def _as_pending(row: Row[Any], attempts: int) -> Pending:
    return Pending(
        id=row.id,
        handoff_id=row.handoff_id or "",
        conversation_id=row.conversation_id,
        epoch=row.epoch,
        effect=decode_effect(row.kind, row.body),
        attempts=attempts,
        created_at=row.created_at,
    )
