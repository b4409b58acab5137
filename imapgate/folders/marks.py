"""Flags of messages on their way into a folder (rule 15): each user's own, the shared ones,
keywords."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from imapgate.limits import Limits
from storage import Tx, entries, folders, runs
from storage import keywords as known_keywords
from storage.schema import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN

NUMBER_UNKNOWN = "$NumberUnknown"
"""Filed, but not as meant: a number in the subject is unknown (rule 6)."""
AUTO_SUBMITTED = "$AutoSubmitted"
"""A machine wrote it (mime.automatic)."""

_OWN = {b"\\SEEN": SEEN, b"\\DELETED": DELETED}
_SHARED = {b"\\ANSWERED": ANSWERED, b"\\FLAGGED": FLAGGED, b"\\DRAFT": DRAFT}


@dataclass(frozen=True, slots=True)
class Marks:
    """own and shared: bits of storage.schema; keywords: as written."""

    own: int = 0
    shared: int = 0
    keywords: tuple[str, ...] = ()


def read(flags: Sequence[bytes]) -> Marks:
    """From flags as a client wrote them; \\Recent and unknown system flags are ignored."""
    own = shared = 0
    keywords = []
    for flag in flags:
        system = flag.upper()
        own |= _OWN.get(system, 0)
        shared |= _SHARED.get(system, 0)
        if not flag.startswith(b"\\"):
            keywords.append(flag.decode("ascii", "replace"))
    return Marks(own, shared, tuple(dict.fromkeys(keywords)))


def vocabulary(tx: Tx, folder_id: int) -> dict[str, str]:
    """The keywords that the folder knows: in lower case -> as spelled there."""
    return {name.lower(): name for name in known_keywords.known(tx, folder_id)}


def has_room(
    tx: Tx, folder_id: int, known: dict[str, str], wanted: Collection[str], limits: Limits
) -> bool:
    """Whether the folder can take all that is wanted beside what it knows (`vocabulary`).

    Before it says no, what no message carries any more is forgotten, here and in known: keywords
    that somebody once tried don't keep others out for ever.
    """

    def fits() -> bool:
        new = {name.lower() for name in wanted} - known.keys()
        return not new or len(known) + len(new) <= limits.keywords

    if fits():
        return True
    known_keywords.forget_unused(tx, folder_id)
    known.clear()
    known.update(vocabulary(tx, folder_id))
    return fits()


def columns(tx: Tx, folder_id: int, wanted: Sequence[Collection[str]], limits: Limits) -> list[str]:
    """The entry's `keywords` column for each of wanted.

    A keyword takes the spelling under which the folder knows it. New ones beyond what a folder may
    have, or too long, are left out: no mail is refused for a keyword.
    """
    if not any(wanted):
        return [""] * len(wanted)
    known = vocabulary(tx, folder_id)
    has_room(tx, folder_id, known, {name for names in wanted for name in names}, limits)
    result = []
    for names in wanted:
        accepted = set()
        for name in names:
            new = len(known) < limits.keywords and len(name) <= limits.keyword
            if name.lower() not in known and (new or name == NUMBER_UNKNOWN):
                known[name.lower()] = name
            if name.lower() in known:
                accepted.add(known[name.lower()])
        result.append(" ".join(sorted(accepted)))
    return result


def set_own(tx: Tx, principal_id: int, folder_id: int, bits: Mapping[int, int]) -> None:
    """bits: UID -> a user's own flags of an entry made in this transaction, under its modseq."""
    by_bits: dict[int, list[int]] = {}
    for uid, own in bits.items():
        if own:
            by_bits.setdefault(own, []).append(uid)
    for own, uids in by_bits.items():
        modseq = folders.modseq(tx, folder_id)
        runs.write(tx, principal_id, folder_id, runs.stretches(uids), own, 0, modseq)


def clear_deleted(tx: Tx, principal_id: int, folder_id: int, uids: Collection[int]) -> None:
    """The person's `\\Deleted`, where it is set."""
    own = own_of(tx, principal_id, folder_id, sorted(uids))
    deleted = [uid for uid, flags in own.items() if flags & DELETED]
    if deleted:
        modseq = entries.next_modseq(tx, folder_id)
        runs.write(tx, principal_id, folder_id, runs.stretches(deleted), 0, DELETED, modseq)


def own_of(tx: Tx, principal_id: int, folder_id: int, uids: Sequence[int]) -> dict[int, int]:
    """UID -> that user's own flags; uids ascending."""
    if not uids:
        return {}
    known = runs.load(tx, principal_id, folder_id, uids[0], uids[-1])
    return {uid: runs.flags_at(known, uid) for uid in uids}
