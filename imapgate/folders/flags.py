"""STORE and the implicit \\Seen (rules 15, 16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders.tree import Folder
from imapgate.limits import Limits
from storage import Tx


@dataclass(frozen=True, slots=True)
class Stored:
    """before, after: the folder's modseq around this change (equal: nothing changed). flags: (uid, flags without
    \\Recent) now, of every message asked for that is still there. refused: UIDs where something asked for was not
    allowed; all_refused: nothing was allowed at all (NO [NOPERM]). limit: too many keywords (NO [LIMIT])."""

    before: int
    after: int
    flags: list[tuple[int, bytes]]
    refused: frozenset[int]
    all_refused: bool
    limit: bool = False


def permanent(folder: Folder) -> tuple[bytes, ...]:
    """What PERMANENTFLAGS lists for this person, `\\*` included where keywords may be made."""
    raise NotImplementedError


def store(
    tx: Tx, person: Person, folder: Folder, uids: Sequence[int], mode: bytes, flags: Sequence[bytes], limits: Limits
) -> Stored:
    """mode as in wire.commands.Store."""
    raise NotImplementedError


def mark_seen(tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> tuple[frozenset[int], int, int]:
    """(UIDs that became seen, modseq before, after)."""
    raise NotImplementedError
