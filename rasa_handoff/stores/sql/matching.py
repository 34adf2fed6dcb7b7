"""Offers by the batch: one transaction for all that a plan finds."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from rasa_handoff.core.effects import Step
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.planning import Match
from rasa_handoff.core.routing import load_of
from rasa_handoff.core.step import step
from rasa_handoff.ports import Choose
from rasa_handoff.stores.codec import kind_of, written
from rasa_handoff.stores.sql import effects
from rasa_handoff.stores.sql.agents import is_free
from rasa_handoff.stores.sql.bulk import insert_many, update_many
from rasa_handoff.stores.sql.candidates import SqlCandidates
from rasa_handoff.stores.sql.database import Database, Turn
from rasa_handoff.stores.sql.handoffs import entry_of, row_of
from rasa_handoff.stores.tables import agents, handoffs, log

_OFFERED = ("id", "status", "agent_id", "invited_id", "wanted", "version", "body")


class SqlMatching:
    """Matches the queue with the agents of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def match(self, choose: Choose, now: datetime) -> int:
        with self._database.read() as connection:  # most of the time there is nothing to do
            if not SqlCandidates(connection).may_match():
                return 0
        with self._database.write() as connection:
            self._database.take_turn(connection, Turn.MATCHING)
            chosen = choose(SqlCandidates(connection))
            kept = _with_room(connection, _unchanged(connection, chosen))
            if kept:
                self._offer(connection, kept, now)
        return len(chosen)

    def _offer(self, connection: Connection, matches: Sequence[Match], now: datetime) -> None:
        steps = [_stepped(match, now) for match in matches]
        update_many(connection, handoffs, [_changed(after.handoff) for after in steps])
        self._database.take_turn(connection, Turn.NUMBERING)
        insert_many(connection, log, [_entry(match, after, now) for match, after in zip(matches, steps, strict=True)])
        new = [
            effects.New(effect, after.handoff.id, after.handoff.conversation_id, after.handoff.epoch)
            for after in steps
            for effect in after.effects
        ]
        effects.add(connection, new, now)


def _unchanged(connection: Connection, matches: Sequence[Match]) -> list[Match]:
    """Those whose handoff is still as the plan saw it. Locks them; every writer locks handoffs before agents."""
    ids = [match.handoff.id for match in matches]
    rows = select(handoffs.c.id, handoffs.c.version).where(handoffs.c.id.in_(ids)).order_by(handoffs.c.id)
    locked = connection.execute(rows.with_for_update(of=handoffs)) if ids else ()
    versions = {row.id: row.version for row in locked}
    return [match for match in matches if versions.get(match.handoff.id) == match.handoff.version]


def _with_room(connection: Connection, matches: Iterable[Match]) -> list[Match]:
    """Those whose agent still has a place, which is taken. Locks the agents, in the order of their ids."""
    wanted = sorted({match.event.agent_id for match in matches})
    columns = (agents.c.id, agents.c.active_chats, agents.c.max_chats)
    rows = select(*columns).where(agents.c.id.in_(wanted), is_free).order_by(agents.c.id)
    free = {row.id: row for row in connection.execute(rows.with_for_update(of=agents))} if wanted else {}
    loads = {agent_id: row.active_chats for agent_id, row in free.items()}
    kept = []
    for match in matches:
        agent_id = match.event.agent_id
        if agent_id in free and loads[agent_id] < free[agent_id].max_chats:
            loads[agent_id] += 1
            kept.append(match)
    fuller = [
        {"id": agent_id, "active_chats": load, "load": load_of(load, free[agent_id].max_chats)}
        for agent_id, load in loads.items()
        if load != free[agent_id].active_chats
    ]
    update_many(connection, agents, fuller)
    return kept


def _stepped(match: Match, now: datetime) -> Step:
    after = step(match.handoff, match.event, now)
    return replace(after, handoff=replace(after.handoff, version=match.handoff.version + 1))


def _changed(handoff: Handoff) -> dict[str, Any]:
    """The columns of the row that an offer changes."""
    row = row_of(handoff)
    return {name: row[name] for name in _OFFERED}


def _entry(match: Match, after: Step, now: datetime) -> dict[str, Any]:
    return entry_of(after.handoff, kind_of(match.event), None, now, written(match.event))
