"""Messages: immutable bytes, and what is derived from them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.columns import Big, id_column, metadata, reference

message = Table(
    "message",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("sha256", LargeBinary, nullable=False),
    Column("identity", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sent_on", String),
    Column("created_at", Big, nullable=False),
    Column("email_id", String),
    Column("thread_id", String),
    UniqueConstraint("segment_id", "sha256"),
)
"""sent_on: the Date header's calendar day `YYYY-MM-DD` as written, zone disregarded (SENTON).
email_id, thread_id: EMAILID and THREADID (RFC 8474), set once; thread_id is NULL only until the
upgrade of an older database is through."""

message_chunk = Table(
    "message_chunk",
    metadata,
    Column("stored_message_id", ForeignKey("message.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)
"""Raw bytes, cut every CHUNK octets; n from 0."""

message_ready = Table(
    "message_ready",
    metadata,
    Column("stored_message_id", ForeignKey("message.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("bodystructure", LargeBinary, nullable=False),
    Column("header", LargeBinary),
    Column("sections", LargeBinary, nullable=False),
)
"""What FETCH serves. header: the raw header block, NULL above 64 KiB (then read from the chunks).
sections: JSON, the offsets of every part and of the header's fields."""

message_digest = Table(
    "message_digest",
    metadata,
    Column("stored_message_id", ForeignKey("message.id"), primary_key=True),
    Column("mail", Text, nullable=False),
)
"""The mail as JSON: all that filing needs, so that a COPY never reads the raw bytes."""

message_text = Table(
    "message_text",
    metadata,
    Column("stored_message_id", ForeignKey("message.id"), primary_key=True),
    Column("header", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Decoded, case-folded text for SEARCH, each bounded."""

message_order = Table(
    "message_order",
    metadata,
    Column("stored_message_id", ForeignKey("message.id"), primary_key=True),
    Column("base_subject", Text, nullable=False),
    Column("is_reply", Boolean, nullable=False),
    Column("sent_at", Big),
    Column("from_mailbox", Text, nullable=False),
    Column("to_mailbox", Text, nullable=False),
    Column("cc_mailbox", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("to_name", Text, nullable=False),
    Column("own_id", LargeBinary),
    Column("reference_ids", LargeBinary, nullable=False),
    Column("preview", Text, nullable=False),
)
"""What SORT and THREAD compare, and PREVIEW. Texts but the preview as i;unicode-casemap compares
them; sent_at: NULL where INTERNALDATE counts; own_id: 8 octets that stand for the Message-ID, NULL
if there is none; reference_ids: 8 for each mail that this one follows, the eldest first."""
