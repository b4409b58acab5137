"""Recovered Messages: a personal folder in which nothing that a user dropped is lost (rules 3,
16)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders import marks, names
from imapgate.limits import Limits
from storage import Tx, drops, entries, folders, standing

NO_CREATOR = "$NoCreator"
NO_RIGHT = "$NoRight"
NO_FOLDER = "$NoFolder"
REFUSED = "$Refused"
FAILED = "$Failed"
TAKEN_OUT = "$TakenOut"
REASONS = frozenset((NO_CREATOR, NO_RIGHT, NO_FOLDER, REFUSED, FAILED, TAKEN_OUT))
"""Keywords that tell why a message stands here."""

EXPUNGED_AFTER = 24 * 60 * 60
"""Seconds in which a message that is expunged after its COPY or MOVE was refused is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored message on its way here, with its INTERNALDATE (seconds since 1970, minutes east).
    saved_at: when it comes here (seconds since 1970); None: now."""

    stored_message_id: int
    size: int
    internal_at: int
    internal_zone: int = 0
    saved_at: int | None = None


def keep(tx: Tx, principal_id: int, stored_message_id: int, reason: str) -> None:
    """Put one stored message into that person's Recovered Messages, as of now. See `keep_all`."""
    size = standing.sizes(tx, [stored_message_id])[stored_message_id]
    keep_all(tx, principal_id, [Kept(stored_message_id, size, tx.now)], reason)


def keep_all(tx: Tx, principal_id: int, messages: Sequence[Kept], reason: str) -> None:
    """Put stored messages into that person's Recovered Messages; what stands there already (by its
    bytes) stays as it is, but isn't `\\Deleted` any more: its owner was just told that it is here.
    reason: one of REASONS. No limit here: the bytes are stored anyway, and only those of a refused
    APPEND are new (see `fits`)."""
    folder_id = _folder(tx, principal_id)
    here = standing.by_stored_message(tx, folder_id, {one.stored_message_id for one in messages})
    marks.clear_deleted(
        tx, principal_id, folder_id, [uid for uids in here.values() for uid in uids]
    )
    new = {one.stored_message_id: one for one in messages if one.stored_message_id not in here}
    entries.add(
        tx,
        folder_id,
        [
            entries.NewEntry(
                stored_message_id=one.stored_message_id,
                size=one.size,
                internal_at=one.internal_at,
                internal_zone=one.internal_zone,
                keywords=reason,
                saved_at=one.saved_at,
            )
            for one in new.values()
        ],
    )


def fits(tx: Tx, person: Person, messages: Sequence[tuple[bytes, int]], limits: Limits) -> bool:
    """Whether all of these (SHA-256, octets) can be kept beside what is there; repeats take no
    room."""
    folder_id = _folder(tx, person.id)
    known = standing.known_hashes(tx, person.segment_id, [sha256 for sha256, _ in messages])
    here = standing.by_stored_message(tx, folder_id, list(known.values()))
    new = {
        sha256: size
        for sha256, size in messages
        if sha256 not in known or known[sha256] not in here
    }
    return not new or standing.octets(tx, folder_id) + sum(new.values()) <= limits.recovered


def is_full(tx: Tx, person: Person, octets: int, limits: Limits) -> bool:
    """Whether a message of that size, of which nothing is known yet, would find no room."""
    return standing.octets(tx, _folder(tx, person.id)) + octets > limits.recovered


def keep_if_refused(
    tx: Tx,
    person: Person,
    gone: Mapping[int, int],
    leaving: int,
) -> None:
    """Call after messages were expunged from a personal folder (leaving: its id): what this
    person's COPY or MOVE was refused for in the last 24 hours, and wasn't filed since, is kept
    here (rule 3).

    gone: stored messages, with the time at which they had come to that folder (seconds since 1970).
    What still stands in another of the person's folders (Trash) isn't lost yet: it is kept when it
    goes there. In Incoming/Failed, too, it may stand, but leaves without the owner's doing. Out of
    Recovered Messages itself it comes back once: a refusal counts there only if it isn't older than
    the entry, so that a client that deletes after NO loses nothing, and the owner's own word is
    obeyed.
    """
    folder_id = _folder(tx, person.id)
    last: dict[int, tuple[str, int]] = {}
    since = tx.now - EXPUNGED_AFTER
    for stored_message_id, verdict, at in drops.verdicts(
        tx, person.id, gone, ("COPY", "MOVE"), since
    ):
        last[stored_message_id] = verdict, at
    lost = {
        one
        for one, (verdict, at) in last.items()
        if verdict in ("refused", "later") and (leaving != folder_id or at >= gone[one])
    }
    if lost:
        failed_id = folders.own_by_key(tx, person.id, names.FAILED_KEY)
        without = [one for one in (leaving, folder_id, failed_id) if one is not None]
        lost -= standing.owned_elsewhere(tx, person.id, lost, without)
    sizes = standing.sizes(tx, lost)
    # Younger than the refusal that brings it here: within one second, too, that counts only once.
    kept = [
        Kept(one, sizes[one], tx.now, saved_at=max(tx.now, last[one][1] + 1))
        for one in sorted(lost)
    ]
    if kept:
        keep_all(tx, person.id, kept, REFUSED)


def filed(tx: Tx, principal_id: int, stored_message_ids: Collection[int]) -> None:
    """What gets filed leaves Recovered Messages."""
    folder_id = _folder(tx, principal_id)
    here = standing.by_stored_message(tx, folder_id, stored_message_ids)
    gone = sorted(uid for uids in here.values() for uid in uids)
    if gone:
        entries.remove(tx, folder_id, gone)


def saved(tx: Tx, principal_id: int, stored_message_ids: Collection[int]) -> None:
    """What stands here only because its folder wasn't there [TRYCREATE] leaves once the client,
    having made the folder, has saved it in a personal folder."""
    folder_id = _folder(tx, principal_id)
    here = standing.by_stored_message(tx, folder_id, stored_message_ids)
    uids = [uid for found in here.values() for uid in found]
    gone = [
        one.uid for one in standing.load(tx, folder_id, uids) if NO_FOLDER in one.keywords.split()
    ]
    if gone:
        entries.remove(tx, folder_id, gone)


def _folder(tx: Tx, principal_id: int) -> int:
    found = folders.own_by_key(tx, principal_id, names.RECOVERED_KEY)
    if found is None:
        raise LookupError(f"principal {principal_id} has no {names.RECOVERED}")
    return found
