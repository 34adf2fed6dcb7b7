"""Agents: where they are, and how many conversations each of them holds."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from rasa_handoff.core.backports import UTC
from rasa_handoff.core.errors import NotFound
from rasa_handoff.core.need import Profile
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.ports import GRACE, Staff
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import decode, encode
from rasa_handoff.stores.sql import effects
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import agents

_OWN_COLUMNS = ("id", "presence", "max_chats", "active_chats", "idle_since", "seen_at", "reachable_until", "session")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def load_of(active: ColumnElement[int]) -> ColumnElement[int]:
    """The `load` of so many chats: a whole number, on both databases."""
    return active * 10_000 // agents.c.max_chats


def move_load(connection: Connection, move: rules.Move, now: datetime) -> None:
    """Free places and take others, in the caller's transaction. Errors: AgentBusy.

    In the order of the agents' ids, so that no two transactions wait for each other.
    """
    for agent_id in sorted(move.freed | move.taken):
        if agent_id in move.freed:
            _free(connection, agent_id, now)
        elif not _take(connection, agent_id, move.presences):
            raise rules.no_place(agent_id)


def _free(connection: Connection, agent_id: str, now: datetime) -> None:
    fewer = agents.c.active_chats - 1
    freed = update(agents).where(agents.c.id == agent_id, agents.c.active_chats > 0)
    connection.execute(freed.values(active_chats=fewer, load=load_of(fewer), idle_since=now))


def _take(connection: Connection, agent_id: str, presences: tuple[Presence, ...]) -> bool:
    more = agents.c.active_chats + 1
    room = agents.c.presence.in_(presences) & (agents.c.active_chats < agents.c.max_chats)
    taken = update(agents).where(agents.c.id == agent_id, room)
    return connection.execute(taken.values(active_chats=more, load=load_of(more))).rowcount == 1


class SqlAgents:
    """The agents of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agents(self) -> list[Agent]:
        with self._database.read() as connection:
            return [as_agent(row) for row in connection.execute(select(agents).order_by(agents.c.id))]

    def agent(self, agent_id: str) -> Agent:
        with self._database.read() as connection:
            row = connection.execute(select(agents).where(agents.c.id == agent_id)).first()
        if row is None:
            raise NotFound(f"There is no agent {agent_id}.")
        return as_agent(row)

    def add_agent(self, agent: Agent, password_hash: str | None = None) -> bool:
        with self._database.write() as connection:
            insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
            new = insert(agents).values(**row_of_agent(agent), password_hash=password_hash).on_conflict_do_nothing()
            if connection.execute(new.returning(agents.c.id)).first():
                return True
            changes = _described(agent) | ({} if password_hash is None else {"password_hash": password_hash})
            fits = update(agents).where(agents.c.id == agent.id, agents.c.active_chats <= agent.max_chats)
            changed = fits.values(**changes, load=agents.c.active_chats * 10_000 // agent.max_chats)
            if connection.execute(changed).rowcount == 0:
                held = connection.scalar(select(agents.c.active_chats).where(agents.c.id == agent.id))
                raise rules.too_few_places(agent, held or 0)
            return False

    def agent_by_email(self, email: str) -> Agent | None:
        with self._database.read() as connection:
            found = select(agents).where(agents.c.email == email.lower()).order_by(agents.c.id).limit(1)
            row = connection.execute(found).first()
        return None if row is None else as_agent(row)

    def password_hash(self, agent_id: str) -> str | None:
        with self._database.read() as connection:
            return connection.scalar(select(agents.c.password_hash).where(agents.c.id == agent_id))

    def staff(self) -> list[Staff]:
        free = func.sum(agents.c.max_chats - agents.c.active_chats)
        online = select(
            agents.c.profile,
            func.count().label("agents"),
            free.label("free"),
            func.sum(agents.c.max_chats).label("places"),
        ).where(is_online)
        with self._database.read() as connection:
            rows = connection.execute(online.group_by(agents.c.profile)).all()
        return [Staff(Profile.parse(row.profile), row.agents, int(row.free), int(row.places)) for row in rows]

    def colleagues(self, limit: int = 50) -> list[Agent]:
        there = select(agents).where(agents.c.presence.in_((Presence.ONLINE, Presence.BUSY)))
        with self._database.read() as connection:
            rows = connection.execute(there.order_by(agents.c.load, agents.c.id).limit(limit)).all()
        return [as_agent(row) for row in rows]

    def set_presence(self, agent_id: str, presence: Presence, now: datetime, grace: timedelta = GRACE) -> None:
        with self._database.write() as connection:
            row = connection.execute(select(agents).where(agents.c.id == agent_id).with_for_update()).first()
            if row is None:
                raise NotFound(f"There is no agent {agent_id}.")
            before = as_agent(row)
            after = rules.present(before, presence, now)
            changed = {name: getattr(after, name) for name in ("presence", "seen_at", "session")}
            idle_since = after.idle_since or _NEVER
            connection.execute(update(agents).where(agents.c.id == agent_id).values(**changed, idle_since=idle_since))
            new = [effects.New(effect) for effect in rules.on_presence(before, after, now, grace)]
            effects.add(connection, new, now)
            self._database.notify(connection)

    def seen(self, agent_ids: Collection[str], now: datetime) -> None:
        these = select(agents.c.id).where(agents.c.id.in_(agent_ids))
        free = these.with_for_update(skip_locked=True)  # whoever is being changed is seen the next time
        with self._database.write() as connection:
            connection.execute(update(agents).where(agents.c.id.in_(free.scalar_subquery())).values(seen_at=now))

    def reachable(self, agent_id: str, until: datetime) -> None:
        with self._database.write() as connection:
            found = connection.execute(update(agents).where(agents.c.id == agent_id).values(reachable_until=until))
            if not found.rowcount:
                raise NotFound(f"There is no agent {agent_id}.")


# Spelled out in the SQL, so that every plan, a prepared one too, may use the partial indexes.
is_online: ColumnElement[bool] = agents.c.presence == literal(Presence.ONLINE.value, literal_execute=True)
is_free = is_online & (agents.c.active_chats < agents.c.max_chats)


def row_of_agent(agent: Agent) -> dict[str, Any]:
    """The agent's row, without the password."""
    own = {name: getattr(agent, name) for name in _OWN_COLUMNS} | {"idle_since": agent.idle_since or _NEVER}
    return own | _described(agent) | {"load": agent.load}


def _described(agent: Agent) -> dict[str, Any]:
    body = {name: value for name, value in encode(agent).items() if name not in _OWN_COLUMNS}
    email = agent.email.lower() if agent.email else None
    return {"body": body, "profile": agent.profile.text, "max_chats": agent.max_chats, "email": email}


def as_agent(row: Row[Any]) -> Agent:
    own = {name: getattr(row, name) for name in _OWN_COLUMNS}
    return decode(Agent, row.body | own | {"idle_since": idle_since(row)})


def idle_since(row: Row[Any]) -> datetime | None:
    """Since when the row's agent is idle."""
    return None if row.idle_since == _NEVER else row.idle_since
