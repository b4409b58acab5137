"""The database itself, the record of drops, and news for other processes."""

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
    text,
)

from storage.schema.columns import Big, id_column, metadata, reference

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)
"""`uidvalidity` (last one given out), `made_by` (which command made this database),
`number_floor` (after a restore: where the numbers of new segments begin)."""

drop_record = Table(
    "drop_record",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    reference("principal_id", "principal.id"),
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
    reference("activity_id", "activity.id", null=True),
    Column("uid", Big),
    Column("numbers", Text, nullable=False),
    Column("is_wrapper", Boolean, nullable=False),
    Column("times", Integer, nullable=False, server_default=text("1")),
    Column("first_at", Big),
    Index("drop_record_by_identity", "principal_id", "identity"),
    # Holds all that is filtered by, so that a rare one is looked for in the index alone.
    Index("drop_record_by_time", "at", "segment_id", "verdict", "principal_id", "folder_name"),
)
Index(
    "drop_record_by_message_id",
    drop_record.c.segment_id,
    drop_record.c.message_id,
    sqlite_where=text("is_wrapper = 1"),
    postgresql_where=text("is_wrapper"),
)
"""verdict: filed, refused, later, removed (taken out of a group). numbers: JSON list of
{"number": 10000001, "outcome": "linked" | "already" | "unknown" | "stranger"}; of a wrapper first
what it "made" and "named" itself; of what was removed the links that were "undone". times: how
often the same came to the same in a row; at is then the last time, first_at the first (NULL:
once)."""

change = Table(
    "change",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("origin", String, nullable=False),
    Column("folder_id", Integer),
    Column("at", Big, nullable=False),
    sqlite_autoincrement=True,
)
"""What other processes read: folder_id, 0 or -1 where there is something to do
(storage.transactions), or NULL when people, rights or names changed."""

Index("change_by_age", change.c.at)
