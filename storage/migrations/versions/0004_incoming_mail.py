"""Mail accounts that are read and their queue, the history of settings, approvals by mail; who of
the contacts is customer and who staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account_default",
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"]),
        sa.PrimaryKeyConstraint("segment_id", "key"),
    )
    op.create_table(
        "settings_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "settings_record_by_time", "settings_record", ["segment_id", "at"], unique=False
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("logging_user_id", sa.Integer(), nullable=True),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(["creator_id"], ["activity_creator.id"]),
        sa.ForeignKeyConstraint(["logging_user_id"], ["principal.id"]),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account_state",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("succeeded_at", Big, nullable=True),
        sa.Column("failed_at", Big, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("fetched", Big, nullable=False),
        sa.Column("filed", Big, nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("approvers", sa.Text(), nullable=False),
        sa.Column("made_at", Big, nullable=False),
        sa.Column("decided_at", Big, nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"]),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("ix_approval_activity_id", "approval", ["activity_id"], unique=False)
    op.create_table(
        "incoming",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("origin_key", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("stored_message_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("size", Big, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sender_key", sa.String(), nullable=True),
        sa.Column("internal_at", Big, nullable=False),
        sa.Column("internal_zone", sa.Integer(), nullable=False),
        sa.Column("fetched_at", Big, nullable=False),
        sa.Column("changed_at", Big, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Big, nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("automatic", sa.String(), nullable=True),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"]),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"]),
        sa.ForeignKeyConstraint(["stored_message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "origin", "origin_key"),
    )
    op.create_index(
        "incoming_by_sender", "incoming", ["segment_id", "sender_key", "internal_at"], unique=False
    )
    op.create_index("incoming_by_state", "incoming", ["state", "next_at"], unique=False)
    op.create_index("incoming_by_settled", "incoming", ["settled", "origin"], unique=False)
    op.create_index("incoming_by_time", "incoming", ["segment_id", "fetched_at"], unique=False)
    op.create_index("ix_incoming_activity_id", "incoming", ["activity_id"], unique=False)
    op.create_index(
        "ix_incoming_stored_message_id", "incoming", ["stored_message_id"], unique=False
    )
    op.create_table(
        "incoming_hidden",
        sa.Column("incoming_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incoming_id"], ["incoming.id"]),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"]),
        sa.PrimaryKeyConstraint("incoming_id", "principal_id"),
    )
    op.add_column(
        "contact", sa.Column("is_customer", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column(
        "contact", sa.Column("is_staff", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("email_activity", sa.Column("direction", sa.String(), nullable=True))
    op.add_column("email_activity", sa.Column("automatic", sa.String(), nullable=True))
    op.add_column(
        "process_transition",
        sa.Column("by_mail", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("process_transition", sa.Column("rejected_by", sa.String(), nullable=True))
    op.add_column("segment", sa.Column("subject_template", sa.String(), nullable=True))
    op.add_column("segment", sa.Column("domains", sa.Text(), server_default="[]", nullable=False))
    reported = sa.select(_ACTIVITY.c.reporting_contact_id).where(
        _ACTIVITY.c.reporting_contact_id.is_not(None)
    )
    users = sa.select(_PRINCIPAL.c.contact_id).where(_PRINCIPAL.c.contact_id.is_not(None))
    op.execute(
        sa.update(_CONTACT)
        .where(_CONTACT.c.id.in_(users))
        .values(is_staff=True, is_customer=_CONTACT.c.id.in_(reported))
    )


_ACTIVITY = sa.table("activity", sa.column("reporting_contact_id"))
_PRINCIPAL = sa.table("principal", sa.column("contact_id"))
_CONTACT = sa.table(
    "contact",
    sa.column("id"),
    sa.column("is_staff", sa.Boolean()),
    sa.column("is_customer", sa.Boolean()),
)
