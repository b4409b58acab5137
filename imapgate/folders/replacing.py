"""REPLACE inside its transaction: a new message lands, and the one that it replaces leaves (RFC
8508)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imapgate.activities.people import Person
from imapgate.folders import appending, leaving, quota, refusals
from imapgate.folders.appending import Incoming
from imapgate.folders.folder import Folder
from imapgate.folders.listing import find_by_id
from imapgate.folders.refusals import Refused
from imapgate.folders.verdict import Verdict
from imapgate.limits import Limits
from storage import Tx, standing

WORD = "REPLACE"


@dataclass(frozen=True, slots=True)
class Old:
    """The message that is to leave. uid None: the session knows of none by that UID. read_only:
    nothing may leave the folder."""

    folder: Folder
    uid: int | None
    read_only: bool


def append(
    tx: Tx,
    person: Person,
    name: str,
    incoming: Sequence[Incoming],
    client: str,
    limits: Limits,
    old: Old,
) -> Verdict:
    """As appending.append, and the old message leaves its folder as by EXPUNGE; nothing of it goes
    over to the new one. Where both are the same mail in a group, it stays: they are one entry.
    Raises Refused: nothing is to be kept of this transaction, and the old message stays."""
    source = find_by_id(tx, person, old.folder.id)
    if source is None:
        raise Refused("NONEXISTENT", f"{old.folder.title} is gone")
    if old.read_only:
        raise Refused("CANNOT", f"{source.title} is open for reading only")
    there = [] if old.uid is None else standing.load(tx, source.id, [old.uid])
    if old.uid is None or not there:
        raise Refused("EXPUNGEISSUED", "the message to be replaced is gone")
    if old.uid not in leaving.may_remove(tx, person, source, [old.uid]):
        raise refusals.may_not_go(source, "filed")
    room = [one.size for one in there] if quota.is_counted(source) else []
    verdict = appending.append(tx, person, name, incoming, client, limits, WORD, room)
    same_folder = verdict.folder is not None and verdict.folder.id == source.id
    if same_folder and old.uid in verdict.uids:
        return verdict
    modseq = leaving.remove(tx, person, source, [old.uid], WORD, client)
    return replace(verdict, removed=(old.uid,), modseq=modseq)
