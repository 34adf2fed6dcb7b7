"""Handoffs, their packages and their log."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from rasa_handoff.core.changing import changed
from rasa_handoff.core.effects import Step
from rasa_handoff.core.errors import Conflict, Duplicate, NotFound
from rasa_handoff.core.follow_up import FollowUpState
from rasa_handoff.core.handoff import Event, Handoff, Status
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.ports import Entry
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import decode, decode_text, encode, kind_of, written
from rasa_handoff.stores.sql import agents, at_once, effects
from rasa_handoff.stores.sql.bulk import insert_many
from rasa_handoff.stores.sql.database import Database, Turn
from rasa_handoff.stores.sql.places import note_places
from rasa_handoff.stores.sql.served import note_served
from rasa_handoff.stores.tables import BODY, handoffs, log, packages

# Spelled out in the SQL, so that every plan, a prepared one too, may use the partial index.
_closed = literal(Status.CLOSED.value, literal_execute=True)
_is_open: ColumnElement[bool] = handoffs.c.status != _closed
_OWED, _OVER = (
    [literal(state.value, literal_execute=True) for state in states]
    for states in ((FollowUpState.OPEN, FollowUpState.TAKEN), (FollowUpState.DONE, FollowUpState.FAILED))
)
_queue_order = (handoffs.c.rank, handoffs.c.id)
_is_waiting: ColumnElement[bool] = handoffs.c.status == literal(Status.WAITING.value, literal_execute=True)


_LOOK_BACK = 10


class SqlHandoffs:
    """The handoffs of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, step: Step, package: ContextPackage, now: datetime) -> Handoff:
        new = step.handoff
        with self._database.write() as connection:
            insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
            # On conflict with an open one of the conversation, which this waits for where it is not committed yet.
            inserted = insert(handoffs).values(**row_of(new)).on_conflict_do_nothing().returning(handoffs.c.number)
            if connection.execute(inserted).first() is None:
                already = _first(connection, _bodies(_is_open, handoffs.c.conversation_id == new.conversation_id))
                if already is None:
                    raise Conflict(f"The conversation {new.conversation_id} has just been handed back.")
                return already
            connection.execute(packages.insert().values(handoff_id=new.id, body=encode(package)))
            self._database.take_turn(connection, Turn.NUMBERING)
            connection.execute(log.insert(), [entry_of(new, "started", None, now, rules.started(new, package))])
            effects.add(connection, effects_of(step), now)
        return new

    def commit(self, before: Handoff, step: Step, event: Event, now: datetime, key: str | None = None) -> Handoff:
        after = changed(step.handoff, version=before.version + 1)
        entry, made = entry_of(after, kind_of(event), key, now, written(event)), effects_of(step)
        if self._database.is_sqlite or rules.touches_others(before, after, event):
            self._commit(before, after, event, now, entry, made)
            return after
        with self._database.single() as connection:
            rows = [effects.row_of_new(one, now) for one in made]
            if not at_once.write(connection, row_of(after), entry, rows):
                raise _why_not(connection, before, key)
        return after

    def _commit(
        self,
        before: Handoff,
        after: Handoff,
        event: Event,
        now: datetime,
        entry: dict[str, Any],
        made: list[effects.New],
    ) -> None:
        """What it does to agents, places and statistics comes along."""
        with self._database.write() as connection:
            if entry["key"] is not None and _is_recorded(connection, before.id, entry["key"]):
                raise _happened(before, entry["key"])
            stored = and_(handoffs.c.id == before.id, handoffs.c.version == before.version)
            if connection.execute(update(handoffs).where(stored).values(**row_of(after))).rowcount == 0:
                raise _why_not(connection, before, entry["key"])
            agents.move_load(connection, rules.move(before, after, event), now)
            note_served(connection, before, after)
            note_places(connection, before, after)
            with self._database.pipelined(connection):
                effects.add(connection, made, now)
                self._database.take_turn(connection, Turn.NUMBERING)
                insert_many(connection, log, [entry])

    def get(self, handoff_id: str) -> Handoff:
        with self._database.read() as connection:
            found = _first(connection, _BY_ID, {"id": handoff_id})
        if found is None:
            raise NotFound(f"There is no handoff {handoff_id}.")
        return found

    def newest(self, conversation_id: str) -> Handoff | None:
        with self._database.read() as connection:
            return _first(connection, _NEWEST, {"conversation_id": conversation_id})

    def package(self, handoff_id: str) -> ContextPackage:
        with self._database.read() as connection:
            body = connection.scalar(select(packages.c.body).where(packages.c.handoff_id == handoff_id))
        if body is None:
            raise NotFound(f"There is no handoff {handoff_id}.")
        return decode(ContextPackage, body)

    def handoffs(
        self,
        *,
        open_only: bool = True,
        agent_id: str | None = None,
        departments: Collection[str] | None = None,
        limit: int = 200,
    ) -> list[Handoff]:
        whose = _whose(agent_id, departments)
        found = self._all(_bodies(_is_open, *whose).order_by(*_queue_order).limit(limit))
        if open_only or len(found) == limit:
            return found
        closed = _bodies(handoffs.c.status == _closed, *whose).order_by(handoffs.c.number.desc())
        return found + self._all(closed.limit(limit - len(found)))

    def waiting(self, departments: Collection[str] | None = None, limit: int = 200) -> list[Handoff]:
        whose = [] if departments is None else [handoffs.c.department.in_(departments)]
        return self._all(_bodies(_is_waiting, *whose).order_by(*_queue_order).limit(limit))

    def ahead(self, department: str, place: tuple[int, str] | None = None) -> int:
        earlier = [] if place is None else [tuple_(*_queue_order) < place]
        counted = select(func.count()).where(_is_waiting, handoffs.c.department == department, *earlier)
        with self._database.read() as connection:
            return connection.scalar(counted) or 0

    def earlier(self, handoff: Handoff, limit: int = 5) -> list[Handoff]:
        this = select(handoffs.c.number).where(handoffs.c.id == handoff.id).scalar_subquery()
        same = (handoffs.c.customer_id == handoff.customer_id, handoffs.c.conversation_id == handoff.conversation_id)
        # Each with its own index: an OR over both would read the table.
        found = [
            select(handoffs.c.number, BODY)
            .where(one, handoffs.c.number < this)
            .order_by(handoffs.c.number.desc())
            .limit(limit)
            for one in same
        ]
        with self._database.read() as connection:
            rows = {row.number: row.body for one in found for row in connection.execute(one)}
        return [decode_text(Handoff, rows[number]) for number in sorted(rows, reverse=True)[:limit]]

    def last_agent(self, customer_id: str) -> str | None:
        served = _bodies(handoffs.c.customer_id == customer_id, handoffs.c.agent_id.is_not(None))
        newest_first = self._all(served.order_by(handoffs.c.number.desc()).limit(_LOOK_BACK))
        return next((h.agent_id for h in newest_first if h.accepted_at), None)

    def follow_ups(
        self, *, owed_only: bool = True, departments: Collection[str] | None = None, limit: int = 200
    ) -> list[Handoff]:
        whose, due = _whose(None, departments), (handoffs.c.follow_up_due, handoffs.c.number)
        found = self._all(_bodies(handoffs.c.follow_up_state.in_(_OWED), *whose).order_by(*due).limit(limit))
        if owed_only or len(found) == limit:
            return found
        over = _bodies(handoffs.c.follow_up_state.in_(_OVER), *whose).order_by(*(one.desc() for one in due))
        return found + self._all(over.limit(limit - len(found)))

    def recorded(self, handoff_id: str, key: str) -> bool:
        with self._database.read() as connection:
            return _is_recorded(connection, handoff_id, key)

    def log(self, handoff_id: str, after: int = 0) -> list[Entry]:
        return self._entries(select(log).where(log.c.handoff_id == handoff_id, log.c.seq > after))

    def feed(self, after: int, limit: int = 500) -> list[Entry]:
        return self._entries(select(log).where(log.c.seq > after).limit(limit))

    def last_seq(self) -> int:
        with self._database.read() as connection:
            return connection.scalar(select(func.max(log.c.seq))) or 0

    def _all(self, bodies: Select[Any]) -> list[Handoff]:
        with self._database.read() as connection:
            return [decode_text(Handoff, body) for body in connection.scalars(bodies)]

    def _entries(self, entries: Select[Any]) -> list[Entry]:
        with self._database.read() as connection:
            return [_as_entry(row) for row in connection.execute(entries.order_by(log.c.seq))]


def _whose(agent_id: str | None, departments: Collection[str] | None) -> list[ColumnElement[bool]]:
    either: list[ColumnElement[bool]] = []
    if agent_id is not None:
        either += [handoffs.c.agent_id == agent_id, handoffs.c.invited_id == agent_id]
    if departments is not None:
        either += [handoffs.c.department.in_(departments)]
    return [or_(*either)] if either else []


def _bodies(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(BODY).where(*conditions)


# Built once: they are asked for all the time.
_BY_ID = _bodies(handoffs.c.id == bindparam("id"))
_NEWEST = (
    _bodies(handoffs.c.conversation_id == bindparam("conversation_id")).order_by(handoffs.c.number.desc()).limit(1)
)


def _first(connection: Connection, bodies: Select[Any], values: Mapping[str, Any] | None = None) -> Handoff | None:
    body = connection.scalar(bodies, values)
    return None if body is None else decode_text(Handoff, body)


def row_of(handoff: Handoff) -> dict[str, Any]:
    """The handoff's row."""
    return {
        **offer_columns(handoff),
        "conversation_id": handoff.conversation_id,
        "priority": handoff.priority,
        "queued_at": handoff.queued_at,
        "department": handoff.need.department,
        "rank": handoff.rank,
        "customer_id": handoff.customer_id,
        "follow_up_state": handoff.follow_up.state.value if handoff.follow_up else None,
        "follow_up_due": handoff.follow_up.due_at if handoff.follow_up else None,
    }


def offer_columns(handoff: Handoff) -> dict[str, Any]:
    """The row's id and what an offer changes of it."""
    criteria = handoff.criteria
    return {
        "id": handoff.id,
        "status": handoff.status.value,
        "agent_id": handoff.agent_id,
        "invited_id": handoff.transfer.invited if handoff.transfer else None,
        "wanted": criteria.text if criteria else None,
        "version": handoff.version,
        "body": written(handoff),
    }


def entry_of(handoff: Handoff, kind: str, key: str | None, now: datetime, data: object) -> dict[str, Any]:
    """The row of a log entry; `data` as JSON values, or written already."""
    entry = {"handoff_id": handoff.id, "conversation_id": handoff.conversation_id, "kind": kind, "key": key}
    return {**entry, "at": now, "data": data}


_RECORDED = select(log.c.seq).where(log.c.handoff_id == bindparam("handoff_id"), log.c.key == bindparam("key"))


def _is_recorded(connection: Connection, handoff_id: str, key: str) -> bool:
    return connection.execute(_RECORDED, {"handoff_id": handoff_id, "key": key}).first() is not None


def _why_not(connection: Connection, before: Handoff, key: str | None) -> Conflict | Duplicate:
    """Why a step from there was not written."""
    if key is not None and _is_recorded(connection, before.id, key):
        return _happened(before, key)
    return Conflict(f"The handoff {before.id} was changed by somebody else.")


def _happened(before: Handoff, key: str) -> Duplicate:
    return Duplicate(f"The handoff {before.id} has this event already: {key}.")


def effects_of(step: Step) -> list[effects.New]:
    """The step's effects, as the outbox takes them."""
    after = step.handoff
    return [effects.New(effect, after.id, after.conversation_id, after.epoch) for effect in step.effects]


def _as_entry(row: Row[Any]) -> Entry:
    return Entry(row.seq, row.handoff_id, row.conversation_id, row.kind, row.key, row.at, row.data)
