"""Entries of folders: UIDs, mod-sequences, what was expunged. Rows only; rights are folders' business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.engine import Tx


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Columns of a new entry but for its UID and modseq."""

    stored_message_id: int
    size: int
    internal_at: int
    internal_zone: int = 0
    flags: int = 0
    keywords: str = ""
    activity_id: int | None = None
    identity: bytes | None = None
    rendered: bool = False


def next_uidvalidity(tx: Tx) -> int:
    """From the database's one counter (DESIGN rule 8)."""
    raise NotImplementedError


def next_modseq(tx: Tx, folder_id: int) -> int:
    """Raises the folder's modseq by one (UPDATE ... RETURNING) and touches the folder."""
    raise NotImplementedError


def add(tx: Tx, folder_id: int, entries: Sequence[NewEntry]) -> list[int]:
    """Insert under new UIDs, all with one new modseq; returns the UIDs. Registers their keywords. Touches."""
    raise NotImplementedError


def remove(tx: Tx, folder_id: int, uids: Sequence[int]) -> int:
    """Delete entries (and their droppers), remember them as expunged runs; returns the new modseq. Touches.
    UIDs without an entry (a wrapper's) may be given: they are remembered too."""
    raise NotImplementedError


def allocate_expunged(tx: Tx, folder_id: int) -> int:
    """A UID that is given out and expunged at once (a wrapper's)."""
    raise NotImplementedError


def add_keywords(tx: Tx, folder_id: int, names: Sequence[str]) -> None:
    """Remember keywords as in use in the folder."""
    raise NotImplementedError
