"""Takeover channels: where they show handoffs, and agents by e-mail.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("agents", sa.Column("email", sa.Text(), nullable=True))
    op.create_index(op.f("ix_agents_email"), "agents", ["email"], unique=False)
    op.create_table(
        "places",
        sa.Column("number", Number, nullable=False),
        sa.Column("handoff_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_places_handoff_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_channel_key_number"), "places", ["channel", "key", "number"], unique=False)
    op.create_index(op.f("ix_places_handoff_id"), "places", ["handoff_id"], unique=False)
