"""The database as the SQL store uses it: connections, three kinds of transaction, and our errors for its errors."""

import select as select_io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import IntEnum
from threading import Lock
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import URL, ColumnElement, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InvalidatePoolError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from rasa_handoff.core.errors import SettingsError, Unreachable
from rasa_handoff.stores.codec import to_text
from rasa_handoff.stores.sql.listening import CHANNEL, listening

WAIT = 10
"""Seconds to wait for a connection, or for another writer."""


NOTICE = func.pg_notify(CHANNEL, "")
"""Wakes whoever listens, when it is committed. PostgreSQL only."""


RESTED = 1.0
"""Seconds after which a connection is looked at before it is used again."""
_RESTING_SINCE = "resting_since"


class Turn(IntEnum):
    """What transactions do one at a time: our advisory locks on PostgreSQL."""

    NUMBERING = 0x68616E64
    MATCHING = 0x68616E65
    MIGRATION = 0x68616E66


class Database:
    """One database, opened lazily. Safe from several threads; not to be carried over a fork."""

    def __init__(self, url: str) -> None:
        self.url = parse(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)
        # Not on the engine itself: up to some 2.0 a connection that wrote would come back without it.
        reading = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reader = self._engine.execution_options(**reading)
        self._writer = self._engine.execution_options(writes=True)
        # SQLite's waiting writers poll for the lock and may lose every time; within a process they queue up instead.
        self._turn = Lock() if self.is_sqlite else nullcontext()

    def __str__(self) -> str:
        return self.url.set(drivername=self.url.get_backend_name()).render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """For a single SELECT: no transaction, so no further round trips."""
        with self._translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that changes rows; on SQLite it is the only writer from its beginning."""
        with self._turn, self._translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """For a single statement that changes rows: it is a transaction by itself, without further round trips."""
        with self.write() if self.is_sqlite else self.read() as connection:
            yield connection

    def take_turn(self, connection: Connection, turn: Turn) -> None:
        """Wait until no other transaction, in any process, is in this turn; it lasts until the transaction ends.

        Numbering: PostgreSQL hands out numbers before it commits, so that 8 can be seen while 7 is still to come, and
        a reader that goes on after 8 misses 7 for ever. So whoever writes to the log takes this turn first, as the
        last thing before the commit and with all rows locked: whoever has it waits for nobody, and numbers rise in
        commit order. SQLite has one writer anyway.
        """
        if not self.is_sqlite:
            lock = func.pg_advisory_xact_lock(turn.value)
            connection.execute(select(lock, *(self.notice() if turn is Turn.NUMBERING else ())))

    def notify(self, connection: Connection) -> None:
        """When this transaction commits, whoever listens is woken."""
        if not self.is_sqlite:
            connection.execute(select(*self.notice()))

    def notice(self) -> tuple[ColumnElement[Any], ...]:
        """What a statement selects or returns beside its own to wake whoever listens, once it is committed."""
        return () if self.is_sqlite else (NOTICE,)

    @contextmanager
    def pipelined(self, connection: Connection) -> Iterator[None]:
        """Statements whose results nobody reads are sent without waiting for the one before; on leaving, all are done.

        So the server works on one while we write the next.
        """
        driver: Any = connection.connection.driver_connection
        with nullcontext() if self.is_sqlite else driver.pipeline():
            yield

    def listen(self, notify: Callable[[], object]) -> AbstractContextManager[None]:
        """As `Store.listen`."""
        return nullcontext() if self.is_sqlite else listening(self.url, notify)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The one place where the database's errors become ours. What only a bug can cause is let through."""
        try:
            yield
        except (DataError, IntegrityError, ProgrammingError):
            raise
        except (DatabaseError, InterfaceError, PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as error:
            cause = getattr(error, "orig", None) or error
            reason = str(cause).strip().partition("\n")[0]
            raise Unreachable(f"The database {self} cannot be used: {reason}. {self._advice}") from error

    @property
    def _advice(self) -> str:
        if self.is_sqlite:
            return (
                "Check that the directory exists, that this user may write there, and that no other process locks it."
            )
        return "Check HANDOFF_DATABASE_URL, that the server runs, and that it lets this user in."


def parse(url: str) -> URL:
    """The URL with its driver. Errors: SettingsError."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SettingsError("HANDOFF_DATABASE_URL is no URL; write sqlite:///handoff.sqlite, for instance.") from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database in (None, "", ":memory:"):
            raise SettingsError("HANDOFF_DATABASE_URL names no SQLite file; for a store in memory write memory://")
        case "sqlite":
            return parsed
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise SettingsError(
                f"HANDOFF_DATABASE_URL begins with {other}:, which is not supported; "
                "use sqlite:///file or postgresql://user:password@host/database."
            )


def _postgresql(url: URL) -> Engine:
    limits = f"-c lock_timeout={WAIT}s -c statement_timeout={3 * WAIT}s -c idle_in_transaction_session_timeout={WAIT}s"
    engine = create_engine(
        url,
        json_serializer=to_text,
        pool_timeout=WAIT,
        max_overflow=15,
        connect_args={"connect_timeout": WAIT, "options": limits},
    )
    event.listen(engine, "checkout", _look_at_rested)
    event.listen(engine, "checkin", _rest)
    return engine


def _rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_RESTING_SINCE] = monotonic()


def _look_at_rested(connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
    """A connection that was cut while it rested is replaced, with all others. To ask each time would be a round trip
    for each transaction: a server that ends one says so, and of a network that does not it is asked after a while.
    """
    since = record.info.get(_RESTING_SINCE)
    if since is None or (monotonic() - since < RESTED and not _has_something_to_read(connection)):
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def _has_something_to_read(connection: Any) -> bool:
    poll = select_io.poll()
    poll.register(connection.fileno(), select_io.POLLIN)
    return bool(poll.poll(0))


def _sqlite(url: URL) -> Engine:
    connect_args = {"timeout": WAIT}  # sets busy_timeout
    engine = create_engine(
        url, json_serializer=to_text, pool_size=20, max_overflow=20, pool_timeout=WAIT, connect_args=connect_args
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: DBAPIConnection, _record: Any) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # we begin transactions ourselves, below
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin(connection: Connection) -> None:
    """SQLite cannot turn a reader into a writer when another one came in between: write transactions begin as such."""
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
