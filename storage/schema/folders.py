"""Folders, entries and flags."""

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
    UniqueConstraint,
)

from storage.schema.columns import Big, id_column, metadata, reference

ANSWERED, FLAGGED, DRAFT = 1, 2, 4
"""Bits of entry.flags: shared by everybody who sees the folder."""
SEEN, DELETED = 1, 2
"""Bits of user_run.flags: each user's own."""

ASSIGNED, REPORTED, ACTIVITIES = 0, -1, -2
"""folder.place of what is assigned to its owner, of what its owner reported, and of the folder
`Activities` itself."""

folder = Table(
    "folder",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("kind", String, nullable=False),
    reference("owner_id", "principal.id", null=True, index=True),
    Column("group_id", ForeignKey("activity_group.id"), unique=True),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("special_use", String),
    Column("uidvalidity", Big, nullable=False),
    Column("uidnext", Big, nullable=False),
    Column("modseq", Big, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("messages", Big, nullable=False, server_default="0"),
    Column("octets", Big, nullable=False, server_default="0"),
    Column("activity_id", Integer, index=True),
    Column("place", Integer),
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
"""kind: personal, group, heading, activity. name: the whole name with `/`. special_use: `\\Sent`,
... messages, octets: of its entries.

`Activities` and what is below it is made for each user, once the user looks into it: owner_id is
the user, place: which heading it is or is below, the id of a group, ASSIGNED, REPORTED or
ACTIVITIES, and NULL everywhere else; activity_id: of an activity's folder. What these are called
follows from the activity: name is what it was when the folder was last brought up to date, and
name_key tells them apart."""

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
    Column("stored_message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("size", Integer, nullable=False),
    Column("internal_at", Big, nullable=False),
    Column("internal_zone", Integer, nullable=False),
    Column("at", Big, nullable=False, index=True),
)
"""What stood under a UID, kept for a day: a session that hasn't been told of the EXPUNGE still
reads it (docs/rules.md 19). No foreign key to folder: rows of a deleted folder go by their age."""

folder_annotation = Table(
    "folder_annotation",
    metadata,
    Column("folder_id", ForeignKey("folder.id"), primary_key=True),
    Column("principal_id", Integer, primary_key=True),
    Column("entry", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
"""principal_id: whose note it is; 0: everybody's, hence no foreign key."""

folder_keyword = Table(
    "folder_keyword",
    metadata,
    Column("folder_id", ForeignKey("folder.id"), primary_key=True),
    Column("name", String, primary_key=True),
)
