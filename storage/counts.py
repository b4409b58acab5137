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
    """What is to be counted: each costs more than the one before."""

    NOTHING = 0
    ENTRIES = enum.auto()
    """messages, recent."""
    OWN = enum.auto()
    """seen, deleted."""
    OCTETS = enum.auto()
    """octets, and with OWN deleted_octets: reads every row."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What STATUS tells; recent, seen, deleted and deleted_octets are of one person. What isn't
    wanted is 0."""

    uidnext: int
    uidvalidity: int
    modseq: int
    messages: int = 0
    recent: int = 0
    octets: int = 0
    seen: int = 0
    deleted: int = 0
    deleted_octets: int = 0


# Built once: to build a statement costs several times what running it does.
_HEADS = select(folder.c.id, folder.c.uidnext, folder.c.uidvalidity, folder.c.modseq).where(
    folder.c.id.in_(bindparam("folders", expanding=True))
)


def _sum(condition: Any, value: Any = 1) -> Any:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)


def _entries(octets: bool) -> Select[Any]:
    return (
        select(
            entry.c.folder_id,
            func.count().label("messages"),
            _sum(entry.c.uid > func.coalesce(folder_user.c.recent_uid, 0)).label("recent"),
            *((func.sum(entry.c.size).label("octets"),) if octets else ()),
        )
        .select_from(entry)
        .outerjoin(
            folder_user,
            and_(
                folder_user.c.folder_id == entry.c.folder_id,
                folder_user.c.principal_id == bindparam("of_principal"),
            ),
        )
        .where(entry.c.folder_id.in_(bindparam("folders", expanding=True)))
        .group_by(entry.c.folder_id)
    )


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


_ENTRIES = {octets: _entries(octets) for octets in (False, True)}
_OWN = {octets: _own(octets) for octets in (False, True)}


def counts(
    tx: Tx, principal_id: int, folder_ids: Sequence[int], wanted: Wanted
) -> dict[int, Counts]:
    """By folder's id, of those that are there."""
    octets = Wanted.OCTETS in wanted
    found: dict[int, Counts] = {}
    for start in range(0, len(folder_ids), CHUNK):
        some = {
            "of_principal": principal_id,
            "folders": list(folder_ids[start : start + CHUNK]),
        }
        found.update((row[0], Counts(*row[1:])) for row in tx.connection.execute(_HEADS, some))
        if wanted & (Wanted.ENTRIES | Wanted.OCTETS):
            _take(tx, found, _ENTRIES[octets], some)
        if Wanted.OWN in wanted:
            _take(tx, found, _OWN[octets], some)
    return found


def _take(
    tx: Tx, found: dict[int, Counts], statement: Select[Any], wanted: dict[str, object]
) -> None:
    """The columns of a statement, by their names, into what is known of each folder."""
    for row in tx.connection.execute(statement, wanted):
        values = {name: int(value) for name, value in row._mapping.items() if name != "folder_id"}
        found[row.folder_id] = replace(found[row.folder_id], **values)
