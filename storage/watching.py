"""What happened in folders that nobody has selected: cheap questions for NOTIFY (RFC 5465)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, select

from storage.engine import Tx
from storage.schema import entry, expunged_run, folder, user_run

NAMED = 500
"""Folders of one IN list."""

_IN_FOLDER: BindParameter[int] = bindparam("of_folder")
_SINCE: BindParameter[int] = bindparam("since")
_BELOW: BindParameter[int] = bindparam("below")
_MARKS = select(folder.c.id, folder.c.uidnext, folder.c.modseq).where(
    folder.c.id.in_(bindparam("some", expanding=True))
)
_EXPUNGED = (
    select(expunged_run.c.first_uid)
    .where(
        expunged_run.c.folder_id == _IN_FOLDER,
        expunged_run.c.modseq > _SINCE,
        expunged_run.c.first_uid < _BELOW,
    )
    .limit(1)
)
_CHANGED = (
    select(entry.c.uid)
    .where(entry.c.folder_id == _IN_FOLDER, entry.c.modseq > _SINCE, entry.c.uid < _BELOW)
    .limit(1)
)
_CHANGED_OWN = (
    select(user_run.c.first_uid)
    .where(
        user_run.c.folder_id == _IN_FOLDER,
        user_run.c.principal_id == bindparam("of_principal"),
        user_run.c.modseq > _SINCE,
        user_run.c.first_uid < _BELOW,
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a folder has come."""

    uidnext: int
    modseq: int


@dataclass(frozen=True, slots=True)
class Movement:
    """Since a mark. flagged: flags or keywords of messages from before it changed, shared ones or
    this user's own."""

    arrived: bool
    expunged: bool
    flagged: bool


def marks(tx: Tx, folder_ids: Sequence[int]) -> dict[int, Mark]:
    """Of those that are there."""
    found: dict[int, Mark] = {}
    for start in range(0, len(folder_ids), NAMED):
        rows = tx.connection.execute(_MARKS, {"some": list(folder_ids[start : start + NAMED])})
        found.update((row[0], Mark(row[1], row[2])) for row in rows)
    return found


def movement(tx: Tx, principal_id: int, folder_id: int, since: Mark, now: Mark) -> Movement:
    """What one user may see of the way from one mark to another."""
    if now.modseq == since.modseq:
        return Movement(arrived=now.uidnext > since.uidnext, expunged=False, flagged=False)
    bounds = {"of_folder": folder_id, "since": since.modseq, "below": since.uidnext}
    own = {**bounds, "of_principal": principal_id}
    return Movement(
        arrived=now.uidnext > since.uidnext,
        expunged=tx.connection.execute(_EXPUNGED, bounds).first() is not None,
        flagged=tx.connection.execute(_CHANGED, bounds).first() is not None
        or tx.connection.execute(_CHANGED_OWN, own).first() is not None,
    )
