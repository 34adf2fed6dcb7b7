"""Offers by the batch: one transaction for all that a plan finds."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from rasa_handoff.core.changing import changed
from rasa_handoff.core.effects import Step
from rasa_handoff.core.planning import Match
from rasa_handoff.core.routing import load_of
from rasa_handoff.core.step import step
from rasa_handoff.ports import Choose
from rasa_handoff.stores.codec import kind_of, written
from rasa_handoff.stores.sql import effects
from rasa_handoff.stores.sql.agents import is_free
from rasa_handoff.stores.sql.bulk import insert_many, lock_many, update_many
from rasa_handoff.stores.sql.candidates import SqlCandidates
from rasa_handoff.stores.sql.database import Database, Turn
from rasa_handoff.stores.sql.handoffs import effects_of, entry_of, offer_columns
from rasa_handoff.stores.tables import agents, handoffs, log

_AT_ONCE = 64
"""Rows in one statement: the server works on them while we write the next."""


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
            kept, fuller = _with_room(connection, _unchanged(connection, chosen))
            if kept:
                with self._database.pipelined(connection):
                    update_many(connection, agents, fuller)
                    self._offer(connection, kept, now)
        return len(chosen)

    def _offer(self, connection: Connection, matches: Sequence[Match], now: datetime) -> None:
        steps: list[Step] = []
        for begin in range(0, len(matches), _AT_ONCE):
            some = [_stepped(match, now) for match in matches[begin : begin + _AT_ONCE]]
            update_many(connection, handoffs, [offer_columns(after.handoff) for after in some])
            effects.add(connection, [new for after in some for new in effects_of(after)], now)
            steps += some
        self._database.take_turn(connection, Turn.NUMBERING)
        insert_many(connection, log, [_entry(match, after, now) for match, after in zip(matches, steps, strict=True)])


def _unchanged(connection: Connection, matches: Sequence[Match]) -> list[Match]:
    """Those whose handoff is still as the plan saw it. Locks them; every writer locks handoffs before agents."""
    ids = [match.handoff.id for match in matches]
    locked = lock_many(connection, (handoffs.c.id, handoffs.c.version), ids)
    versions = {row.id: row.version for row in locked}
    return [match for match in matches if versions.get(match.handoff.id) == match.handoff.version]


def _with_room(connection: Connection, matches: Iterable[Match]) -> tuple[list[Match], list[dict[str, Any]]]:
    """Those whose agent still has a place; and what to set with the agents. Locks them, in the order of their ids."""
    columns = (agents.c.id, agents.c.active_chats, agents.c.max_chats)
    locked = lock_many(connection, columns, {match.event.agent_id for match in matches}, is_free)
    free = {row.id: row for row in locked}
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
    return kept, fuller


def _stepped(match: Match, now: datetime) -> Step:
    after = step(match.handoff, match.event, now)
    return Step(changed(after.handoff, version=match.handoff.version + 1), after.effects)


def _entry(match: Match, after: Step, now: datetime) -> dict[str, Any]:
    return entry_of(after.handoff, kind_of(match.event), None, now, written(match.event))
