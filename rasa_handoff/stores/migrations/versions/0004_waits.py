"""What the expected wait is computed from, and follow-ups.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OWED = sa.text("follow_up_state IN ('open', 'taken')")


def upgrade() -> None:
    op.add_column("handoffs", sa.Column("follow_up_state", sa.Text(), nullable=True))
    op.add_column("handoffs", sa.Column("follow_up_due", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "owed_by_due",
        "handoffs",
        ["follow_up_due", "number"],
        unique=False,
        sqlite_where=OWED,
        postgresql_where=OWED,
    )
    op.create_table(
        "served",
        sa.Column("number", Number, nullable=False),
        sa.Column("handoff_id", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("pickup", sa.Float(), nullable=False),
        sa.Column("handling", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_served_handoff_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_served")),
    )
    op.create_index(op.f("ix_served_department_number"), "served", ["department", "number"], unique=False)
