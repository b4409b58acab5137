"""The first schema: the tables of storage.schema as they were in 0.1."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("change_by_age", "change", ["at"], unique=False)

    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("next_number", Big, nullable=False),
        sa.Column("subject_pattern", sa.String(), nullable=True),
        sa.Column("default_creator_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
    )
    op.create_table(
        "activity_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("subscribe", sa.Boolean(), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "kind", "name_key"),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contact_segment_id", "contact", ["segment_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.String(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "sha256"),
    )
    op.create_table(
        "process",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "name"),
    )
    op.create_table(
        "activity_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("activity_class", sa.String(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("follow_up_transition", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["process_id"],
            ["process.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "name_key"),
    )
    op.create_table(
        "email_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contact_id", "address_key"),
    )
    op.create_index(
        "email_address_by_key", "email_address", ["segment_id", "address_key"], unique=False
    )
    op.create_index("ix_email_address_contact_id", "email_address", ["contact_id"], unique=False)

    op.create_table(
        "message_chunk",
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("stored_message_id", "n"),
    )
    op.create_table(
        "message_digest",
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("stored_message_id"),
    )
    op.create_table(
        "message_ready",
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("bodystructure", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=True),
        sa.Column("sections", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("stored_message_id"),
    )
    op.create_table(
        "message_text",
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("stored_message_id"),
    )
    op.create_table(
        "principal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_key", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email_key"),
        sa.UniqueConstraint("segment_id", "name_key"),
    )
    op.create_table(
        "process_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_initial", sa.Boolean(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_id"],
            ["process.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("process_id", "name"),
    )
    op.create_index("ix_process_state_process_id", "process_state", ["process_id"], unique=False)

    op.create_table(
        "activity_creator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("type_id", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("follow_up_transition", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"],
            ["principal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["activity_type.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "name_key"),
    )
    op.create_table(
        "entry_dropper",
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("uid", Big, nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.PrimaryKeyConstraint("folder_id", "uid", "principal_id"),
    )
    op.create_table(
        "folder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("special_use", sa.String(), nullable=True),
        sa.Column("uidvalidity", Big, nullable=False),
        sa.Column("uidnext", Big, nullable=False),
        sa.Column("modseq", Big, nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["activity_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["principal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("group_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "folder_personal_name",
        "folder",
        ["owner_id", "name_key"],
        unique=True,
        sqlite_where=sa.text("owner_id IS NOT NULL"),
        postgresql_where=sa.text("owner_id IS NOT NULL"),
    )
    op.create_index(
        "folder_shared_name",
        "folder",
        ["segment_id", "name_key"],
        unique=True,
        sqlite_where=sa.text("owner_id IS NULL"),
        postgresql_where=sa.text("owner_id IS NULL"),
    )
    op.create_index("ix_folder_owner_id", "folder", ["owner_id"], unique=False)

    op.create_table(
        "lost_subscription",
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.PrimaryKeyConstraint("principal_id", "name_key"),
    )
    op.create_table(
        "membership",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["activity_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.PrimaryKeyConstraint("group_id", "principal_id"),
    )
    op.create_index("ix_membership_principal_id", "membership", ["principal_id"], unique=False)

    op.create_table(
        "process_transition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("from_state_id", sa.Integer(), nullable=False),
        sa.Column("to_state_id", sa.Integer(), nullable=False),
        sa.Column("percent_complete", sa.Integer(), nullable=True),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_state_id"],
            ["process_state.id"],
        ),
        sa.ForeignKeyConstraint(
            ["process_id"],
            ["process.id"],
        ),
        sa.ForeignKeyConstraint(
            ["to_state_id"],
            ["process_state.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("process_id", "name", "from_state_id"),
    )
    op.create_index(
        "ix_process_transition_process_id", "process_transition", ["process_id"], unique=False
    )

    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("type_id", sa.Integer(), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("detailed_description", sa.Text(), nullable=False),
        sa.Column("state_id", sa.Integer(), nullable=False),
        sa.Column("percent_complete", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("reporting_contact_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("modified_at", Big, nullable=False),
        sa.Column("due_at", Big, nullable=True),
        sa.Column("actual_start", Big, nullable=True),
        sa.Column("actual_end", Big, nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"],
            ["principal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["principal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"],
            ["activity_creator.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reporting_contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["state_id"],
            ["process_state.id"],
        ),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["activity_type.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("segment_id", "number"),
    )
    op.create_table(
        "creator_group",
        sa.Column("creator_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"],
            ["activity_creator.id"],
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["activity_group.id"],
        ),
        sa.PrimaryKeyConstraint("creator_id", "group_id"),
    )
    op.create_index("ix_creator_group_group_id", "creator_group", ["group_id"], unique=False)

    op.create_table(
        "expunged_run",
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("modseq", Big, nullable=False),
        sa.Column("first_uid", Big, nullable=False),
        sa.Column("last_uid", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["folder_id"],
            ["folder.id"],
        ),
        sa.PrimaryKeyConstraint("folder_id", "modseq", "first_uid"),
    )
    op.create_table(
        "expunged_entry",
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("uid", Big, nullable=False),
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("internal_at", Big, nullable=False),
        sa.Column("internal_zone", sa.Integer(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("folder_id", "uid"),
    )
    op.create_index("ix_expunged_entry_at", "expunged_entry", ["at"], unique=False)
    op.create_table(
        "folder_keyword",
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["folder_id"],
            ["folder.id"],
        ),
        sa.PrimaryKeyConstraint("folder_id", "name"),
    )
    op.create_table(
        "folder_user",
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("subscribed", sa.Boolean(), nullable=True),
        sa.Column("recent_uid", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["folder_id"],
            ["folder.id"],
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.PrimaryKeyConstraint("principal_id", "folder_id"),
    )
    op.create_index("ix_folder_user_folder_id", "folder_user", ["folder_id"], unique=False)

    op.create_table(
        "user_run",
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("first_uid", Big, nullable=False),
        sa.Column("last_uid", Big, nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("modseq", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["folder_id"],
            ["folder.id"],
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
        ),
        sa.PrimaryKeyConstraint("principal_id", "folder_id", "first_uid"),
    )
    op.create_index(
        "user_run_by_modseq", "user_run", ["folder_id", "principal_id", "modseq"], unique=False
    )

    op.create_table(
        "activity_in_group",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["activity_group.id"],
        ),
        sa.PrimaryKeyConstraint("activity_id", "group_id"),
    )
    op.create_index(
        "ix_activity_in_group_group_id", "activity_in_group", ["group_id"], unique=False
    )

    op.create_table(
        "drop_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=True),
        sa.Column("folder_name", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("stored_message_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("uid", Big, nullable=True),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("is_wrapper", sa.Boolean(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "drop_record_by_identity", "drop_record", ["principal_id", "identity"], unique=False
    )
    op.create_index("drop_record_by_time", "drop_record", ["segment_id", "at"], unique=False)
    op.create_index(
        "ix_drop_record_stored_message_id", "drop_record", ["stored_message_id"], unique=False
    )

    op.create_table(
        "email_activity",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("sent_at", Big, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("activity_id"),
    )
    op.create_index(
        "email_activity_by_identity", "email_activity", ["segment_id", "identity"], unique=False
    )
    op.create_index(
        "email_activity_by_message_id", "email_activity", ["segment_id", "message_id"], unique=False
    )
    op.create_index(
        "ix_email_activity_stored_message_id", "email_activity", ["stored_message_id"], unique=False
    )

    op.create_table(
        "email_recipient",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["email_address.id"],
        ),
        sa.PrimaryKeyConstraint("activity_id", "position"),
    )
    op.create_index(
        "ix_email_recipient_address_id", "email_recipient", ["address_id"], unique=False
    )

    op.create_table(
        "entry",
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("uid", Big, nullable=False),
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("rendered", sa.Boolean(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("keywords", sa.String(), nullable=False),
        sa.Column("internal_at", Big, nullable=False),
        sa.Column("internal_zone", sa.Integer(), nullable=False),
        sa.Column("saved_at", Big, nullable=False),
        sa.Column("modseq", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["folder_id"],
            ["folder.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("folder_id", "uid"),
        sa.UniqueConstraint("folder_id", "identity"),
    )
    op.create_index("entry_by_modseq", "entry", ["folder_id", "modseq"], unique=False)
    op.create_index("ix_entry_activity_id", "entry", ["activity_id"], unique=False)
    op.create_index("ix_entry_stored_message_id", "entry", ["stored_message_id"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("transition", sa.String(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_contact_id", sa.Integer(), nullable=True),
        sa.Column("from_activity_id", sa.Integer(), nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["author_contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["principal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["from_activity_id"],
            ["activity.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("activity_id", "from_activity_id"),
    )
    op.create_index("ix_follow_up_activity_id", "follow_up", ["activity_id"], unique=False)

    op.create_table(
        "link",
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["to_id"],
            ["activity.id"],
        ),
        sa.PrimaryKeyConstraint("from_id", "to_id", "kind"),
    )
    op.create_index("ix_link_to_id", "link", ["to_id"], unique=False)

    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_message_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stored_message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_media_activity_id", "media", ["activity_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_note_activity_id", "note", ["activity_id"], unique=False)
