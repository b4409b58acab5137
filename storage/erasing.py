"""Takes messages, and what was derived from them, out of the database file for good: every
connection overwrites with zeros what it deletes (PRAGMA secure_delete, storage.sqlite)."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, or_, select, update

from storage import address_groups, entries, sqlite
from storage.engine import Database, Tx
from storage.faults import told_plainly
from storage.messages import LEAVING as LEAVING
from storage.schema import (
    activity,
    contact,
    drop_record,
    email_activity,
    email_address,
    email_recipient,
    email_recipient_group,
    entry,
    expunged_entry,
    folder,
    follow_up,
    link,
    media,
    message,
    message_chunk,
    message_digest,
    message_order,
    message_ready,
    message_text,
    note,
    notice,
    principal,
)

CHUNKS_AT_ONCE = 16
"""Chunk rows of one transaction: 4 MiB, so that a large message doesn't hold up the writer."""
PATIENCE = 20.0
"""Seconds in which the log is tried to be emptied: readers, or another checkpoint, may be busy."""
PAUSE = 0.1
SOME = 500
"""Values of one IN list."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message's row. size: octets."""

    id: int
    identity: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands. owner_id: of a personal folder, None: of a group. shown: in the folder
    of an activity, its owner's view of what stands in groups."""

    folder_id: int
    owner_id: int | None
    uid: int
    shown: bool


# -- what there is -------------------------------------------------------------------------------


def of_activities(tx: Tx, activity_ids: Collection[int], wrappers: bool) -> set[int]:
    """Stored messages that these activities were made of, or that were dropped as theirs. wrappers:
    those that named or made them, instead. Looks at every drop record: a read of its own."""
    made = drop_record.c.activity_id.in_(activity_ids)
    found = set(
        _column(
            tx,
            select(drop_record.c.stored_message_id).where(
                made,
                drop_record.c.is_wrapper.is_(wrappers),
                drop_record.c.stored_message_id.is_not(None),
            ),
        )
    )
    if not wrappers:
        for table in (email_activity, entry):
            found.update(
                _column(
                    tx,
                    select(table.c.stored_message_id).where(table.c.activity_id.in_(activity_ids)),
                )
            )
    return found


def records_of(tx: Tx, activity_ids: Collection[int]) -> list[int]:
    """Ids of the drop records that name these activities. Looks at every record."""
    return _column(tx, select(drop_record.c.id).where(drop_record.c.activity_id.in_(activity_ids)))


def stored(tx: Tx, stored_message_ids: Collection[int]) -> list[Stored]:
    return _stored(tx, message.c.id.in_(stored_message_ids))


def alike(tx: Tx, segment_id: int, identities: Collection[bytes], above: int = 0) -> list[Stored]:
    """The segment's messages with one of these identities whose row id is above that. Looks at
    every message from there on."""
    return _stored(
        tx,
        message.c.id > above,
        message.c.segment_id == segment_id,
        message.c.identity.in_(identities),
    )


def newest_message(tx: Tx) -> int:
    """The highest row id; 0: there is none."""
    return int(tx.connection.execute(select(func.coalesce(func.max(message.c.id), 0))).scalar_one())


def possible_wrappers(tx: Tx, segment_id: int) -> list[int]:
    """Stored messages of the segment's wrappers, and of what was refused, which may have been one
    and stands in Recovered Messages; once each. Looks at every record."""
    return _column(
        tx,
        select(drop_record.c.stored_message_id)
        .distinct()
        .where(
            drop_record.c.is_wrapper | drop_record.c.verdict.in_(("refused", "later")),
            drop_record.c.segment_id == segment_id,
            drop_record.c.stored_message_id.is_not(None),
        ),
    )


def other_activities(
    tx: Tx, segment_id: int, identities: Collection[bytes], without: Collection[int]
) -> list[tuple[int, bytes]]:
    """(number, identity) of the e-mail activities of these mails, but for those in without."""
    rows = tx.connection.execute(
        select(activity.c.number, email_activity.c.identity)
        .join_from(email_activity, activity, activity.c.id == email_activity.c.activity_id)
        .where(
            email_activity.c.segment_id == segment_id,
            email_activity.c.identity.in_(identities),
            email_activity.c.activity_id.not_in(without),
        )
        .order_by(activity.c.number)
    )
    return [(row[0], row[1]) for row in rows]


def media_elsewhere(
    tx: Tx, stored_message_ids: Collection[int], without: Collection[int]
) -> list[tuple[int, str]]:
    """(number, name) of media that are parts of these messages, of activities not in without.
    Looks at all media."""
    rows = tx.connection.execute(
        select(activity.c.number, media.c.name)
        .join_from(media, activity, activity.c.id == media.c.activity_id)
        .where(
            media.c.stored_message_id.in_(stored_message_ids),
            media.c.activity_id.not_in(without),
        )
        .order_by(activity.c.number, media.c.id)
    )
    return [(row[0], row[1]) for row in rows]


def places(
    tx: Tx, stored_message_ids: Collection[int], activity_ids: Collection[int]
) -> list[Place]:
    """Every entry of these messages and of these activities, in the order of folders."""
    rows = tx.connection.execute(
        select(folder.c.id, folder.c.owner_id, entry.c.uid, folder.c.place.is_not(None))
        .join_from(entry, folder, folder.c.id == entry.c.folder_id)
        .where(
            or_(
                entry.c.stored_message_id.in_(stored_message_ids),
                entry.c.activity_id.in_(activity_ids),
            )
        )
        .order_by(folder.c.id, entry.c.uid)
    )
    return [Place(*row) for row in rows]


# -- taking it out -------------------------------------------------------------------------------


def remove_entries(tx: Tx, found: Sequence[Place], stored_message_ids: Collection[int]) -> None:
    """They are expunged for every session that looks, and nothing is kept readable of them; nor of
    earlier entries of these messages."""
    by_folder: dict[int, list[int]] = {}
    for one in found:
        by_folder.setdefault(one.folder_id, []).append(one.uid)
    for folder_id, uids in by_folder.items():
        entries.remove(tx, folder_id, uids)
        for start in range(0, len(uids), SOME):
            some = uids[start : start + SOME]
            _delete(
                tx,
                expunged_entry,
                expunged_entry.c.folder_id == folder_id,
                expunged_entry.c.uid.in_(some),
            )
    _delete(tx, expunged_entry, expunged_entry.c.stored_message_id.in_(stored_message_ids))


def remove_email(tx: Tx, activity_id: int) -> None:
    """An activity's mail: text, recipients, media and notes."""
    for table in (email_recipient, email_recipient_group, media, note, email_activity):
        _delete(tx, table, table.c.activity_id == activity_id)


def blank_follow_ups(tx: Tx, activity_id: int, titles: Collection[str], erased: str) -> None:
    """Follow-ups of these titles on it that nobody wrote lose their text."""
    tx.connection.execute(
        update(follow_up)
        .where(
            follow_up.c.activity_id == activity_id,
            follow_up.c.title.in_(titles),
            follow_up.c.author_id.is_(None),
        )
        .values(text=erased)
    )


def contacts_of(tx: Tx, activity_ids: Collection[int], made_at: Collection[int]) -> list[int]:
    """Contacts of the sender and recipients of these activities' mails that were made at one of
    those moments (seconds since 1970 UTC), hence by the mail; not those by_hand."""
    return _column(
        tx,
        select(contact.c.id)
        .distinct()
        .join_from(
            email_recipient, email_address, email_address.c.id == email_recipient.c.address_id
        )
        .join(contact, contact.c.id == email_address.c.contact_id)
        .where(
            email_recipient.c.activity_id.in_(activity_ids),
            contact.c.created_at.in_(made_at),
            ~contact.c.by_hand,
        ),
    )


def remove_contacts(tx: Tx, contact_ids: Collection[int]) -> None:
    """Those of them that nothing refers to any more, with their addresses."""
    left = [one for one in contact_ids if not (_mailed(tx, one) or address_groups.holds(tx, one))]
    # Two of these look at all rows: that is left to the last.
    for column in (
        principal.c.contact_id,
        activity.c.reporting_contact_id,
        follow_up.c.author_contact_id,
    ):
        if left:
            used = set(_column(tx, select(column).distinct().where(column.in_(left))))
            left = [one for one in left if one not in used]
    _delete(tx, email_address, email_address.c.contact_id.in_(left))
    _delete(tx, contact, contact.c.id.in_(left))


def rename_linked(tx: Tx, activity_id: int, erased: str) -> list[int]:
    """Follow-ups that came from this activity lose title, text and the sender; of the activities
    that it is linked to, those that are named exactly as its mail's subject are called `erased`.
    The numbers of the latter."""
    linked = select(link.c.to_id).where(link.c.from_id == activity_id)
    tx.connection.execute(
        update(follow_up)
        .where(follow_up.c.activity_id.in_(linked), follow_up.c.from_activity_id == activity_id)
        .values(title=erased, text=erased, author_contact_id=None)
    )
    subject = (
        select(func.trim(email_activity.c.subject))
        .where(email_activity.c.activity_id == activity_id)
        .scalar_subquery()
    )
    renamed = tx.connection.execute(
        update(activity)
        .where(activity.c.id.in_(linked), activity.c.name == subject, activity.c.name != "")
        .values(name=erased, modified_at=tx.now)
        .returning(activity.c.number)
    )
    return sorted(renamed.scalars())


def blank_records(
    tx: Tx,
    segment_id: int,
    record_ids: Collection[int],
    stored_message_ids: Collection[int],
    identities: Collection[bytes],
    erased: str,
) -> None:
    """These drop records, and those of these messages and mails: subject, Message-ID and identity
    go; who, when, where, verdict and SHA-256 stay."""
    people = select(principal.c.id).where(principal.c.segment_id == segment_id)
    chosen: list[ColumnElement[bool]] = [
        drop_record.c.stored_message_id.in_(stored_message_ids),
        drop_record.c.principal_id.in_(people) & drop_record.c.identity.in_(identities),
    ]
    ids = list(record_ids)
    chosen += [
        drop_record.c.id.in_(ids[start : start + SOME]) for start in range(0, len(ids), SOME)
    ]
    for condition in chosen:
        tx.connection.execute(
            update(drop_record)
            .where(condition)
            .values(subject=erased, message_id=None, identity=None, stored_message_id=None)
        )


def detach(tx: Tx, stored_message_ids: Collection[int]) -> None:
    """Nobody finds these messages any more, and the same mail dropped again is a new one; `finish`
    removes their bytes. Media of other activities that are parts of them go at once."""
    _delete(tx, media, media.c.stored_message_id.in_(stored_message_ids))
    _delete(tx, notice, notice.c.stored_message_id.in_(stored_message_ids))
    for one in stored_message_ids:
        tx.connection.execute(
            update(message)
            .where(message.c.id == one)
            .values(identity=LEAVING, sha256=os.urandom(32), email_id=None, thread_id=None)
        )


def finish(db: Database) -> int:
    """Removes the bytes and texts of every detached message, in short transactions: also of those
    that an earlier, interrupted run left. How many there were."""
    leaving = db.read(lambda tx: [one.id for one in _stored(tx, message.c.identity == LEAVING)])
    for one in leaving:
        while db.write(partial(_remove_chunks, stored_message_id=one)):
            pass
        db.write(partial(_remove_message, stored_message_id=one))
    return len(leaving)


def empty_log(db: Database) -> bool:
    """Brings the write-ahead log home and cuts it to nothing, so that it holds no page of before.
    False: readers were in the way all the time."""
    until = time.monotonic() + PATIENCE
    with told_plainly(), sqlite.bare(db.path).connect() as connection:
        while connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
            if time.monotonic() >= until:
                return False
            time.sleep(PAUSE)
    return True


def _mailed(tx: Tx, contact_id: int) -> bool:
    """Whether a mail went to or came from one of the contact's addresses."""
    addresses = select(email_address.c.id).where(email_address.c.contact_id == contact_id)
    found = select(email_recipient.c.activity_id).where(email_recipient.c.address_id.in_(addresses))
    return tx.connection.execute(found.limit(1)).first() is not None


def _remove_chunks(tx: Tx, stored_message_id: int) -> bool:
    """Some of a message's bytes; whether there were any."""
    some = (
        select(message_chunk.c.n)
        .where(message_chunk.c.stored_message_id == stored_message_id)
        .order_by(message_chunk.c.n)
        .limit(CHUNKS_AT_ONCE)
    )
    gone = _delete(
        tx,
        message_chunk,
        message_chunk.c.stored_message_id == stored_message_id,
        message_chunk.c.n.in_(some),
    )
    return gone > 0


def _remove_message(tx: Tx, stored_message_id: int) -> None:
    for table in (message_ready, message_digest, message_text, message_order):
        _delete(tx, table, table.c.stored_message_id == stored_message_id)
    _delete(tx, message, message.c.id == stored_message_id)


def _delete(tx: Tx, table: Table, *conditions: ColumnElement[bool]) -> int:
    return tx.connection.execute(delete(table).where(*conditions)).rowcount


def _stored(tx: Tx, *conditions: ColumnElement[bool]) -> list[Stored]:
    rows = tx.connection.execute(
        select(message.c.id, message.c.identity, message.c.size)
        .where(*conditions)
        .order_by(message.c.id)
    )
    return [Stored(*row) for row in rows]


def _column(tx: Tx, statement: Select[Any]) -> list[int]:
    return list(tx.connection.execute(statement).scalars())
