"""Activities as messages, and open ones as folders.

The messages of the activities that are there are made afterwards by the server: all are marked as
due here, quietly, so that nobody finds thousands of unread ones.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "activity_due",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("due_at", Big, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("doer_id", sa.Integer(), nullable=True),
        sa.Column("doer_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("quiet", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"]),
        sa.PrimaryKeyConstraint("activity_id"),
    )
    op.create_index(
        "activity_due_in_order", "activity_due", ["quiet", "due_at", "activity_id"], unique=False
    )
    op.create_table(
        "activity_revision",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", Big, nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"]),
        sa.PrimaryKeyConstraint("activity_id"),
    )
    op.create_table(
        "rendering",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("stored_message_id", sa.Integer(), nullable=True),
        sa.Column("made_at", Big, nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"]),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"]),
        sa.ForeignKeyConstraint(["stored_message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rendering_activity_id", "rendering", ["activity_id"], unique=False)
    op.create_index(
        "ix_rendering_stored_message_id", "rendering", ["stored_message_id"], unique=False
    )
    op.create_index(
        "rendering_by_message_id", "rendering", ["segment_id", "message_id"], unique=False
    )
    op.create_index("rendering_by_identity", "rendering", ["segment_id", "identity"], unique=False)

    op.create_index(
        "activity_by_state", "activity", ["state_id", "type_id", "modified_at"], unique=False
    )
    op.add_column(
        "activity_group",
        sa.Column("shows_attachments", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("segment", sa.Column("activity_url", sa.String(), nullable=True))
    op.add_column(
        "contact", sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "email_address",
        sa.Column("is_first", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("folder", sa.Column("activity_id", sa.Integer(), nullable=True))
    op.add_column("folder", sa.Column("place", sa.Integer(), nullable=True))
    op.create_index(
        "ix_activity_reporting_contact_id", "activity", ["reporting_contact_id"], unique=False
    )
    op.create_index(
        "ix_follow_up_author_contact_id", "follow_up", ["author_contact_id"], unique=False
    )
    op.create_index("ix_media_stored_message_id", "media", ["stored_message_id"], unique=False)
    op.create_index(
        "ix_expunged_entry_stored_message_id", "expunged_entry", ["stored_message_id"], unique=False
    )
    op.create_index(
        "drop_record_by_message_id",
        "drop_record",
        ["segment_id", "message_id"],
        unique=False,
        sqlite_where=sa.text("is_wrapper = 1"),
        postgresql_where=sa.text("is_wrapper"),
    )
    op.create_index("ix_folder_activity_id", "folder", ["activity_id"], unique=False)
    op.execute(
        "INSERT INTO activity_due (activity_id, due_at, version, quiet)"
        " SELECT activity.id, 0, 1, 1 FROM activity"
        " JOIN activity_type ON activity_type.id = activity.type_id"
        " WHERE activity_type.activity_class != 'E-Mail'"
    )
