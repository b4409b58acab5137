"""Mail accounts that are read, what they brought, and who changed their settings."""

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
)

from storage.schema.columns import Big, id_column, metadata, reference

account = Table(
    "account",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("active", Boolean, nullable=False),
    reference("creator_id", "activity_creator.id", null=True),
    reference("logging_user_id", "principal.id", null=True),
    Column("settings", Text, nullable=False),
    Column("secrets", LargeBinary),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("segment_id", "name_key"),
    sqlite_autoincrement=True,  # what an account brought is known by its id
)
"""kind: mailbox, archive, approvals. settings: JSON, all that isn't a column (incoming.account).
secrets: encrypted with a key that is not in the database (servers.secrets)."""

account_state = Table(
    "account_state",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("succeeded_at", Big),
    Column("failed_at", Big),
    Column("error", Text),
    Column("failures", Integer, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("fetched", Big, nullable=False),
    Column("filed", Big, nullable=False),
    Column("position", Text, nullable=False),
)
"""How its rounds went. error: of the last that failed; failures: in a row; told: the administrator
knows that it fails. fetched, filed: messages in all. position: JSON, where in the mailbox the next
round begins (incoming.source), and over which message the connection broke last."""

account_default = Table(
    "account_default",
    metadata,
    Column("segment_id", ForeignKey("segment.id"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What counts for accounts that don't say otherwise. value: JSON."""

settings_record = Table(
    "settings_record",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("at", Big, nullable=False),
    Column("who", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("settings_record_by_time", "segment_id", "at"),
)
"""Each change of a setting. subject: `account support`. changes: JSON {key: [before, now]}, of
secrets only that they changed."""

incoming = Table(
    "incoming",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    reference("account_id", "account.id", null=True),
    Column("origin", String, nullable=False),
    Column("origin_key", String),
    Column("state", String, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("stored_message_id", ForeignKey("message.id"), index=True),
    Column("sha256", LargeBinary),
    Column("size", Big, nullable=False),
    Column("message_id", Text),
    Column("subject", Text, nullable=False),
    Column("sender_key", String),
    Column("internal_at", Big, nullable=False),
    Column("internal_zone", Integer, nullable=False),
    Column("fetched_at", Big, nullable=False),
    Column("changed_at", Big, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Big),
    Column("code", String),
    Column("text", Text, nullable=False),
    Column("activity_id", ForeignKey("activity.id"), index=True),
    Column("automatic", String),
    Column("wanted", Text, nullable=False),
    Column("reported", Boolean, nullable=False),
    UniqueConstraint("segment_id", "origin", "origin_key"),
    Index("incoming_by_state", "state", "next_at"),
    Index("incoming_by_settled", "settled", "origin"),
    Index("incoming_by_sender", "segment_id", "sender_key", "internal_at"),
    Index("incoming_by_time", "segment_id", "fetched_at"),
)
"""The queue. origin: the mailbox or file that it came from (`account 3 INBOX`,
`imaps://user@host:993/INBOX`); origin_key: what it is called there (`UIDVALIDITY.UID`, a UIDL).
state: fetched, filed, failed, held, discarded. settled: at its source it was marked, moved or
deleted, or nothing is to be done there. stored_message_id NULL: too large to be taken. next_at:
when it is tried again, NULL: not by itself. code: why it isn't filed (a keyword of
Incoming/Failed), or what a filed reply decided. wanted: JSON, what was asked for it beside the
account's settings (creator, group). reported: the administrator was told of it."""

incoming_hidden = Table(
    "incoming_hidden",
    metadata,
    Column("incoming_id", ForeignKey("incoming.id"), primary_key=True),
    Column("principal_id", ForeignKey("principal.id"), primary_key=True),
)
"""Whoever expunged it from their Incoming/Failed: it stays failed, out of that person's sight."""

approval = Table(
    "approval",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    reference("activity_id", "activity.id", index=True),
    Column("transition", String, nullable=False),
    Column("token", String, nullable=False, unique=True),
    Column("approvers", Text, nullable=False),
    Column("made_at", Big, nullable=False),
    Column("decided_at", Big),
    Column("decision", String),
    Column("decided_by", Text),
    Column("expires_at", Big),
    Column("asked_by_id", Integer),
)
"""A transition that waits for somebody's word by mail. approvers: JSON list of address keys.
decision: approved, rejected, impossible (the transition couldn't be taken any more), withdrawn,
expired, NULL: open. asked_by_id: who wanted it taken."""
