"""Activities as messages: what is to be written anew, and what was written before."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
    text,
)

from storage.schema.columns import Big, id_column, metadata, reference

activity_due = Table(
    "activity_due",
    metadata,
    Column("activity_id", ForeignKey("activity.id"), primary_key=True),
    Column("due_at", Big, nullable=False),
    Column("version", Integer, nullable=False),
    Column("doer_id", Integer),
    Column("doer_version", Integer, nullable=False, server_default=text("0")),
    Column("quiet", Boolean, nullable=False, server_default=false()),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    # As they are taken: after an upgrade all activities are due.
    Index("activity_due_in_order", "quiet", "due_at", "activity_id"),
)
"""An activity that has changed since its folders were brought up to date. due_at: not before then.
version: raised by each transaction that changes it. doer_id: the user who did that, alone if
doer_version is the version, else with others. quiet: nobody is to find it unread (what stood before
an upgrade). failures: tries in which its message couldn't be written."""

activity_revision = Table(
    "activity_revision",
    metadata,
    Column("activity_id", ForeignKey("activity.id"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("made_at", Big, nullable=False),
)
"""The newest revision of an activity's message. number: from 1. made_at: 0: the next one is due at
once."""

rendering = Table(
    "rendering",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    reference("activity_id", "activity.id", index=True),
    Column("number", Integer, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("identity", LargeBinary, nullable=False),
    reference("stored_message_id", "message.id", null=True, index=True),
    Column("made_at", Big, nullable=False),
    Index("rendering_by_message_id", "segment_id", "message_id"),
    Index("rendering_by_identity", "segment_id", "identity"),
)
"""Every message that was ever written of an activity, one for each that differs (groups may show an
activity differently). number: the revision. message_id: without angle brackets. stored_message_id:
NULL once its bytes are gone."""
