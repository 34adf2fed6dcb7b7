"""Agents, and how many conversations each of them holds."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from rasa_handoff.core.errors import AgentBusy, NotFound
from rasa_handoff.core.handoff import Assign
from rasa_handoff.core.routing import Agent
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import decode, encode
from rasa_handoff.stores.sql import effects
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import agents

_OWN_COLUMNS = ("id", "max_chats", "active_chats", "available", "idle_since")


def move_load(connection: Connection, move: rules.Move, now: datetime) -> None:
    """Free one agent's place and take another's, in the caller's transaction. Errors: AgentBusy."""
    if move.freed is not None:
        freed = update(agents).where(agents.c.id == move.freed, agents.c.active_chats > 0)
        connection.execute(freed.values(active_chats=agents.c.active_chats - 1, idle_since=now))
    if move.taken is not None:
        room = agents.c.available & (agents.c.active_chats < agents.c.max_chats)
        taken = update(agents).where(agents.c.id == move.taken, room)
        if connection.execute(taken.values(active_chats=agents.c.active_chats + 1)).rowcount == 0:
            raise AgentBusy(f"Agent {move.taken} is away or has no free place.")


class SqlAgents:
    """The agents of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agents(self) -> list[Agent]:
        with self._database.read() as connection:
            return [_as_agent(row) for row in connection.execute(select(agents).order_by(agents.c.id))]

    def agent(self, agent_id: str) -> Agent:
        with self._database.read() as connection:
            row = connection.execute(select(agents).where(agents.c.id == agent_id)).first()
        if row is None:
            raise NotFound(f"There is no agent {agent_id}.")
        return _as_agent(row)

    def add_agent(self, agent: Agent, password_hash: str | None = None) -> bool:
        with self._database.append() as connection:
            known = connection.execute(select(agents.c.active_chats).where(agents.c.id == agent.id)).first()
            if known is None:
                connection.execute(insert(agents).values(**_columns(agent), password_hash=password_hash))
                return True
            changes: dict[str, Any] = {"body": _body(agent), "max_chats": agent.max_chats}
            if password_hash is not None:
                changes["password_hash"] = password_hash
            fits = update(agents).where(agents.c.id == agent.id, agents.c.active_chats <= agent.max_chats)
            if connection.execute(fits.values(**changes)).rowcount == 0:
                raise rules.too_few_places(agent, known.active_chats)
            return False

    def password_hash(self, agent_id: str) -> str | None:
        with self._database.read() as connection:
            return connection.scalar(select(agents.c.password_hash).where(agents.c.id == agent_id))

    def set_available(self, agent_id: str, available: bool, now: datetime) -> None:
        changes: dict[str, Any] = {"available": available}
        if available:
            changes["idle_since"] = now
        with self._database.append() as connection:
            found = connection.execute(update(agents).where(agents.c.id == agent_id).values(**changes)).rowcount
            if not found:
                raise NotFound(f"There is no agent {agent_id}.")
            if available:
                effects.add(connection, [Assign()], now)


def _columns(agent: Agent) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in _OWN_COLUMNS} | {"body": _body(agent)}


def _body(agent: Agent) -> dict[str, Any]:
    return {name: value for name, value in encode(agent).items() if name not in _OWN_COLUMNS}


def _as_agent(row: Row[Any]) -> Agent:
    return decode(Agent, row.body | {name: getattr(row, name) for name in _OWN_COLUMNS})
