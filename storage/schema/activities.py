"""Activities and what hangs on them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from storage.schema.columns import Big, id_column, metadata, reference

activity = Table(
    "activity",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("number", Big, nullable=False),
    reference("type_id", "activity_type.id"),
    reference("creator_id", "activity_creator.id", null=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("detailed_description", Text, nullable=False),
    reference("state_id", "process_state.id"),
    Column("percent_complete", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    reference("reporting_contact_id", "contact.id", null=True, index=True),
    reference("assigned_to_id", "principal.id", null=True),
    reference("created_by_id", "principal.id", null=True),
    Column("created_at", Big, nullable=False),
    Column("modified_at", Big, nullable=False),
    Column("due_at", Big),
    Column("actual_start", Big),
    Column("actual_end", Big),
    UniqueConstraint("segment_id", "number"),
    Index("activity_by_state", "state_id", "type_id", "modified_at"),
)
"""priority: 1 low, 2 normal, 3 high, 4 urgent, 5 immediate."""

activity_in_group = Table(
    "activity_in_group",
    metadata,
    Column("activity_id", ForeignKey("activity.id"), primary_key=True),
    Column("group_id", ForeignKey("activity_group.id"), primary_key=True, index=True),
)

email_activity = Table(
    "email_activity",
    metadata,
    Column("activity_id", ForeignKey("activity.id"), primary_key=True),
    reference("segment_id", "segment.id"),
    Column("stored_message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("identity", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", Text),
    Column("sent_at", Big),
    Column("body", Text, nullable=False),
    Column("direction", String),
    Column("automatic", String),
    Column("gateway", String),
    Column("addressed", Boolean, nullable=False, server_default=false()),
    Index("email_activity_by_message_id", "segment_id", "message_id"),
    Index("email_activity_by_identity", "segment_id", "identity"),
)
"""message_id: the Message-ID header's value without angle brackets. direction: in, out, internal,
NULL: nobody told. automatic: what kind of machine wrote it (mime.automatic), NULL: a person.
gateway: an address at whose domain recipients are reached that are phone numbers. addressed: its
recipients were set by hand, and may be others than its message names."""

email_recipient = Table(
    "email_recipient",
    metadata,
    Column("activity_id", ForeignKey("activity.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    reference("address_id", "email_address.id", index=True),
    Column("display_name", Text, nullable=False),
)
"""kind: from, to, cc, bcc; envelope: told by a journal's envelope alone."""

media = Table(
    "media",
    metadata,
    id_column(),
    reference("activity_id", "activity.id", index=True),
    Column("name", Text, nullable=False),
    Column("content_type", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("stored_message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("section", String, nullable=False),
    Column("content_id", Text),
    Column("inline", Boolean, nullable=False),
)
"""A part of a stored message, by reference: section: its IMAP part number; size: decoded octets."""

note = Table(
    "note",
    metadata,
    id_column(),
    reference("activity_id", "activity.id", index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Big, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("from_id", ForeignKey("activity.id"), primary_key=True),
    Column("to_id", ForeignKey("activity.id"), primary_key=True, index=True),
    Column("kind", String, primary_key=True),
)
"""kind: RELATES_TO."""

follow_up = Table(
    "follow_up",
    metadata,
    id_column(),
    reference("activity_id", "activity.id", index=True),
    Column("transition", String),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    reference("author_id", "principal.id", null=True),
    reference("author_contact_id", "contact.id", null=True, index=True),
    reference("from_activity_id", "activity.id", null=True),
    Column("at", Big, nullable=False),
    UniqueConstraint("activity_id", "from_activity_id"),
)
"""One per pair of activities, so that linking twice is once; hand-written: no from_activity."""
