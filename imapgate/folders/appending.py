"""APPEND inside its transactions: the one that lands the messages, and the one that keeps what
was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from imapgate.activities import filing
from imapgate.activities.people import Person
from imapgate.folders import (
    activity_drop,
    filed_text,
    marks,
    quota,
    ready,
    records,
    recovered,
    refusals,
)
from imapgate.folders.activity_folders import making
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.group_drop import Dropped, drop_into_group
from imapgate.folders.refusals import Refused
from imapgate.folders.verdict import Outcome, Verdict, plain
from imapgate.limits import Limits
from imapgate.mime.index import Content
from storage import Tx, entries
from storage.schema import SEEN

EARLIEST = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp())
LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
"""What an INTERNALDATE may be: with any zone it is a date that can be written."""
WIDEST_ZONE = 24 * 60 - 1
"""Minutes east or west."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message of an APPEND. flags as written; internal_at (seconds since 1970 UTC) None: now;
    internal_zone: minutes east."""

    content: Content
    flags: tuple[bytes, ...]
    internal_at: int | None
    internal_zone: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """An arrival, read; prepared None: larger than a message may be, so that it was never read."""

    prepared: ready.Prepared | None
    marks: marks.Marks
    internal_at: int | None
    internal_zone: int

    def at(self, now: int) -> int:
        """INTERNALDATE in seconds, within what can be written."""
        return internal_at(self.internal_at, now)


def internal_at(told: int | None, now: int) -> int:
    """INTERNALDATE in seconds, within what can be written. told None: now."""
    return now if told is None else min(max(told, EARLIEST), LATEST)


NOT_UPLOADED = Incoming(None, marks.Marks(), None, 0)
"""Stands for a message that was announced and not taken."""


def prepare(arrivals: Sequence[Arrival], limits: Limits) -> list[Incoming]:
    """Reads the messages; outside of any transaction."""
    return [
        Incoming(
            None if len(one.content) > limits.message else ready.prepare(one.content),
            marks.read(one.flags),
            one.internal_at,
            0
            if one.internal_at is None
            else min(max(one.internal_zone, -WIDEST_ZONE), WIDEST_ZONE),
        )
        for one in arrivals
    ]


def append(
    tx: Tx,
    person: Person,
    name: str,
    incoming: Sequence[Incoming],
    client: str,
    limits: Limits,
    command: str = "APPEND",
    making_room: Sequence[int] = (),
) -> Verdict:
    """Lands all messages, with their records, which name the command. making_room: octets of each
    message that leaves the person's own folders in the same transaction. Raises Refused: nothing is
    to be kept of this transaction."""
    folder = refusals.target(tx, person, name, limits)
    if any(one.prepared is None for one in incoming):
        raise refusals.too_big(limits)
    if folder.kind is Kind.PERSONAL:
        sizes = [len(one.prepared.content) for one in incoming if one.prepared is not None]
        messages, octets = len(sizes) - len(making_room), sum(sizes) - sum(making_room)
        quota.check(tx, person, messages, octets, limits)
        return _save(tx, person, folder, incoming, limits)
    if len(incoming) > limits.drop_messages:
        raise refusals.too_many(limits)
    folder = making.make(tx, person, folder)
    group_id = activity_drop.group_for(tx, person, folder)
    came = drop_into_group(
        tx,
        person,
        folder,
        (_stored(tx, person, one) for one in incoming),
        limits,
        lambda one: filing.file_into_group(tx, person, one.stored, group_id, folder.activity_id),
    )
    road = records.Road(command, client, folder.id, folder.name)
    records.write(tx, person, road, filed_text.as_drops(came))
    return Verdict(
        Outcome.DONE,
        filed_text.filed(came),
        uidvalidity=folder.uidvalidity,
        folder=folder,
        uids=tuple(one.uid for one in came),
    )


def keep_refused(
    tx: Tx,
    person: Person,
    name: str,
    incoming: Sequence[Incoming],
    client: str,
    limits: Limits,
    refused: Refused,
    command: str = "APPEND",
) -> Verdict:
    """Puts what was refused into Recovered Messages, all of it if there is room for all, and
    records it; the verdict says whether a copy is there."""
    read = [one.prepared for one in incoming if one.prepared is not None]
    fits = recovered.fits(tx, person, [(one.sha256, len(one.content)) for one in read], limits)
    code, became = refused.code, refusals.A_COPY
    if len(read) < len(incoming):
        became = refusals.NO_COPY
    elif not fits:
        code, became = "OVERQUOTA", refusals.NO_ROOM
    text = refused.text(became)
    kept = []
    written = []
    for one in incoming:
        message = records.Message()
        if one.prepared is not None:
            stored_message_id = None
            if fits:
                stored_message_id = ready.store(tx, person.segment_id, one.prepared)
                kept.append(
                    recovered.Kept(
                        stored_message_id,
                        len(one.prepared.content),
                        one.at(tx.now),
                        one.internal_zone,
                    )
                )
            message = records.Message(
                stored_message_id,
                one.prepared.sha256,
                one.prepared.identity,
                one.prepared.mail.message_id,
                one.prepared.mail.subject,
            )
        written.append((message, records.Result(records.REFUSED, text, code)))
    recovered.keep_all(tx, person.id, kept, refused.reason)
    records.write(tx, person, records.Road(command, client, None, name), written)
    return Verdict(Outcome.REFUSED, text, code)


def _save(
    tx: Tx, person: Person, folder: Folder, incoming: Sequence[Incoming], limits: Limits
) -> Verdict:
    """Into a personal folder: plain mail, which never merges."""
    keywords = marks.columns(tx, folder.id, [one.marks.keywords for one in incoming], limits)
    made = []
    for one, column in zip(incoming, keywords, strict=True):
        assert one.prepared is not None
        made.append(
            entries.NewEntry(
                stored_message_id=ready.store(tx, person.segment_id, one.prepared),
                size=len(one.prepared.content),
                internal_at=one.at(tx.now),
                internal_zone=one.internal_zone,
                flags=one.marks.shared,
                keywords=column,
            )
        )
    uids = entries.add(tx, folder.id, made)
    own = {uid: one.marks.own for uid, one in zip(uids, incoming, strict=True)}
    marks.set_own(tx, person.id, folder.id, own)
    recovered.saved(tx, person.id, [one.stored_message_id for one in made])
    return Verdict(
        Outcome.DONE,
        plain(f"Saved in {folder.name}", "."),
        uidvalidity=folder.uidvalidity,
        folder=folder,
        uids=tuple(uids),
    )


def _stored(tx: Tx, person: Person, one: Incoming) -> Dropped:
    assert one.prepared is not None
    at = one.at(tx.now)
    return Dropped(
        ready.store(tx, person.segment_id, one.prepared),
        one.prepared.sha256,
        one.prepared.identity,
        len(one.prepared.content),
        one.prepared.mail,
        at,
        one.internal_zone,
        one.marks,
        attached(tx, person, one.prepared, at, one.internal_zone, one.marks),
    )


def attached(
    tx: Tx,
    person: Person,
    wrapper: ready.Prepared,
    internal_at: int,
    internal_zone: int,
    wrapper_marks: marks.Marks,
) -> tuple[Dropped, ...]:
    """Stores the messages inside what looks like a wrapper; each has the wrapper's INTERNALDATE,
    and is seen by the dropper if the wrapper is. Raises Refused if there are too many."""
    if wrapper.is_cut:
        raise refusals.too_many_attached()
    seen = marks.Marks(own=wrapper_marks.own & SEEN)
    return tuple(
        Dropped(
            ready.store(tx, person.segment_id, one),
            one.sha256,
            one.identity,
            len(one.content),
            one.mail,
            internal_at,
            internal_zone,
            seen,
        )
        for one in wrapper.attached
    )
