"""The first schema.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("max_chats", sa.Integer(), nullable=False),
        sa.Column("active_chats", sa.Integer(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("idle_since", Moment, nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.CheckConstraint("active_chats >= 0 AND active_chats <= max_chats", name=op.f("ck_agents_within_capacity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
    )
    op.create_table(
        "chat",
        sa.Column("seq", Number, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_chat")),
        sa.UniqueConstraint("conversation_id", "id", name=op.f("uq_chat_conversation_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_chat_conversation_id_seq"), "chat", ["conversation_id", "seq"], unique=False)
    op.create_table(
        "handoffs",
        sa.Column("number", Number, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("queued_at", Moment, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_handoffs")),
        sa.UniqueConstraint("id", name=op.f("uq_handoffs_id")),
    )
    op.create_index(op.f("ix_handoffs_agent_id_number"), "handoffs", ["agent_id", "number"], unique=False)
    op.create_index(op.f("ix_handoffs_conversation_id_number"), "handoffs", ["conversation_id", "number"], unique=False)
    op.create_index(
        "one_open_handoff",
        "handoffs",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'closed'"),
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.create_table(
        "effects",
        sa.Column("number", Number, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("handoff_id", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_effects_handoff_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_effects")),
        sa.UniqueConstraint("id", name=op.f("uq_effects_id")),
    )
    op.create_index(
        "pending_by_due",
        "effects",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "pending_by_lane",
        "effects",
        ["lane", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "log",
        sa.Column("seq", Number, nullable=False),
        sa.Column("handoff_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_log_handoff_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log")),
        sa.UniqueConstraint("handoff_id", "key", name=op.f("uq_log_handoff_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_log_handoff_id_seq"), "log", ["handoff_id", "seq"], unique=False)
    op.create_table(
        "packages",
        sa.Column("handoff_id", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_packages_handoff_id")),
        sa.PrimaryKeyConstraint("handoff_id", name=op.f("pk_packages")),
    )
