"""Many rows in one statement: on PostgreSQL as one array for each column, which costs a fraction of a row at a time.

The arrays are JSON: drivers write PostgreSQL's own element by element. A column in which all rows agree, as they do in
most, is one value instead.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Executable,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSON as PostgresJSON
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.selectable import Subquery
from sqlalchemy.types import TypeEngine

from rasa_handoff.stores.codec import to_text

Row = Mapping[str, Any]


def insert_many(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows, which have the same columns, numbered in their order."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
    else:
        same, values = _values(connection, table, rows)
        connection.execute(_inserting(table, tuple(rows[0]), same), values)


def update_many(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Set the rows' columns in the row of the same `id`."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        renamed = [{f"new_{name}": value for name, value in row.items()} for row in rows]
        connection.execute(_updating_one(table, names), renamed)
    else:
        same, values = _values(connection, table, rows)
        connection.execute(_updating(table, names, same), values)


def lock_many(connection: Connection, columns: Sequence[Column[Any]], ids: Collection[str], *only: Any) -> list[Any]:
    """The rows of these ids under the conditions `only`, by id; until the transaction ends nobody else changes them.

    The first column is the id.
    """
    if not ids:
        return []
    locking = _locking(tuple(columns), only, connection.dialect.name == "sqlite")
    return list(connection.execute(locking, {"ids": ids_given(connection, columns[0], ids)}).all())


@cache
def _locking(columns: tuple[Column[Any], ...], only: tuple[Any, ...], is_sqlite: bool) -> Executable:
    these = is_given(columns[0], is_sqlite=is_sqlite)
    return select(*columns).where(these, *only).order_by(columns[0]).with_for_update(of=columns[0].table)


def is_given(column: Column[Any], *, is_sqlite: bool) -> ColumnElement[bool]:
    """The column is one of `ids_given`: on PostgreSQL for any number of them one statement, so it is prepared once."""
    if is_sqlite:
        return column.in_(bindparam("ids", expanding=True))
    each = func.json_array_elements_text(cast(bindparam("ids", type_=Text), PostgresJSON))
    return column == any_(func.array(select(each).scalar_subquery()))


def ids_given(connection: Connection, column: Column[Any], ids: Collection[str]) -> Any:
    """What a statement with `is_given` is given as `ids`."""
    values = list(ids)
    return values if connection.dialect.name == "sqlite" else _array(column.type, values, connection.dialect)


@cache
def _inserting(table: Table, names: tuple[str, ...], same: frozenset[str]) -> Executable:
    return insert(table).from_select(names, select(given_rows(table, names, same)))


@cache
def _updating(table: Table, names: tuple[str, ...], same: frozenset[str]) -> Executable:
    given = given_rows(table, names, same)
    values: dict[str, Any] = {name: given.c[name] for name in names if name != "id"}
    return update(table).where(table.c.id == given.c.id).values(values)


@cache
def _updating_one(table: Table, names: tuple[str, ...]) -> Executable:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name != "id"}
    return update(table).where(table.c.id == bindparam("new_id")).values(values)


def given_rows(table: Table, names: tuple[str, ...], same: frozenset[str]) -> Subquery:
    """On PostgreSQL, rows as a table; in the columns `same` all agree. It is given `given_values`."""
    columns = [_same(table, name) if name in same else _each(table, name) for name in names]
    return select(*columns).subquery("given")


def _same(table: Table, name: str) -> ColumnElement[Any]:
    kind = table.c[name].type
    return cast(bindparam(f"all_{name}", type_=kind), kind).label(name)


def _each(table: Table, name: str) -> ColumnElement[Any]:
    kind, given = table.c[name].type, cast(bindparam(f"all_{name}", type_=Text), PostgresJSON)
    if isinstance(kind, JSON):
        return func.json_array_elements(given, type_=kind).label(name)
    return cast(func.json_array_elements_text(given), kind).label(name)


def _values(connection: Connection, table: Table, rows: Sequence[Row]) -> tuple[frozenset[str], dict[str, Any]]:
    """The names of the columns in which all rows agree, and what the statement is given."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    same = frozenset(name for name, values in columns.items() if name != "id" and values.count(values[0]) == len(rows))
    return same, given_values(connection, table, columns, {name: rows[0][name] for name in same})


def given_values(
    connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]], same: Row
) -> dict[str, Any]:
    """What a statement with `given_rows` is given: the values of each column; in those of `same` all rows agree."""
    each = {name: values for name, values in columns.items() if name not in same}
    return {
        **{f"all_{name}": value for name, value in same.items()},
        **{f"all_{name}": _array(table.c[name].type, values, connection.dialect) for name, values in each.items()},
    }


def _array(kind: TypeEngine[Any], values: Sequence[Any], dialect: Dialect) -> str:
    if isinstance(kind, JSON):
        return "[" + ",".join(map(to_text, values)) + "]"
    processed = kind.bind_processor(dialect)
    plain = values if processed is None else list(map(processed, values))
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat)
