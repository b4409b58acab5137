"""Mailers, users' mail accounts, the outbox, notifications, templates, address groups; approvals
that expire."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "address_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "name_key"),
    )
    op.create_table(
        "mail_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("changed_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "name"),
    )
    op.create_table(
        "outgoing_setting",
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("segment_id", "key"),
    )
    op.create_table(
        "address_group_member",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["email_address.id"],
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["address_group.id"],
        ),
        sa.PrimaryKeyConstraint("group_id", "address_id"),
    )
    op.create_index(
        "ix_address_group_member_address_id", "address_group_member", ["address_id"], unique=False
    )

    op.create_table(
        "activity_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_activity_event_activity_id", "activity_event", ["activity_id"], unique=False
    )

    op.create_table(
        "email_recipient_group",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["address_group.id"],
        ),
        sa.PrimaryKeyConstraint("activity_id", "group_id", "kind"),
    )
    op.create_index(
        "ix_email_recipient_group_group_id", "email_recipient_group", ["group_id"], unique=False
    )

    op.create_table(
        "mailer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("to_inbox", sa.Boolean(), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["activity_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notification_activity_id", "notification", ["activity_id"], unique=False)
    op.create_index("ix_notification_principal_id", "notification", ["principal_id"], unique=False)
    op.create_index("ix_notification_segment_id", "notification", ["segment_id"], unique=False)

    op.create_table(
        "pending_notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("due_at", Big, nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("principal_id", "activity_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_pending_notification_activity_id", "pending_notification", ["activity_id"], unique=False
    )
    op.create_index(
        "ix_pending_notification_due_at", "pending_notification", ["due_at"], unique=False
    )

    op.create_table(
        "told_notification",
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("since", Big, nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.PrimaryKeyConstraint("principal_id"),
    )

    op.create_table(
        "notice",
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("stored_message_id", "activity_id"),
    )
    op.create_index("ix_notice_activity_id", "notice", ["activity_id"], unique=False)

    op.create_table(
        "mailer_state",
        sa.Column("mailer_id", sa.Integer(), nullable=False),
        sa.Column("succeeded_at", Big, nullable=True),
        sa.Column("failed_at", Big, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailer_id"],
            ["mailer.id"],
        ),
        sa.PrimaryKeyConstraint("mailer_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("origin_key", sa.String(), nullable=True),
        sa.Column("principal_id", sa.Integer(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("mailer_id", sa.Integer(), nullable=True),
        sa.Column("stored_message_id", sa.Integer(), nullable=True),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Big, nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("changed_at", Big, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["mailer_id"],
            ["mailer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "origin_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_activity_id", "outbox", ["activity_id"], unique=False)
    op.create_index("ix_outbox_stored_message_id", "outbox", ["stored_message_id"], unique=False)
    op.create_index("outbox_by_state", "outbox", ["state", "next_at"], unique=False)
    op.create_index("outbox_by_message_id", "outbox", ["segment_id", "message_id"], unique=False)
    op.create_index("outbox_by_told", "outbox", ["told", "changed_at"], unique=False)
    op.create_index("outbox_by_time", "outbox", ["segment_id", "created_at"], unique=False)

    op.create_table(
        "user_mail_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("reply_address", sa.String(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("mailer_id", sa.Integer(), nullable=True),
        sa.Column("subject_prefix", sa.String(), nullable=False),
        sa.Column("link_pattern", sa.String(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["mailer_id"],
            ["mailer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("principal_id", "address_key"),
    )
    op.create_index(
        "ix_user_mail_account_address_key", "user_mail_account", ["address_key"], unique=False
    )

    op.create_table(
        "outbox_recipient",
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Big, nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
        ),
        sa.PrimaryKeyConstraint("outbox_id", "position"),
    )
    op.add_column(
        "activity_group",
        sa.Column("sent_by_references", sa.Boolean(), server_default=sa.false(), nullable=False),
    )

    op.add_column("approval", sa.Column("expires_at", Big, nullable=True))
    op.add_column("approval", sa.Column("asked_by_id", sa.Integer(), nullable=True))

    op.add_column("contact", sa.Column("mail_format", sa.String(), nullable=True))

    op.add_column("email_activity", sa.Column("gateway", sa.String(), nullable=True))
    op.add_column(
        "email_activity",
        sa.Column("addressed", sa.Boolean(), server_default=sa.false(), nullable=False),
    )

    op.add_column(
        "email_address", sa.Column("kind", sa.String(), server_default="email", nullable=False)
    )

    op.add_column("principal", sa.Column("mail_format", sa.String(), nullable=True))
    op.add_column(
        "principal",
        sa.Column("sent_by_references", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("principal", sa.Column("sent_group_id", sa.Integer(), nullable=True))

    op.add_column("process_transition", sa.Column("approvers", sa.Text(), nullable=True))
    op.add_column("process_transition", sa.Column("template", sa.String(), nullable=True))
    op.add_column("process_transition", sa.Column("template_to", sa.Text(), nullable=True))
