"""SELECT and EXAMINE, and what changed since (the session's untagged news)."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders.activity_folders.making import check_made
from imapgate.folders.changed import FlagsNow, flags_since
from imapgate.folders.tree import Folder, find_by_id
from storage import Tx, expunged, keywords, runs, subscriptions
from storage import reading as rows
from storage.schema import SEEN

UIDS = "I"
"""Of an array of UIDs: 32 bits everywhere that Python runs, as a UID has (RFC 3501 2.3.1.1)."""


@dataclass(frozen=True, slots=True)
class Opened:
    """uids: ascending. recent_from: UIDs from here on are \\Recent for this session (uidnext if
    none). first_unseen: UID or None. keywords: in use in the folder."""

    folder: Folder
    uids: array[int]
    recent_from: int
    first_unseen: int | None
    keywords: tuple[bytes, ...]
    uidnext: int
    modseq: int


def open_folder(tx: Tx, person: Person, folder: Folder) -> Opened:
    """A read. The session that may write calls claim_recent afterwards. Raises Unmade."""
    check_made([folder])
    state = rows.state(tx, person.id, folder.id)
    uids = array(UIDS, rows.uids(tx, folder.id))
    return Opened(
        folder=folder,
        uids=uids,
        recent_from=min(state.recent_uid + 1, state.uidnext),
        first_unseen=_first_unseen(uids, runs.load(tx, person.id, folder.id)),
        keywords=_keywords(tx, folder.id),
        uidnext=state.uidnext,
        modseq=state.modseq,
    )


def claim_recent(tx: Tx, person: Person, folder_id: int, up_to_uid: int) -> None:
    """A write: no later session of this user sees them as \\Recent. Touches nothing else; nothing
    happens if the folder is gone."""
    if find_by_id(tx, person, folder_id) is None:
        return
    if up_to_uid > rows.state(tx, person.id, folder_id).recent_uid:
        subscriptions.set_recent(tx, person.id, folder_id, up_to_uid)


@dataclass(frozen=True, slots=True)
class Changes:
    """Since a modseq: folder None: gone, or no longer visible (BYE). expunged: UIDs. arrived: new
    UIDs. flags: of messages the session knows. All are ascending."""

    folder: Folder | None
    expunged: list[int]
    arrived: list[int]
    flags: list[FlagsNow]
    keywords: tuple[bytes, ...]
    modseq: int


def changes(
    tx: Tx, person: Person, folder_id: int, since_modseq: int, known_uidnext: int
) -> Changes:
    """known_uidnext: one above the highest UID the session knows."""
    folder = find_by_id(tx, person, folder_id)
    if folder is None:
        return Changes(None, [], [], [], (), since_modseq)
    modseq = rows.state(tx, person.id, folder_id).modseq
    keywords = _keywords(tx, folder_id)
    if modseq == since_modseq:
        return Changes(folder, [], [], [], keywords, modseq)
    return Changes(
        folder=folder,
        expunged=[
            uid
            for first, last in expunged.since(tx, folder_id, since_modseq)
            for uid in range(first, min(last + 1, known_uidnext))
        ],
        arrived=list(rows.uids(tx, folder_id, known_uidnext)),
        flags=flags_since(tx, person, folder_id, since_modseq, known_uidnext),
        keywords=keywords,
        modseq=modseq,
    )


def _keywords(tx: Tx, folder_id: int) -> tuple[bytes, ...]:
    return tuple(name.encode("ascii", "replace") for name in keywords.known(tx, folder_id))


def _first_unseen(uids: Sequence[int], own: Sequence[runs.Run]) -> int | None:
    """Jumps from seen run to seen run, however many messages they cover."""
    at = 0
    for run in own:
        if at >= len(uids) or uids[at] < run.first:
            break
        if run.flags & SEEN:
            at = bisect_right(uids, run.last, at)
    return uids[at] if at < len(uids) else None
