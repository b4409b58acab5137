"""How much stands in folders, for STATUS: a few queries for any number of them, nothing per
message."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, select

from storage.engine import Tx
from storage.folders import CHUNK
from storage.schema import DELETED, SEEN, entry, folder, folder_user, user_run


class Wanted(enum.Flag):
    """What is to be counted beside what each folder's row tells."""

    NOTHING = 0
    RECENT = enum.auto()
    OWN = enum.auto()
    """seen, deleted."""
    DELETED_OCTETS = enum.auto()
    """With OWN; reads a row for each message that has flags of this person's."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What STATUS tells; recent, seen, deleted and deleted_octets are of one person. What isn't
    wanted is 0."""

    uidnext: int
    uidvalidity: int
    modseq: int
    messages: int
    octets: int
    recent: int = 0
    seen: int = 0
    deleted: int = 0
    deleted_octets: int = 0


# Built once: to build a statement costs several times what running it does.
_HEADS = select(
    folder.c.id,
    folder.c.uidnext,
    folder.c.uidvalidity,
    folder.c.modseq,
    folder.c.messages,
    folder.c.octets,
).where(folder.c.id.in_(bindparam("folders", expanding=True)))
_OWNED = select(
    func.coalesce(func.sum(folder.c.octets), 0), func.coalesce(func.sum(folder.c.messages), 0)
).where(
    folder.c.owner_id == bindparam("of_principal"),
    folder.c.place.is_(None),
    folder.c.name_key.not_in(bindparam("but", expanding=True)),
)
# Seeks what is above the mark, folder by folder.
_RECENT = (
    select(folder.c.id.label("folder_id"), func.count().label("recent"))
    .select_from(folder)
    .outerjoin(
        folder_user,
        and_(
            folder_user.c.folder_id == folder.c.id,
            folder_user.c.principal_id == bindparam("of_principal"),
        ),
    )
    .join(
        entry,
        and_(
            entry.c.folder_id == folder.c.id,
            entry.c.uid > func.coalesce(folder_user.c.recent_uid, 0),
        ),
    )
    .where(folder.c.id.in_(bindparam("folders", expanding=True)))
    .group_by(folder.c.id)
)


def _sum(condition: Any, value: Any = 1) -> Any:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)


def _own(octets: bool) -> Select[Any]:
    deleted = user_run.c.flags.op("&")(DELETED) != 0
    return (
        select(
            user_run.c.folder_id,
            _sum(user_run.c.flags.op("&")(SEEN) != 0).label("seen"),
            _sum(deleted).label("deleted"),
            *((_sum(deleted, entry.c.size).label("deleted_octets"),) if octets else ()),
        )
        .select_from(user_run)
        .join(
            entry,
            and_(
                entry.c.folder_id == user_run.c.folder_id,
                entry.c.uid.between(user_run.c.first_uid, user_run.c.last_uid),
            ),
        )
        .where(
            user_run.c.principal_id == bindparam("of_principal"),
            user_run.c.folder_id.in_(bindparam("folders", expanding=True)),
            user_run.c.flags != 0,
        )
        .group_by(user_run.c.folder_id)
    )


_OWN = {octets: _own(octets) for octets in (False, True)}


def counts(
    tx: Tx, principal_id: int, folder_ids: Sequence[int], wanted: Wanted
) -> dict[int, Counts]:
    """By folder's id, of those that are there."""
    found: dict[int, Counts] = {}
    for start in range(0, len(folder_ids), CHUNK):
        some = {
            "of_principal": principal_id,
            "folders": list(folder_ids[start : start + CHUNK]),
        }
        found.update((row[0], Counts(*row[1:])) for row in tx.connection.execute(_HEADS, some))
        if Wanted.RECENT in wanted:
            _take(tx, found, _RECENT, some)
        if Wanted.OWN in wanted:
            _take(tx, found, _OWN[Wanted.DELETED_OCTETS in wanted], some)
    return found


def owned(tx: Tx, principal_id: int, but: Sequence[str]) -> tuple[int, int]:
    """(octets, messages) in a person's own folders, but in those of these name_keys; what an
    activity's folder shows stands in groups."""
    row = tx.connection.execute(_OWNED, {"of_principal": principal_id, "but": list(but)}).one()
    return int(row[0]), int(row[1])


def _take(
    tx: Tx, found: dict[int, Counts], statement: Select[Any], wanted: dict[str, object]
) -> None:
    """The columns of a statement, by their names, into what is known of each folder."""
    for row in tx.connection.execute(statement, wanted):
        values = {name: int(value) for name, value in row._mapping.items() if name != "folder_id"}
        found[row.folder_id] = replace(found[row.folder_id], **values)
