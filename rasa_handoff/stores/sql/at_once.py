"""A step of one handoff on PostgreSQL as one statement, and so one round trip: most steps touch nothing else."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, cast, exists, func, insert, select, true, update

from rasa_handoff.stores.sql.bulk import given_rows, given_values
from rasa_handoff.stores.sql.database import NOTICE, Turn
from rasa_handoff.stores.tables import effects, handoffs, log

_OF_ALL = ("handoff_id", "conversation_id", "epoch", "state", "attempts", "created_at")
_OF_EACH = ("id", "lane", "kind", "body", "due_at")
"""The columns of effects: those in which all of one step agree, and the others."""


def write(
    connection: Connection,
    stored: Mapping[str, Any],
    entry: Mapping[str, Any],
    made: Sequence[Mapping[str, Any]],
) -> bool:
    """Write the handoff's row, if its version is the one before, with the log entry and the effects it made.

    False: it is another version, or there is an entry of the same key. Nothing is written then.
    """
    values = {f"new_{name}": value for name, value in stored.items()}
    values |= {f"log_{name}": value for name, value in entry.items()}
    values["old_version"] = stored["version"] - 1
    same = {name: made[0][name] if made else None for name in _OF_ALL}
    values |= given_values(connection, effects, {name: [row[name] for row in made] for name in _OF_EACH}, same)
    return connection.execute(_writing(tuple(stored), tuple(entry)), values).first() is not None


@cache
def _writing(stored_names: tuple[str, ...], entry_names: tuple[str, ...]) -> Executable:
    """As the parts of one statement see each other's rows only where they read from each other, they do so in turn."""
    of_key = exists().where(log.c.handoff_id == bindparam("new_id"), log.c.key == bindparam("log_key"))
    before = (handoffs.c.id == bindparam("new_id"), handoffs.c.version == bindparam("old_version"))
    set_to: dict[str, Any] = {name: bindparam(f"new_{name}") for name in stored_names if name != "id"}
    stored = update(handoffs).where(*before, ~of_key).values(set_to).returning(handoffs.c.id).cte("stored")

    rows = given_rows(effects, (*_OF_EACH, *_OF_ALL), frozenset(_OF_ALL))
    new = select(*rows.c).select_from(rows.join(stored, true()))
    made = insert(effects).from_select([column.name for column in rows.c], new).cte("made")

    turn = select(func.pg_advisory_xact_lock(Turn.NUMBERING.value), NOTICE).select_from(stored).cte("turn")
    said = [cast(bindparam(f"log_{name}", type_=log.c[name].type), log.c[name].type) for name in entry_names]
    noted = insert(log).from_select(entry_names, select(*said).select_from(turn))
    return noted.returning(log.c.seq).add_cte(made)
