"""The tables. Core tables only: every room above reads and writes rows, never objects with state.

Conventions: times are whole seconds since 1970 UTC; names that must be unique are kept twice, as
typed and as key (NFC, case folded); flags are bit masks (folders.py); JSON columns hold text.
"""

from storage.schema.activities import (
    activity,
    activity_in_group,
    email_activity,
    email_recipient,
    follow_up,
    link,
    media,
    note,
)
from storage.schema.columns import metadata
from storage.schema.folders import (
    ANSWERED,
    DELETED,
    DRAFT,
    FLAGGED,
    SEEN,
    entry,
    entry_dropper,
    expunged_entry,
    expunged_run,
    folder,
    folder_annotation,
    folder_keyword,
    folder_user,
    lost_subscription,
    user_run,
)
from storage.schema.messages import (
    message,
    message_chunk,
    message_digest,
    message_order,
    message_ready,
    message_text,
)
from storage.schema.people import contact, email_address, principal, segment
from storage.schema.processes import (
    activity_creator,
    activity_group,
    activity_type,
    creator_group,
    membership,
    process,
    process_state,
    process_transition,
)
from storage.schema.records import change, drop_record, meta

__all__ = [
    "ANSWERED",
    "DELETED",
    "DRAFT",
    "FLAGGED",
    "SEEN",
    "activity",
    "activity_creator",
    "activity_group",
    "activity_in_group",
    "activity_type",
    "change",
    "contact",
    "creator_group",
    "drop_record",
    "email_activity",
    "email_address",
    "email_recipient",
    "entry",
    "entry_dropper",
    "expunged_entry",
    "expunged_run",
    "folder",
    "folder_annotation",
    "folder_keyword",
    "folder_user",
    "follow_up",
    "link",
    "lost_subscription",
    "media",
    "membership",
    "message",
    "message_chunk",
    "message_digest",
    "message_order",
    "message_ready",
    "message_text",
    "meta",
    "metadata",
    "note",
    "principal",
    "process",
    "process_state",
    "process_transition",
    "segment",
    "user_run",
]
