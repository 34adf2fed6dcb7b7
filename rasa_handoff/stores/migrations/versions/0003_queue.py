"""The queue: what is looked for and who is free, as columns that can be indexed; where agents are.

Revision ID: 0003
Revises: 0002
"""

import json
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)
NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    _add(
        "handoffs",
        sa.Column("department", sa.Text(), nullable=False, server_default=""),
        sa.Column("rank", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("wanted", sa.Text(), nullable=True),
        sa.Column("invited_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=False, server_default=""),
    )
    op.create_index(op.f("ix_handoffs_customer_id_number"), "handoffs", ["customer_id", "number"], unique=False)
    _add(
        "agents",
        sa.Column("profile", sa.Text(), nullable=False, server_default=""),
        sa.Column("presence", sa.Text(), nullable=False, server_default="offline"),
        sa.Column("load", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("seen_at", Moment, nullable=True),
        sa.Column("reachable_until", Moment, nullable=True),
        sa.Column("session", sa.Integer(), nullable=False, server_default="0"),
    )
    _fill_agents()
    _fill_handoffs()
    with op.batch_alter_table("agents") as batch:
        batch.drop_column("available")
        batch.alter_column("idle_since", existing_type=Moment, nullable=False)
    _index("queue", "handoffs", ["wanted", "rank", "id"], "wanted IS NOT NULL")
    _index("waiting_by_rank", "handoffs", ["rank", "id"], "status = 'waiting'")
    _index("waiting_by_department", "handoffs", ["department", "rank", "id"], "status = 'waiting'")
    _index("invited", "handoffs", ["invited_id"], "invited_id IS NOT NULL")
    free = "presence = 'online' AND active_chats < max_chats"
    _index("free_places", "agents", ["profile", "load", "idle_since", "id"], free)
    _index("online", "agents", ["profile", "id"], "presence = 'online'")


def _fill_agents() -> None:
    """Skills had no levels. Everybody is offline until they sign in again."""
    agents = sa.table("agents", *(sa.column(name) for name in ("id", "profile", "load", "active_chats", "max_chats")),
                      sa.column("body", sa.JSON), sa.column("idle_since", Moment))
    connection = op.get_bind()
    for row in connection.execute(sa.select(agents)).all():
        body = dict(row.body) | {"skills": _levels(row.body.get("skills"))}
        profile = [body["department"], sorted(body.get("languages") or ["en"]), sorted(body["skills"].items())]
        connection.execute(
            agents.update().where(agents.c.id == row.id).values(
                body=body, profile=_text(profile), load=row.active_chats * 10_000 // max(row.max_chats, 1)
            )
        )
    connection.execute(agents.update().where(agents.c.idle_since.is_(None)).values(idle_since=NEVER))


def _fill_handoffs() -> None:
    """The ranks are those of an ageing of one point a minute, the default of handoffs that began before."""
    names = ("id", "status", "priority", "department", "rank", "wanted", "customer_id", "conversation_id")
    handoffs = sa.table("handoffs", *(sa.column(name) for name in names),
                        sa.column("body", sa.JSON), sa.column("queued_at", Moment))
    connection = op.get_bind()
    for row in connection.execute(sa.select(handoffs)).all():
        need = dict(row.body["need"]) | {"skills": _levels(row.body["need"].get("skills"))}
        body = dict(row.body) | {"need": need, "customer_id": row.conversation_id}
        wanted = [[need["department"]], need.get("language", "en"), sorted(need["skills"].items())]
        at = row.queued_at if row.queued_at.tzinfo else row.queued_at.replace(tzinfo=timezone.utc)
        connection.execute(
            handoffs.update().where(handoffs.c.id == row.id).values(
                body=body,
                department=need["department"],
                rank=round(at.timestamp() * 1_000_000) - row.priority * 60_000_000,
                wanted=_text(wanted) if row.status == "waiting" else None,
                customer_id=row.conversation_id,
            )
        )


def _levels(skills: Any) -> dict[str, int]:
    return dict(skills) if isinstance(skills, dict) else dict.fromkeys(skills or (), 1)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
