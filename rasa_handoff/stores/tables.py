"""The tables, as SQLAlchemy Core knows them. `migrations/` brings a database there; a test compares the two.

Text that people write lives inside JSON (of type `json`, not `jsonb`, which refuses the NUL character on
PostgreSQL); ids and keys live in columns of type `Name`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    cast,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from rasa_handoff.core.backports import UTC
from rasa_handoff.stores.codec import storable


class Moment(TypeDecorator[datetime]):
    """An aware datetime, in UTC: `timestamptz` on PostgreSQL, sortable text on SQLite, which has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; pass datetime.now(UTC)")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Name(TypeDecorator[str]):
    """An id, a key or a short text. PostgreSQL has no NUL in text, so here it becomes U+2400, on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or (value.isascii() and value.isprintable()):
            return value
        return storable(value).replace("\x00", "\u2400")


# SQLite counts rows by itself only in a column declared INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# `wanted` is the text of the criteria while somebody is looked for, `rank` the place in the queue.
handoffs = Table(
    "handoffs",
    metadata,
    Column("number", _Number, primary_key=True),
    Column("id", Name, nullable=False, unique=True),
    Column("conversation_id", Name, nullable=False),
    Column("status", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("queued_at", Moment, nullable=False),
    Column("agent_id", Name),
    Column("version", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("department", Name, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("wanted", Name),
    Column("invited_id", Name),
    Column("customer_id", Name, nullable=False),
    Column("follow_up_state", Text),
    Column("follow_up_due", Moment),
    Index(None, "conversation_id", "number"),
    Index(None, "agent_id", "number"),
    Index(None, "customer_id", "number"),
)
_open = text("status <> 'closed'")
Index(
    "one_open_handoff",
    handoffs.c.conversation_id,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)
_owed = text("follow_up_state IN ('open', 'taken')")
Index("owed_by_due", handoffs.c.follow_up_due, handoffs.c.number, sqlite_where=_owed, postgresql_where=_owed)
_waiting = text("status = 'waiting'")
_wanted = text("wanted IS NOT NULL")
_invited = text("invited_id IS NOT NULL")
Index("queue", handoffs.c.wanted, handoffs.c.rank, handoffs.c.id, sqlite_where=_wanted, postgresql_where=_wanted)
Index("waiting_by_rank", handoffs.c.rank, handoffs.c.id, sqlite_where=_waiting, postgresql_where=_waiting)
Index(
    "waiting_by_department",
    handoffs.c.department,
    handoffs.c.rank,
    handoffs.c.id,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index("invited", handoffs.c.invited_id, sqlite_where=_invited, postgresql_where=_invited)


BODY = cast(handoffs.c.body, Text).label("body")
"""A handoff's body as text, which is decoded faster than values are."""


def _of_handoff(**options: Any) -> Column[Any]:
    return Column("handoff_id", Name, ForeignKey("handoffs.id"), **options)


# What the expected wait is computed from: seconds from offered to accepted, and from there to handed back.
served = Table(
    "served",
    metadata,
    Column("number", _Number, primary_key=True),
    _of_handoff(nullable=False),
    Column("department", Name, nullable=False),
    Column("pickup", Float, nullable=False),
    Column("handling", Float, nullable=False),
    Index(None, "department", "number"),
)

packages = Table(
    "packages",
    metadata,
    _of_handoff(primary_key=True),
    Column("body", JSON, nullable=False),
)

log = Table(
    "log",
    metadata,
    Column("seq", _Number, primary_key=True),
    _of_handoff(nullable=False),
    Column("conversation_id", Name, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Name),
    Column("at", Moment, nullable=False),
    Column("data", JSON, nullable=False),
    UniqueConstraint("handoff_id", "key"),
    Index(None, "handoff_id", "seq"),
    sqlite_autoincrement=True,
)

# `due_at` is when the effect may be claimed: a claim moves it to the end of its lease, a retry to the next try.
effects = Table(
    "effects",
    metadata,
    Column("number", _Number, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    _of_handoff(),
    Column("conversation_id", Name, nullable=False),
    Column("lane", Name),
    Column("epoch", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("worker", Name),
    Column("error", Name),
)
_pending = text("state = 'pending'")
Index("pending_by_due", effects.c.due_at, sqlite_where=_pending, postgresql_where=_pending)
Index("pending_by_lane", effects.c.lane, effects.c.number, sqlite_where=_pending, postgresql_where=_pending)

# `profile` is the text of what the agent can do, `load` how full they are in ten-thousandths; the year 1970 in
# `idle_since` stands for "never": a sorted column has no use for nulls, which the two databases sort differently.
agents = Table(
    "agents",
    metadata,
    Column("id", Name, primary_key=True),
    Column("body", JSON, nullable=False),
    Column("profile", Name, nullable=False),
    Column("presence", Text, nullable=False),
    Column("max_chats", Integer, nullable=False),
    Column("active_chats", Integer, nullable=False),
    Column("load", Integer, nullable=False),
    Column("idle_since", Moment, nullable=False),
    Column("seen_at", Moment),
    Column("reachable_until", Moment),
    Column("session", Integer, nullable=False),
    Column("password_hash", Text),
    Column("email", Name),
    CheckConstraint("active_chats >= 0 AND active_chats <= max_chats", name="within_capacity"),
)
_online = text("presence = 'online'")
_free = text("presence = 'online' AND active_chats < max_chats")
Index(
    "free_places",
    agents.c.profile,
    agents.c.load,
    agents.c.idle_since,
    agents.c.id,
    sqlite_where=_free,
    postgresql_where=_free,
)
Index(None, agents.c.email)
Index("online", agents.c.profile, agents.c.id, sqlite_where=_online, postgresql_where=_online)

# Where takeover channels show handoffs. Of one key the newest counts: a platform may have one place for a customer.
places = Table(
    "places",
    metadata,
    Column("number", _Number, primary_key=True),
    _of_handoff(nullable=False),
    Column("channel", Name, nullable=False),
    Column("key", Name, nullable=False),
    Index(None, "channel", "key", "number"),
    Index(None, "handoff_id"),
)

# The bot's questions to agents. At most one is open in a conversation.
questions = Table(
    "questions",
    metadata,
    Column("number", _Number, primary_key=True),
    Column("id", Name, nullable=False, unique=True),
    Column("conversation_id", Name, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", JSON, nullable=False),
    Index(None, "conversation_id", "number"),
)
_asked = text("state = 'open'")
Index(
    "one_open_question",
    questions.c.conversation_id,
    unique=True,
    sqlite_where=_asked,
    postgresql_where=_asked,
)

# When a web chat was last open, of conversations that have, or had, an open handoff.
visits = Table(
    "visits",
    metadata,
    Column("conversation_id", Name, primary_key=True),
    Column("seen_at", Moment, nullable=False),
)

chat = Table(
    "chat",
    metadata,
    Column("seq", _Number, primary_key=True),
    Column("conversation_id", Name, nullable=False),
    Column("id", Name, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", JSON, nullable=False),
    UniqueConstraint("conversation_id", "id"),
    Index(None, "conversation_id", "seq"),
    sqlite_autoincrement=True,
)
