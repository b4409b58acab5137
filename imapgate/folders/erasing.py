"""Erasing activities for good: the mail's bytes, its entries in everybody's folders, its texts.

For a private mail that was dropped by mistake. Rule 4 and rule 16 keep bytes for ever otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from imapgate.activities import erasing as crm
from imapgate.activities.names import Mistake
from imapgate.activities.people import Person
from imapgate.folders import ready, wrapped
from imapgate.folders.activity_folders.settling import settle
from imapgate.folders.refusals import Refused
from imapgate.folders.revisions import erasing as revised
from imapgate.limits import Limits
from storage import Database, Tx, outbox_keeping
from storage import erasing as rows
from storage import erasing_queue as queue
from storage.engine import Unavailable

ARCHIVE = "archive"
"""Kind of the accounts that bring journal envelopes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go. kept_by: numbers of other activities of the same mail, for which its bytes and
    everybody's copies stay. groups, personal: entries in groups' folders and in personal ones;
    folders, people: in how many of the latter, and whose. wrappers: wrapper mails, journal
    envelopes and discarded mails that hold the mail, and go as well. media: (number, name) of other
    activities' media that are parts of what goes. telling: ids of the activities whose messages may
    say something of what goes, and are written anew."""

    numbers: tuple[int, ...]
    kept_by: tuple[int, ...]
    groups: int
    personal: int
    folders: int
    people: int
    wrappers: int
    media: tuple[tuple[int, str], ...]
    messages: frozenset[int]
    identities: frozenset[bytes]
    newest: int
    telling: frozenset[int]
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """renamed: numbers of activities that had the mail's subject for a name. overwritten: the
    bytes are in neither the database's file nor its write-ahead log any more; else `finish` has to
    be tried again."""

    numbers: tuple[int, ...]
    renamed: tuple[int, ...]
    overwritten: bool


def plan(db: Database, segment_id: int, numbers: Sequence[int], limits: Limits) -> Plan:
    """What `erase` of these would do. Reads only, but reads much: every drop record and message is
    looked at. Raises Mistake."""
    newest, identities, kept_by = db.read(lambda tx: _mails(tx, segment_id, numbers))
    alike = db.read(lambda tx: rows.alike(tx, segment_id, identities))
    sizes = {one.size for one in alike}
    wrappers = set(_wrappers(db, segment_id, identities, sizes, limits)) if identities else set()

    def look(tx: Tx) -> Plan:
        activities = crm.find(tx, segment_id, numbers)
        found = [one.id for one in activities]
        outer = {one.identity for one in rows.stored(tx, wrappers)}
        filed = rows.other_activities(tx, segment_id, outer, found)
        outer -= {identity for _, identity in filed}
        gone = {one.id for one in rows.alike(tx, segment_id, identities | outer)}
        telling = revised.telling(tx, segment_id, found)
        written = revised.written(tx, segment_id, telling)
        places = rows.places(tx, gone, found)
        told = rows.places(tx, gone | written.messages, found)
        # What an activity's folder shows is no copy of somebody's own.
        personal = [one for one in told if one.owner_id is not None and not one.shown]
        return Plan(
            numbers=tuple(numbers),
            kept_by=tuple(sorted({*kept_by, *(number for number, _ in filed)})),
            groups=sum(one.owner_id is None for one in places),
            personal=len(personal),
            folders=len({one.folder_id for one in personal}),
            people=len({one.owner_id for one in personal}),
            wrappers=len(outer),
            media=tuple(rows.media_elsewhere(tx, gone, found)),
            messages=frozenset(gone) | written.messages,
            identities=identities | outer | written.identities,
            newest=newest,
            telling=telling,
            records=tuple(sorted(crm.records_of(tx, activities))),
        )

    return db.read(look)


def erase(
    db: Database, segment_id: int, planned: Plan, reason: str, person: Person | None
) -> Erased:
    """Everything at once is out of everybody's sight; then the bytes are overwritten in short
    transactions. Raises Mistake, and nothing is done, if the mail was dropped again since."""
    renamed = db.write(lambda tx: _detach(tx, segment_id, planned, reason, person))
    try:
        overwritten = finish(db)
    except Unavailable:
        overwritten = False
    return Erased(planned.numbers, renamed, overwritten)


def finish(db: Database) -> bool:
    """Overwrites what was detached, by an earlier run too, and empties the log; False: readers were
    in the way. Raises Unavailable."""
    rows.finish(db)
    return rows.empty_log(db)


def _mails(
    tx: Tx, segment_id: int, numbers: Sequence[int]
) -> tuple[int, frozenset[bytes], tuple[int, ...]]:
    """(the newest message there is, identities of the mails that go, numbers of other activities
    that keep theirs)."""
    found = crm.find(tx, segment_id, numbers)
    own = {one.identity for one in rows.stored(tx, crm.messages_of(tx, found))}
    others = rows.other_activities(tx, segment_id, own, [one.id for one in found])
    kept = {identity for _, identity in others}
    kept_by = dict.fromkeys(number for number, _ in others)
    return rows.newest_message(tx), frozenset(own - kept), tuple(kept_by)


def _wrappers(
    db: Database,
    segment_id: int,
    identities: Collection[bytes],
    sizes: Collection[int],
    limits: Limits,
) -> Iterator[int]:
    """Wrapper mails, filed, refused or in the queue, journal envelopes, and what was discarded, in
    which one of these mails is attached. Read is only one that has an attached message of the right
    size."""

    def fitting(tx: Tx) -> list[tuple[int, int, bool]]:
        holding = queue.holding(tx, segment_id, ARCHIVE)
        possible = {*rows.possible_wrappers(tx, segment_id), *queue.unfiled(tx, segment_id)}
        mails = wrapped.mails(tx, sorted(possible | holding))
        right = [
            one for one, mail in mails if any(part.size in sizes for part in mail.message_parts)
        ]
        return [(one.id, one.size, one.id in holding) for one in rows.stored(tx, right)]

    for stored_message_id, size, is_holding in db.read(fitting):
        try:
            content = wrapped.content(db, stored_message_id, size, limits)
            read = ready.prepare(content, with_attached=is_holding)
        except Refused:
            continue  # Erased by somebody else meanwhile.
        if any(one.identity in identities for one in read.attached):
            yield stored_message_id


def _detach(
    tx: Tx, segment_id: int, planned: Plan, reason: str, person: Person | None
) -> tuple[int, ...]:
    found = crm.find(tx, segment_id, planned.numbers)
    ids = [one.id for one in found]
    if rows.other_activities(tx, segment_id, planned.identities, ids):
        raise Mistake("The mail was dropped again just now: nothing was erased, try once more.")
    later = rows.alike(tx, segment_id, planned.identities, planned.newest)
    telling = planned.telling.union(ids)
    written = revised.written(tx, segment_id, telling)
    gone = planned.messages | {one.id for one in later} | written.messages
    revised.due_again(tx, telling, gone)
    renamed = crm.erase(tx, found, reason, person)
    rows.remove_entries(tx, rows.places(tx, gone, ids), gone)
    for one in ids:
        settle(tx, one)
    rows.blank_records(tx, segment_id, planned.records, gone, planned.identities, crm.ERASED)
    queue.blank(tx, gone, crm.ERASED)
    outbox_keeping.blank(tx, gone, ids, crm.ERASED)
    rows.detach(tx, gone)
    return tuple(renamed)
