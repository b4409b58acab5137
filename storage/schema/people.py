"""Segments, contacts and principals."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from storage.schema.columns import Big, id_column, metadata, reference

segment = Table(
    "segment",
    metadata,
    id_column(),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False, unique=True),
    Column("next_number", Big, nullable=False),
    Column("subject_pattern", String),
    Column("default_creator_id", Integer),
    Column("created_at", Big, nullable=False),
    Column("object_key", LargeBinary),
    Column("subject_template", String),
    Column("domains", Text, nullable=False, server_default="[]"),
    Column("activity_url", String),
)
"""object_key: 32 secret octets, with which EMAILIDs and THREADIDs are made. subject_template: of
mails that go out, NULL: the usual one. domains: JSON list of the segment's own, lower case.
activity_url: where an activity stands on the web, `{number}` for its number; NULL: nowhere."""

contact = Table(
    "contact",
    metadata,
    id_column(),
    reference("segment_id", "segment.id", index=True),
    Column("name", String, nullable=False),
    Column("owner_id", Integer),
    Column("created_at", Big, nullable=False),
    Column("is_customer", Boolean, nullable=False, server_default=true()),
    Column("is_staff", Boolean, nullable=False, server_default=false()),
    Column("mail_format", String),
    Column("by_hand", Boolean, nullable=False, server_default=false()),
)
"""is_customer, is_staff: one of them at least. mail_format: plain, html; NULL: the segment's.
by_hand: somebody made, changed or merged it, so that it doesn't go with the mail that brought
it."""

email_address = Table(
    "email_address",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    reference("contact_id", "contact.id", index=True),
    Column("address", String, nullable=False),
    Column("address_key", String, nullable=False),
    Column("kind", String, nullable=False, server_default="email"),
    Column("is_first", Boolean, nullable=False, server_default=false()),
    Index("email_address_by_key", "segment_id", "address_key"),
    UniqueConstraint("contact_id", "address_key"),
)
"""kind: email; phone: the key of one begins with `TEL:`, and those of mails' addresses have no
capitals (activities.phones), so that neither is ever found in the other's place. is_first: mail to
its contact goes there; where none of a contact's is, to the oldest."""

principal = Table(
    "principal",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("email", String),
    Column("email_key", String, unique=True),
    Column("password_hash", String, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    reference("contact_id", "contact.id", null=True),
    Column("created_at", Big, nullable=False),
    Column("mail_format", String),
    Column("sent_by_references", Boolean, nullable=False, server_default=false()),
    Column("sent_group_id", Integer),
    UniqueConstraint("segment_id", "name_key"),
)
"""A user of a segment; signs in as `name@Segment` or by e-mail address. mail_format: plain, html;
NULL: the segment's. sent_by_references: mail sent through imapgate is filed to the activity that it
answers, also without a number; sent_group_id: where it is filed else, NULL: nowhere."""
