"""Processes, types, groups, members and creators."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from storage.schema.columns import Big, id_column, metadata, reference

process = Table(
    "process",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    UniqueConstraint("segment_id", "name"),
)

process_state = Table(
    "process_state",
    metadata,
    id_column(),
    reference("process_id", "process.id", index=True),
    Column("name", String, nullable=False),
    Column("is_initial", Boolean, nullable=False),
    Column("is_closed", Boolean, nullable=False),
    UniqueConstraint("process_id", "name"),
)

process_transition = Table(
    "process_transition",
    metadata,
    id_column(),
    reference("process_id", "process.id", index=True),
    Column("name", String, nullable=False),
    reference("from_state_id", "process_state.id"),
    reference("to_state_id", "process_state.id"),
    Column("percent_complete", Integer),
    Column("actions", Text, nullable=False),
    Column("by_mail", Boolean, nullable=False, server_default=false()),
    Column("rejected_by", String),
    Column("approvers", Text),
    Column("template", String),
    Column("template_to", Text),
    UniqueConstraint("process_id", "name", "from_state_id"),
)
"""actions: JSON list of names (`assign to me`, `actual start`, `send as mail`, ...). by_mail:
offered for approval by mail; rejected_by: the transition that a rejection takes, NULL: none.
approvers: JSON list of those who are asked when somebody wants it taken (addresses, names of users,
`assigned to`); NULL: it is taken at once. template: of a mail that it sends; template_to: JSON list
of `reporting contact`, `assigned to`, addresses."""

activity_type = Table(
    "activity_type",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("activity_class", String, nullable=False),
    reference("process_id", "process.id"),
    Column("follow_up_transition", String),
    UniqueConstraint("segment_id", "name_key"),
)

activity_group = Table(
    "activity_group",
    metadata,
    id_column(),
    reference("segment_id", "segment.id"),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    Column("subscribe", Boolean, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("sent_by_references", Boolean, nullable=False, server_default=false()),
    Column("shows_attachments", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("segment_id", "kind", "name_key"),
)
"""kind: tracker, category, milestone. subscribe: members who can drop are subscribed at once.
sent_by_references: as in principal, for activities of this group. shows_attachments: the messages
of its activities have their media as parts."""

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
    id_column(),
    reference("segment_id", "segment.id"),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False),
    reference("type_id", "activity_type.id"),
    Column("priority", Integer, nullable=False),
    reference("assigned_to_id", "principal.id", null=True),
    Column("follow_up_transition", String),
    UniqueConstraint("segment_id", "name_key"),
)

creator_group = Table(
    "creator_group",
    metadata,
    Column("creator_id", ForeignKey("activity_creator.id"), primary_key=True),
    Column("group_id", ForeignKey("activity_group.id"), primary_key=True, index=True),
)
