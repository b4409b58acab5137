"""What waited in the spool comes to its owner's Recovered Messages (rule 17)."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.names import key
from imapgate.activities.people import Person, person_by_id
from imapgate.folders import ready, records, recovered
from imapgate.folders.appending import internal_at
from imapgate.folders.folder import Kind
from imapgate.folders.listing import find
from imapgate.folders.spooled import Damaged, Spooled
from storage import Tx, spooled


def take_in(tx: Tx, drop: Spooled, prepared: Sequence[ready.Prepared]) -> int:
    """How many messages of a spooled drop were taken in: each has its record, and stands in
    Recovered Messages unless its owner has filed it since. 0: it was taken in before.

    prepared: its messages, in order. No limit on Recovered Messages counts here: the copy was
    promised. Raises Damaged if its owner isn't here.
    """
    person = owner(tx, drop.principal_id, drop.principal, drop.segment)
    new = drop.times - spooled.times_taken(tx, drop.token)
    if new <= 0:
        return 0
    stored = [ready.store(tx, person.segment_id, one) for one in prepared]
    settled = _settled(tx, person, drop, prepared, stored)
    recovered.keep_all(
        tx,
        person.id,
        [
            recovered.Kept(
                stored_message_id,
                len(one.content),
                internal_at(message.internal_at, drop.first_at),
                message.internal_zone,
            )
            for stored_message_id, one, message in zip(stored, prepared, drop.messages, strict=True)
            if stored_message_id not in settled
        ],
        recovered.FAILED,
    )
    _record(tx, person, drop, prepared, stored, new)
    spooled.set_taken(tx, drop.token, drop.times)
    return len(stored)


def owner(tx: Tx, principal_id: int, name: str, segment: str) -> Person:
    """By number and by name: in a database that was made anew, the number may be somebody else's.
    Raises Damaged."""
    found = person_by_id(tx, principal_id)
    if found is not None:
        person, _ = found
        if (key(person.name), key(person.segment)) == (key(name), key(segment)):
            return person
    raise Damaged("its user isn't there")


def _settled(
    tx: Tx,
    person: Person,
    drop: Spooled,
    prepared: Sequence[ready.Prepared],
    stored: Sequence[int],
) -> frozenset[int]:
    """Stored messages that their owner has brought to a group since, or to the personal folder that
    this drop was for."""
    filed = spooled.filed_since(tx, person.id, {one.identity for one in prepared}, drop.first_at)
    settled = frozenset(
        stored_message_id
        for stored_message_id, one in zip(stored, prepared, strict=True)
        if one.identity in filed
    )
    folder = find(tx, person, drop.folder)
    if folder is not None and folder.kind is Kind.PERSONAL and not folder.filled:
        settled |= spooled.saved_since(tx, folder.id, stored, drop.first_at)
    return settled


def _record(
    tx: Tx,
    person: Person,
    drop: Spooled,
    prepared: Sequence[ready.Prepared],
    stored: Sequence[int],
    times: int,
) -> None:
    verdict = records.LATER if drop.code == "UNAVAILABLE" else records.REFUSED
    result = records.Result(verdict, drop.text, drop.code)
    records.write(
        tx,
        person,
        records.Road("APPEND", drop.client, None, drop.folder),
        [
            (
                records.Message(
                    stored_message_id,
                    one.sha256,
                    one.identity,
                    one.mail.message_id,
                    one.mail.subject,
                ),
                result,
            )
            for stored_message_id, one in zip(stored, prepared, strict=True)
        ],
        records.Earlier(drop.at, times, drop.first_at if times > 1 else None),
    )
