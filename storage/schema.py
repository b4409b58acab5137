"""The tables. Core tables only: every room above reads and writes rows, never objects with state.

Conventions: times are whole seconds since 1970 UTC; names that must be unique are kept twice, as
typed and as key (NFC, case folded); flags are bit masks (below); JSON columns hold text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

ANSWERED, FLAGGED, DRAFT = 1, 2, 4
"""Bits of entry.flags: shared by everybody who sees the folder."""
SEEN, DELETED = 1, 2
"""Bits of user_run.flags: each user's own."""

metadata = MetaData()

Big = BigInteger().with_variant(Integer, "sqlite")
"""What may pass 2^31: UIDs (to 2^32-1), mod-sequences (63 bits), times, numbers that only grow.
SQLite's INTEGER has 64 bits anyway, and only under that name is a primary key its row id."""


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _ref(name: str, target: str, *, null: bool = False, index: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(target), nullable=null, index=index)


meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)
"""`uidvalidity` (last one given out), `made_by` (which command made this database)."""

# -- people ------------------------------------------------------------------------------------

segment = Table(
    "segment",
    metadata,
    _id(),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False, unique=True),
    Column("next_number", Big, nullable=False),
    Column("subject_pattern", String),
    Column("default_creator_id", Integer),
    Column("created_at", Big, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    _id(),
    _ref("segment_id", "segment.id", index=True),
    Column("name", String, nullable=False),
    Column("owner_id", Integer),
    Column("created_at", Big, nullable=False),
)

email_address = Table(
    "email_address",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    _ref("contact_id", "contact.id", index=True),
    Column("address", String, nullable=False),
    Column("address_key", String, nullable=False),
    Index("email_address_by_key", "segment_id", "address_key"),
    UniqueConstraint("contact_id", "address_key"),
)

principal = Table(
    "principal",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("email", String),
    Column("email_key", String, unique=True),
    Column("password_hash", String, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    _ref("contact_id", "contact.id", null=True),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("segment_id", "name_key"),
)
"""A user of a segment; signs in as `name@Segment` or by e-mail address."""

# -- processes, types, creators, groups ----------------------------------------------------------

process = Table(
    "process",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    UniqueConstraint("segment_id", "name"),
)

process_state = Table(
    "process_state",
    metadata,
    _id(),
    _ref("process_id", "process.id", index=True),
    Column("name", String, nullable=False),
    Column("is_initial", Boolean, nullable=False),
    Column("is_closed", Boolean, nullable=False),
    UniqueConstraint("process_id", "name"),
)

process_transition = Table(
    "process_transition",
    metadata,
    _id(),
    _ref("process_id", "process.id", index=True),
    Column("name", String, nullable=False),
    _ref("from_state_id", "process_state.id"),
    _ref("to_state_id", "process_state.id"),
    Column("percent_complete", Integer),
    Column("actions", Text, nullable=False),
    UniqueConstraint("process_id", "name", "from_state_id"),
)
"""actions: JSON list of names (`assign to me`, `actual start`, `send as mail`, ...)."""

activity_type = Table(
    "activity_type",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("activity_class", String, nullable=False),
    _ref("process_id", "process.id"),
    Column("follow_up_transition", String),
    UniqueConstraint("segment_id", "name_key"),
)

activity_group = Table(
    "activity_group",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("subscribe", Boolean, nullable=False),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("segment_id", "kind", "name_key"),
)
"""kind: tracker, category, milestone. subscribe: members who can drop are subscribed at once."""

membership = Table(
    "membership",
    metadata,
    Column("group_id", ForeignKey("activity_group.id"), primary_key=True),
    Column("principal_id", ForeignKey("principal.id"), primary_key=True, index=True),
    Column("role", String, nullable=False),
)
"""role: viewer, contributor, manager."""

activity_creator = Table(
    "activity_creator",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    _ref("type_id", "activity_type.id"),
    Column("priority", Integer, nullable=False),
    _ref("assigned_to_id", "principal.id", null=True),
    Column("follow_up_transition", String),
    UniqueConstraint("segment_id", "name_key"),
)

creator_group = Table(
    "creator_group",
    metadata,
    Column("creator_id", ForeignKey("activity_creator.id"), primary_key=True),
    Column("group_id", ForeignKey("activity_group.id"), primary_key=True, index=True),
)

# -- activities ----------------------------------------------------------------------------------

activity = Table(
    "activity",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    Column("number", Big, nullable=False),
    _ref("type_id", "activity_type.id"),
    _ref("creator_id", "activity_creator.id", null=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("detailed_description", Text, nullable=False),
    _ref("state_id", "process_state.id"),
    Column("percent_complete", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    _ref("reporting_contact_id", "contact.id", null=True),
    _ref("assigned_to_id", "principal.id", null=True),
    _ref("created_by_id", "principal.id", null=True),
    Column("created_at", Big, nullable=False),
    Column("modified_at", Big, nullable=False),
    Column("due_at", Big),
    Column("actual_start", Big),
    Column("actual_end", Big),
    UniqueConstraint("segment_id", "number"),
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
    _ref("segment_id", "segment.id"),
    Column("stored_message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("identity", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", Text),
    Column("sent_at", Big),
    Column("body", Text, nullable=False),
    Index("email_activity_by_message_id", "segment_id", "message_id"),
    Index("email_activity_by_identity", "segment_id", "identity"),
)
"""message_id: the Message-ID header's value without angle brackets."""

email_recipient = Table(
    "email_recipient",
    metadata,
    Column("activity_id", ForeignKey("activity.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    _ref("address_id", "email_address.id", index=True),
    Column("display_name", Text, nullable=False),
)
"""kind: from, to, cc, bcc."""

media = Table(
    "media",
    metadata,
    _id(),
    _ref("activity_id", "activity.id", index=True),
    Column("name", Text, nullable=False),
    Column("content_type", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("stored_message_id", ForeignKey("message.id"), nullable=False),
    Column("section", String, nullable=False),
    Column("content_id", Text),
    Column("inline", Boolean, nullable=False),
)
"""A part of a stored message, by reference: section: its IMAP part number; size: decoded octets."""

note = Table(
    "note",
    metadata,
    _id(),
    _ref("activity_id", "activity.id", index=True),
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
    _id(),
    _ref("activity_id", "activity.id", index=True),
    Column("transition", String),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    _ref("author_id", "principal.id", null=True),
    _ref("author_contact_id", "contact.id", null=True),
    _ref("from_activity_id", "activity.id", null=True),
    Column("at", Big, nullable=False),
    UniqueConstraint("activity_id", "from_activity_id"),
)
"""One per pair of activities, so that linking twice is once; hand-written: no from_activity."""

# -- messages: immutable bytes and what is derived from them -------------------------------------

message = Table(
    "message",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
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

# -- folders -------------------------------------------------------------------------------------

folder = Table(
    "folder",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    Column("kind", String, nullable=False),
    _ref("owner_id", "principal.id", null=True, index=True),
    Column("group_id", ForeignKey("activity_group.id"), unique=True),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("special_use", String),
    Column("uidvalidity", Big, nullable=False),
    Column("uidnext", Big, nullable=False),
    Column("modseq", Big, nullable=False),
    Column("created_at", Big, nullable=False),
    sqlite_autoincrement=True,  # a session may still look at a deleted folder under its id
)
Index(
    "folder_personal_name",
    folder.c.owner_id,
    folder.c.name_key,
    unique=True,
    sqlite_where=folder.c.owner_id.is_not(None),
    postgresql_where=folder.c.owner_id.is_not(None),
)
Index(
    "folder_shared_name",
    folder.c.segment_id,
    folder.c.name_key,
    unique=True,
    sqlite_where=folder.c.owner_id.is_(None),
    postgresql_where=folder.c.owner_id.is_(None),
)
"""kind: personal, group, heading. name: the whole name with `/`. special_use: `\\Sent`, ..."""

folder_user = Table(
    "folder_user",
    metadata,
    Column("principal_id", ForeignKey("principal.id"), primary_key=True),
    Column("folder_id", ForeignKey("folder.id"), primary_key=True, index=True),
    Column("subscribed", Boolean),
    Column("recent_uid", Big, nullable=False),
)
"""subscribed NULL: never decided. recent_uid: the highest UID that this user was told of."""

lost_subscription = Table(
    "lost_subscription",
    metadata,
    Column("principal_id", ForeignKey("principal.id"), primary_key=True),
    Column("name_key", String, primary_key=True),
    Column("name", String, nullable=False),
)
"""Subscribed names of deleted personal folders (RFC 3501 6.3.6: they stay until UNSUBSCRIBE)."""

entry = Table(
    "entry",
    metadata,
    Column("folder_id", ForeignKey("folder.id"), primary_key=True),
    Column("uid", Big, primary_key=True),
    Column("stored_message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("activity_id", ForeignKey("activity.id"), index=True),
    Column("rendered", Boolean, nullable=False),
    Column("identity", LargeBinary),
    Column("size", Integer, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("keywords", String, nullable=False),
    Column("internal_at", Big, nullable=False),
    Column("internal_zone", Integer, nullable=False),
    Column("saved_at", Big, nullable=False),
    Column("modseq", Big, nullable=False),
    UniqueConstraint("folder_id", "identity"),
    Index("entry_by_modseq", "folder_id", "modseq"),
)
"""One message in one folder under one UID. identity: set in group folders only, where the same mail
stands once; NULL in personal folders, which never merge. rendered: a message made for an
activity here. keywords: names separated by blanks, sorted. internal_zone: minutes east of UTC."""

entry_dropper = Table(
    "entry_dropper",
    metadata,
    Column("folder_id", Integer, primary_key=True),
    Column("uid", Big, primary_key=True),
    Column("principal_id", ForeignKey("principal.id"), primary_key=True),
)
"""Everybody whose drop a group's entry was."""

user_run = Table(
    "user_run",
    metadata,
    Column("principal_id", ForeignKey("principal.id"), primary_key=True),
    Column("folder_id", ForeignKey("folder.id"), primary_key=True),
    Column("first_uid", Big, primary_key=True),
    Column("last_uid", Big, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("modseq", Big, nullable=False),
    Index("user_run_by_modseq", "folder_id", "principal_id", "modseq"),
)
"""A user's own flags as disjoint runs of UIDs; a UID in no run has none set."""

expunged_run = Table(
    "expunged_run",
    metadata,
    Column("folder_id", ForeignKey("folder.id"), primary_key=True),
    Column("modseq", Big, primary_key=True),
    Column("first_uid", Big, primary_key=True),
    Column("last_uid", Big, nullable=False),
)

expunged_entry = Table(
    "expunged_entry",
    metadata,
    Column("folder_id", Integer, primary_key=True),
    Column("uid", Big, primary_key=True),
    Column("stored_message_id", ForeignKey("message.id"), nullable=False),
    Column("size", Integer, nullable=False),
    Column("internal_at", Big, nullable=False),
    Column("internal_zone", Integer, nullable=False),
    Column("at", Big, nullable=False, index=True),
)
"""What stood under a UID, kept for a day: a session that hasn't been told of the EXPUNGE still
reads it (DESIGN rule 19). No foreign key to folder: rows of a deleted folder go by their age."""

folder_keyword = Table(
    "folder_keyword",
    metadata,
    Column("folder_id", ForeignKey("folder.id"), primary_key=True),
    Column("name", String, primary_key=True),
)

# -- records and news ----------------------------------------------------------------------------

drop_record = Table(
    "drop_record",
    metadata,
    _id(),
    _ref("segment_id", "segment.id"),
    _ref("principal_id", "principal.id"),
    Column("at", Big, nullable=False),
    Column("client", Text, nullable=False),
    Column("command", String, nullable=False),
    Column("folder_id", Integer),
    Column("folder_name", Text, nullable=False),
    Column("message_id", Text),
    Column("subject", Text, nullable=False),
    Column("sha256", LargeBinary),
    Column("identity", LargeBinary),
    Column("stored_message_id", ForeignKey("message.id"), index=True),
    Column("verdict", String, nullable=False),
    Column("code", String),
    Column("text", Text, nullable=False),
    _ref("activity_id", "activity.id", null=True),
    Column("uid", Big),
    Column("numbers", Text, nullable=False),
    Column("is_wrapper", Boolean, nullable=False),
    Index("drop_record_by_identity", "principal_id", "identity"),
    Index("drop_record_by_time", "segment_id", "at"),
)
"""verdict: filed, refused, later, removed (taken out of a group). numbers: JSON list of
{"number": 10000001, "outcome": "linked" | "already" | "unknown"}."""

change = Table(
    "change",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("origin", String, nullable=False),
    Column("folder_id", Integer),
    Column("at", Big, nullable=False),
    sqlite_autoincrement=True,
)
"""What other processes read: folder_id, or NULL when people, rights or names changed."""

Index("change_by_age", change.c.at)
