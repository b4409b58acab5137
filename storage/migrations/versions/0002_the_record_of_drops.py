"""The record of drops: repeats are counted, and one index answers every question about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "drop_record", sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column("drop_record", sa.Column("first_at", Big, nullable=True))
    op.drop_index("drop_record_by_time", "drop_record")
    op.create_index(
        "drop_record_by_time",
        "drop_record",
        ["at", "segment_id", "verdict", "principal_id", "folder_name"],
        unique=False,
    )
