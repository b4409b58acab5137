"""How folders stand, for STATUS (RFC 3501 6.3.10, RFC 8438, RFC 9051 6.3.11, RFC 9208)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders.activity_folders.making import check_made
from imapgate.folders.folder import Folder
from storage import Tx, counts
from storage.counts import Wanted

__all__ = ["Status", "Wanted", "status", "statuses"]


@dataclass(frozen=True, slots=True)
class Status:
    """recent, unseen, deleted and deleted_octets are this person's. octets: of all messages. What
    wasn't wanted means nothing."""

    messages: int
    recent: int
    uidnext: int
    uidvalidity: int
    unseen: int
    modseq: int
    octets: int
    deleted: int
    deleted_octets: int


def status(
    tx: Tx, person: Person, folder: Folder, wanted: Wanted = Wanted.RECENT | Wanted.OWN
) -> Status:
    """Of a folder that was found just now, in this transaction. Raises Unmade."""
    return statuses(tx, person, [folder], wanted)[folder.id]


def statuses(
    tx: Tx, person: Person, folders: Sequence[Folder], wanted: Wanted
) -> dict[int, Status]:
    """By folder's id; all were found just now, in this transaction. A few queries for any number of
    folders. Raises Unmade."""
    check_made(folders)
    found = counts.counts(tx, person.id, [folder.id for folder in folders], wanted)
    return {
        folder_id: Status(
            messages=one.messages,
            recent=one.recent,
            uidnext=one.uidnext,
            uidvalidity=one.uidvalidity,
            unseen=one.messages - one.seen,
            modseq=one.modseq,
            octets=one.octets,
            deleted=one.deleted,
            deleted_octets=one.deleted_octets,
        )
        for folder_id, one in found.items()
    }
