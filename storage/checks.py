"""Whether rows agree with each other. Each check is a walk in short read transactions, beside a
running server; it gives one plain sentence for each row that is wrong."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, tuple_

from storage.engine import Database, Tx
from storage.revisions import entry_identity
from storage.schema import (
    activity,
    activity_type,
    contact,
    drop_record,
    email_activity,
    email_address,
    entry,
    expunged_run,
    folder,
    follow_up,
    link,
    message,
    meta,
    metadata,
    principal,
    segment,
    user_run,
)

BATCH = 1000
"""Rows that one transaction looks at."""
TOLD = 100
"""Sentences that SQLite's own check gives at most."""
LAST_UIDVALIDITY = 2**32 - 1
"""RFC 3501 2.3.1.1: 32 bits."""

_Row = Any


def integrity(db: Database, full: bool) -> Iterator[str]:
    """SQLite's own look at the file: quick_check, or with full integrity_check, which also compares
    every index with its table. One statement, however long; writers don't wait for it."""
    pragma = "integrity_check" if full else "quick_check"
    found = db.read(lambda tx: tx.connection.exec_driver_sql(f"PRAGMA {pragma}({TOLD})").all())
    for row in found:
        if row[0] != "ok":
            yield str(row[0])


def references(db: Database) -> Iterator[str]:
    """Rows that refer to rows that aren't there, table by table."""

    def look(table: str, tx: Tx) -> Sequence[_Row]:
        return tx.connection.exec_driver_sql(f"PRAGMA foreign_key_check({table})").fetchmany(TOLD)

    for table in sorted(metadata.tables):
        for row in db.read(partial(look, table)):
            yield f"Row {row[1]} of {table} refers to a row of {row[2]} that isn't there."


def entries(db: Database) -> Iterator[str]:
    """UIDs below the folder's next one, MODSEQs no higher than the folder's, the message's own
    size, identity and segment; in a group an e-mail activity, in an activity's folder its own
    message."""
    every = (
        select(
            entry.c.folder_id,
            entry.c.uid,
            folder.c.name,
            folder.c.kind,
            folder.c.uidnext,
            (entry.c.modseq > folder.c.modseq).label("modseq_ahead"),
            (entry.c.size != message.c.size).label("other_size"),
            (message.c.segment_id != folder.c.segment_id).label("foreign_message"),
            entry.c.identity,
            message.c.identity.label("own_identity"),
            entry.c.activity_id,
            entry.c.rendered,
            activity.c.segment_id.label("activity_segment"),
            folder.c.segment_id,
            folder.c.activity_id.label("shown_id"),
            email_activity.c.activity_id.label("email"),
            principal.c.name.label("owner"),
        )
        .join_from(entry, folder, folder.c.id == entry.c.folder_id)
        .join(message, message.c.id == entry.c.stored_message_id)
        .outerjoin(activity, activity.c.id == entry.c.activity_id)
        .outerjoin(email_activity, email_activity.c.activity_id == entry.c.activity_id)
        .outerjoin(principal, principal.c.id == folder.c.owner_id)
    )
    for row in walk(db, every, entry.c.folder_id, entry.c.uid):
        where = place(row.uid, row.folder_id, row.name, row.owner)
        if row.uid >= row.uidnext:
            yield f"{where} is not below the folder's next UID {row.uidnext}."
        if row.modseq_ahead:
            yield f"{where} has a higher MODSEQ than its folder."
        if row.other_size:
            yield f"{where} has another size than its message."
        if row.foreign_message or row.activity_segment not in (None, row.segment_id):
            yield f"{where} shows something of another segment."
        if row.kind not in ("group", "activity"):
            if row.identity is not None:
                yield f"{where} has an identity, though personal folders never merge."
        elif row.identity != _identity(row):
            yield f"{where} has another identity than its message."
        elif row.activity_id is None or (row.email is None and not row.rendered):
            yield f"{where} stands in a group without an e-mail activity."
        elif row.kind == "activity" and row.rendered and row.activity_id != row.shown_id:
            yield f"{where} shows another activity's message."


def _identity(row: _Row) -> bytes | None:
    """By which an entry stands once in its folder."""
    if row.rendered and row.activity_id is not None:
        return entry_identity(row.activity_id)
    own: bytes | None = row.own_identity
    return own


def modseqs(db: Database) -> Iterator[str]:
    """What was expunged, and each user's own flags, are no newer than their folder."""

    def ahead(table: Any) -> Any:
        return exists().where(table.c.folder_id == folder.c.id, table.c.modseq > folder.c.modseq)

    newer = or_(ahead(expunged_run), ahead(user_run)).label("newer")
    for row in walk(db, select(folder.c.id, folder.c.name, newer), folder.c.id):
        if row.newer:
            yield f"Folder {row.id} ({row.name}) has flags or expunged UIDs with a higher MODSEQ."


def counters(db: Database) -> Iterator[str]:
    """Nothing stands past what was given out: activity numbers, UIDVALIDITY; each folder knows how
    much stands in it."""
    every = select(
        activity.c.id,
        activity.c.number,
        segment.c.name,
        (activity.c.number >= segment.c.next_number).label("past"),
    ).join_from(activity, segment, segment.c.id == activity.c.segment_id)
    for row in walk(db, every, activity.c.id):
        if row.past:
            yield f"Activity #{row.number} of segment {row.name} is not below the next number."
    held = (
        select(
            folder.c.id,
            folder.c.name,
            folder.c.messages,
            folder.c.octets,
            func.count(entry.c.uid).label("entries"),
            func.coalesce(func.sum(entry.c.size), 0).label("sizes"),
        )
        .outerjoin(entry, entry.c.folder_id == folder.c.id)
        .group_by(folder.c.id)
    )
    for row in walk(db, held, folder.c.id):
        if (row.messages, row.octets) != (row.entries, row.sizes):
            yield f"Folder {row.id} ({row.name}) counts other messages than stand in it."

    def look(tx: Tx) -> tuple[str | None, int | None]:
        counter = select(meta.c.value).where(meta.c.key == "uidvalidity")
        return (
            tx.connection.execute(counter).scalar(),
            tx.connection.execute(select(func.max(folder.c.uidvalidity))).scalar(),
        )

    counter, highest = db.read(look)
    if counter is None or not counter.isdecimal() or int(counter) > LAST_UIDVALIDITY:
        yield "The counter of UIDVALIDITY is no number of 32 bits."
    elif highest is not None and highest > int(counter):
        yield f"A folder has UIDVALIDITY {highest}, past the counter {counter}."


def links(db: Database) -> Iterator[str]:
    """Links and follow-ups stay within one segment."""
    one, other = activity.alias("one"), activity.alias("other")
    foreign = (one.c.segment_id != other.c.segment_id).label("foreign")
    every = (
        select(
            link.c.from_id,
            link.c.to_id,
            link.c.kind,
            one.c.number,
            other.c.number.label("to_number"),
            foreign,
        )
        .join_from(link, one, one.c.id == link.c.from_id)
        .join(other, other.c.id == link.c.to_id)
    )
    for row in walk(db, every, link.c.from_id, link.c.to_id, link.c.kind):
        if row.foreign:
            yield f"Activity #{row.number} is linked to #{row.to_number} of another segment."
    every = (
        select(follow_up.c.id, one.c.number, foreign)
        .join_from(follow_up, one, one.c.id == follow_up.c.activity_id)
        .join(other, other.c.id == follow_up.c.from_activity_id)
    )
    for row in walk(db, every, follow_up.c.id):
        if row.foreign:
            yield f"Activity #{row.number} has a follow-up by an activity of another segment."


def email_activities(db: Database) -> Iterator[str]:
    """The message that each was made from is of the same segment, and the same mail."""
    strange = or_(
        message.c.segment_id != activity.c.segment_id,
        email_activity.c.segment_id != activity.c.segment_id,
        message.c.identity != email_activity.c.identity,
    ).label("strange")
    every = (
        select(activity.c.id, activity.c.number, strange)
        .join_from(email_activity, activity, activity.c.id == email_activity.c.activity_id)
        .join(message, message.c.id == email_activity.c.stored_message_id)
    )
    for row in walk(db, every, activity.c.id):
        if row.strange:
            yield f"Activity #{row.number} has another message than it was made from."


def drop_records(
    db: Database,
    verdicts: Collection[str],
    outcomes: Collection[str],
    email_class: str,
    erased: str,
) -> Iterator[str]:
    """Each can be read, and names what is of its segment; an e-mail activity that was filed still
    has its mail, unless it was erased.

    verdicts, outcomes: those that there are. email_class: of e-mail activities. erased: the name of
    an activity that was erased.
    """
    every = (
        select(
            drop_record.c.id,
            drop_record.c.verdict,
            drop_record.c.numbers,
            drop_record.c.sha256,
            drop_record.c.segment_id,
            drop_record.c.is_wrapper,
            message.c.sha256.label("own_sha256"),
            message.c.segment_id.label("of_message"),
            activity.c.segment_id.label("of_activity"),
            principal.c.segment_id.label("of_principal"),
            activity.c.number,
            activity.c.name,
            activity_type.c.activity_class,
            email_activity.c.activity_id.label("email"),
        )
        .join_from(drop_record, principal, principal.c.id == drop_record.c.principal_id)
        .outerjoin(message, message.c.id == drop_record.c.stored_message_id)
        .outerjoin(activity, activity.c.id == drop_record.c.activity_id)
        .outerjoin(activity_type, activity_type.c.id == activity.c.type_id)
        .outerjoin(email_activity, email_activity.c.activity_id == drop_record.c.activity_id)
    )
    for row in walk(db, every, drop_record.c.id):
        if row.verdict not in verdicts:
            yield f"Drop {row.id} has a verdict that there is not."
        if not _readable(row.numbers, outcomes):
            yield f"Drop {row.id} names its numbers in a form that can't be read."
        if None not in (row.sha256, row.own_sha256) and row.sha256 != row.own_sha256:
            yield f"Drop {row.id} has another hash than its message."
        if {row.of_message, row.of_activity, row.of_principal} - {None, row.segment_id}:
            yield f"Drop {row.id} names something of another segment."
        made_of_mail = row.activity_class == email_class and not row.is_wrapper
        if made_of_mail and row.email is None and row.name != erased:
            yield f"Activity #{row.number} has lost the mail that it was made from (drop {row.id})."


def shared_addresses(db: Database) -> Iterator[str]:
    """Addresses that stand with several contacts of a segment: no fault, but only one is taken."""
    every = (
        select(
            email_address.c.segment_id,
            email_address.c.address_key,
            segment.c.name,
            func.count().label("contacts"),
        )
        .join_from(email_address, segment, segment.c.id == email_address.c.segment_id)
        .where(email_address.c.kind == "email")
        .group_by(email_address.c.segment_id, email_address.c.address_key, segment.c.name)
    )

    def contacts(row: _Row, tx: Tx) -> Sequence[str]:
        return (
            tx.connection.execute(
                select(contact.c.name)
                .join_from(email_address, contact, contact.c.id == email_address.c.contact_id)
                .where(
                    email_address.c.segment_id == row.segment_id,
                    email_address.c.address_key == row.address_key,
                )
                .order_by(contact.c.id)
                .limit(TOLD)
            )
            .scalars()
            .all()
        )

    for row in walk(db, every, email_address.c.segment_id, email_address.c.address_key):
        if row.contacts > 1:
            names = db.read(partial(contacts, row))
            yield (
                f"{row.address_key} stands with {', '.join(names)} (segment {row.name}); "
                "the first is taken."
            )


def place(uid: int, folder_id: int, name: str, owner: str | None) -> str:
    """Where an entry stands, for people. owner: of a personal folder."""
    return f"UID {uid} of folder {folder_id} ({name if owner is None else f'{owner}: {name}'})"


def newest_time(db: Database) -> int | None:
    """When the newest message or drop record was made, in seconds since 1970 UTC."""

    def work(tx: Tx) -> int | None:
        found = [
            tx.connection.execute(select(column).order_by(key.desc()).limit(1)).scalar()
            for key, column in (
                (message.c.id, message.c.created_at),
                (drop_record.c.id, drop_record.c.at),
                (activity.c.id, activity.c.created_at),
            )
        ]
        return max((one for one in found if one is not None), default=None)

    return db.read(work)


def walk(db: Database, statement: Select[Any], *key: Any) -> Iterator[_Row]:
    """All rows by their key, BATCH of them in a transaction."""
    ordered = statement.order_by(*key).limit(BATCH)
    page = ordered
    while True:
        rows = db.read(partial(_page, page))
        yield from rows
        if len(rows) < BATCH:
            return
        page = ordered.where(tuple_(*key) > tuple(getattr(rows[-1], one.name) for one in key))


def _page(page: Select[Any], tx: Tx) -> Sequence[_Row]:
    return tx.connection.execute(page).all()


def _readable(numbers: str, outcomes: Collection[str]) -> bool:
    try:
        found = json.loads(numbers)
    except ValueError:
        return False
    return isinstance(found, list) and all(
        isinstance(one, dict)
        and isinstance(one.get("number"), int)
        and one.get("outcome") in outcomes
        for one in found
    )
