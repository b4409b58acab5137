"""SELECT and EXAMINE, and what changed since (the session's untagged news)."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders.tree import Folder
from storage import Tx


@dataclass(frozen=True, slots=True)
class Opened:
    """uids: ascending. recent_from: UIDs from here on are \\Recent for this session (uidnext if none).
    first_unseen: UID or None. keywords: in use in the folder."""

    folder: Folder
    uids: array[int]
    recent_from: int
    first_unseen: int | None
    keywords: tuple[bytes, ...]
    uidnext: int
    modseq: int


def open_folder(tx: Tx, person: Person, folder: Folder) -> Opened:
    """A read. The session that may write calls claim_recent afterwards."""
    raise NotImplementedError


def claim_recent(tx: Tx, person: Person, folder_id: int, up_to_uid: int) -> None:
    """A write: no later session of this user sees them as \\Recent. Touches nothing else."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Changes:
    """Since a modseq: folder None: gone, or no longer visible (BYE). expunged: UIDs. arrived: new UIDs, ascending.
    flags: (uid, flags without \\Recent as ready bytes like b"\\\\Seen $x") of messages the session knows."""

    folder: Folder | None
    expunged: list[int]
    arrived: list[int]
    flags: list[tuple[int, bytes]]
    keywords: tuple[bytes, ...]
    modseq: int


def changes(tx: Tx, person: Person, folder_id: int, since_modseq: int, known_uidnext: int) -> Changes:
    """known_uidnext: one above the highest UID the session knows."""
    raise NotImplementedError
