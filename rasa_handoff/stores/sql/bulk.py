"""Many rows in one statement: on PostgreSQL as one array for each column, which costs a fraction of a row at a time."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import JSON, Connection, Executable, Table, Text, bindparam, cast, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import JSON as PostgresJSON
from sqlalchemy.sql.selectable import Subquery

from rasa_handoff.stores.codec import to_text

Row = Mapping[str, Any]


def insert_many(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows, which have the same columns, numbered in their order."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
    else:
        connection.execute(_inserting(table, tuple(rows[0])), _arrays(table, rows))


def update_many(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Set the rows' columns in the row of the same `id`."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        renamed = [{f"new_{name}": value for name, value in row.items()} for row in rows]
        connection.execute(_updating_one(table, names), renamed)
    else:
        connection.execute(_updating(table, names), _arrays(table, rows))


@cache
def _inserting(table: Table, names: tuple[str, ...]) -> Executable:
    return insert(table).from_select(names, select(_given(table, names)))


@cache
def _updating(table: Table, names: tuple[str, ...]) -> Executable:
    given = _given(table, names)
    values: dict[str, Any] = {name: given.c[name] for name in names if name != "id"}
    return update(table).where(table.c.id == given.c.id).values(values)


@cache
def _updating_one(table: Table, names: tuple[str, ...]) -> Executable:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name != "id"}
    return update(table).where(table.c.id == bindparam("new_id")).values(values)


def _given(table: Table, names: tuple[str, ...]) -> Subquery:
    """The rows as a table. JSON comes as one array of JSON: a text array would be escaped character by character."""
    columns = []
    for name in names:
        kind, given = table.c[name].type, bindparam(f"all_{name}", type_=ARRAY(table.c[name].type))
        if isinstance(kind, JSON):
            each = func.json_array_elements(cast(bindparam(f"all_{name}", type_=Text), PostgresJSON), type_=kind)
        else:
            each = func.unnest(given, type_=kind)
        columns.append(each.label(name))
    return select(*columns).subquery("given")


def _arrays(table: Table, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        f"all_{name}": _json([row[name] for row in rows])
        if isinstance(table.c[name].type, JSON)
        else [row[name] for row in rows]
        for name in rows[0]
    }


def _json(values: list[Any]) -> str:
    return "[" + ",".join(map(to_text, values)) + "]"
