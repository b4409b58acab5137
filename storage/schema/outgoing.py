"""Mail that goes out: mailers, users' mail accounts, the outbox, what is to be told, templates."""

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

mailer = Table(
    "mailer",
    metadata,
    id_column(),
    reference("segment_id", "segment.id", null=True),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("is_default", Boolean, nullable=False),
    reference("account_id", "account.id", null=True),
    Column("settings", Text, nullable=False),
    Column("secrets", LargeBinary),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("segment_id", "name_key"),
    sqlite_autoincrement=True,  # what was sent by a mailer is known by its id
)
"""segment_id NULL: for all segments. is_default: of its segment, or of all. account_id: the account
whose OAuth application it uses. settings: JSON (outgoing.mailer). secrets: encrypted with a key
that is not in the database (servers.secrets)."""

mailer_state = Table(
    "mailer_state",
    metadata,
    Column("mailer_id", ForeignKey("mailer.id"), primary_key=True),
    Column("succeeded_at", Big),
    Column("failed_at", Big),
    Column("error", Text),
    Column("failures", Integer, nullable=False),
)
"""How it went. error: of the last that failed; failures: in a row."""

user_mail_account = Table(
    "user_mail_account",
    metadata,
    id_column(),
    reference("principal_id", "principal.id"),
    Column("address", String, nullable=False),
    Column("address_key", String, nullable=False, index=True),
    Column("reply_address", String),
    Column("is_default", Boolean, nullable=False),
    reference("mailer_id", "mailer.id", null=True),
    Column("subject_prefix", String, nullable=False),
    Column("link_pattern", String),
    Column("created_at", Big, nullable=False),
    UniqueConstraint("principal_id", "address_key"),
)
"""An address that a user sends from and is written to. link_pattern: a web address with
`{number}`."""

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("kind", String, nullable=False),
    Column("origin_key", String),
    reference("principal_id", "principal.id", null=True),
    reference("activity_id", "activity.id", null=True, index=True),
    reference("mailer_id", "mailer.id", null=True),
    Column("stored_message_id", ForeignKey("message.id"), index=True),
    Column("sender", String, nullable=False),
    Column("message_id", Text),
    Column("subject", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Big),
    Column("created_at", Big, nullable=False),
    Column("changed_at", Big, nullable=False),
    Column("text", Text, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("claim", Integer, nullable=False),
    UniqueConstraint("segment_id", "origin_key"),
    Index("outbox_by_state", "state", "next_at"),
    Index("outbox_by_message_id", "segment_id", "message_id"),
    Index("outbox_by_told", "told", "changed_at"),
    Index("outbox_by_time", "segment_id", "created_at"),
    sqlite_autoincrement=True,
)
"""kind: activity, export, template, notification, approval, submission, report. origin_key: what it
was made of, so that it is made once; NULL: anything. principal_id: for whom it is sent, NULL: the
system. activity_id: where its record stands. mailer_id: which it was sent by, or is to be; NULL: as
the order says. stored_message_id NULL: it was erased. sender: of the envelope, empty: nobody gets
it back. message_id: without angle brackets. state: waiting, sending (an attempt is under way),
handing over (the server has all but the end of it), sent, uncertain (it may have been sent),
failed, cancelled. attempts: since it was put there, or retried by hand. next_at: when it is tried,
NULL: not by itself. changed_at: when its state did. text: how the last attempt went. told: what
came of it stands on the activity, and the sender knows. claim: how often somebody took it to send
it; whoever did writes what came of it only while nobody else has taken it since."""

outbox_recipient = Table(
    "outbox_recipient",
    metadata,
    Column("outbox_id", ForeignKey("outbox.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("address", String, nullable=False),
    Column("address_key", String, nullable=False),
    Column("state", String, nullable=False),
    Column("code", String),
    Column("text", Text, nullable=False),
    Column("at", Big),
    Column("told", Boolean, nullable=False),
)
"""kind: to, cc, bcc. address: as the server is told it. state: waiting, sent, uncertain, failed,
cancelled; code: SMTP's, with the enhanced one; text: what the server said. at: when. told: the
sender knows that it failed, or is uncertain."""

activity_event = Table(
    "activity_event",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    reference("activity_id", "activity.id", index=True),
    Column("event", String, nullable=False),
    reference("principal_id", "principal.id", null=True),
    Column("at", Big, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What happened to activities and is to be carried out or told, in order; gone once it was.
principal_id: who did it. detail: JSON."""

notification = Table(
    "notification",
    metadata,
    id_column(),
    reference("segment_id", "segment.id", index=True),
    reference("principal_id", "principal.id", index=True),
    reference("group_id", "activity_group.id", null=True),
    reference("activity_id", "activity.id", null=True, index=True),
    Column("events", Text, nullable=False),
    Column("by_mail", Boolean, nullable=False),
    Column("to_inbox", Boolean, nullable=False),
    Column("created_at", Big, nullable=False),
)
"""What a user wants to be told. group_id, activity_id: of what; both NULL: of all that they see.
events: JSON list."""

pending_notification = Table(
    "pending_notification",
    metadata,
    id_column(),
    reference("principal_id", "principal.id"),
    reference("activity_id", "activity.id", null=True, index=True),
    Column("due_at", Big, nullable=False, index=True),
    Column("lines", Text, nullable=False),
    UniqueConstraint("principal_id", "activity_id"),
    sqlite_autoincrement=True,  # the mail that tells it is known by its id
)
"""What somebody is to be told of an activity, gathered until it is due; activity_id NULL: of mail
that came in and could not be filed. lines: JSON, what happened."""

told_notification = Table(
    "told_notification",
    metadata,
    Column("principal_id", ForeignKey("principal.id"), primary_key=True),
    Column("since", Big, nullable=False),
    Column("told", Integer, nullable=False),
)
"""How many notices somebody got in the hour that began with the first of them."""

notice = Table(
    "notice",
    metadata,
    Column("stored_message_id", ForeignKey("message.id"), primary_key=True),
    Column("activity_id", ForeignKey("activity.id"), primary_key=True, index=True),
    Column("at", Big, nullable=False),
)
"""Which notices tell of an activity: they hold its name and subjects, and go when it is erased."""

mail_template = Table(
    "mail_template",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text),
    Column("changed_at", Big, nullable=False),
    UniqueConstraint("segment_id", "name"),
)
"""The segment's own, which stand before those that come with the program. html NULL: made of
text."""

outgoing_setting = Table(
    "outgoing_setting",
    metadata,
    Column("segment_id", ForeignKey("segment.id"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
"""value: JSON."""

address_group = Table(
    "address_group",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    UniqueConstraint("segment_id", "name_key"),
)

address_group_member = Table(
    "address_group_member",
    metadata,
    Column("group_id", ForeignKey("address_group.id"), primary_key=True),
    Column("address_id", ForeignKey("email_address.id"), primary_key=True, index=True),
)

email_recipient_group = Table(
    "email_recipient_group",
    metadata,
    Column("activity_id", ForeignKey("activity.id"), primary_key=True),
    Column("group_id", ForeignKey("address_group.id"), primary_key=True, index=True),
    Column("kind", String, primary_key=True),
)
"""An address group as recipient of an e-mail activity. kind: to, cc, bcc."""
