"""Messages: immutable bytes, and what is derived from them."""

from __future__ import annotations

from sqlalchemy import (
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
    UniqueConstraint("segment_id", "sha256"),
)
"""sent_on: the Date header's calendar day `YYYY-MM-DD` as written, zone disregarded (SENTON)."""

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
