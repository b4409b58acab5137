"""Rows of what stands, and may stand, in the folders of activities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, insert, select

from storage.engine import Tx
from storage.folders import CHUNK
from storage.schema import entry, folder, link, membership, user_run


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of a group's folder that belongs into the folders of activity target_id: its own
    message (rendered), or a mail that is linked to it. activity_id: the entry's."""

    target_id: int
    group_id: int
    folder_id: int
    uid: int
    activity_id: int
    rendered: bool
    stored_message_id: int
    identity: bytes
    size: int
    flags: int
    internal_at: int
    internal_zone: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands in an activity's folder."""

    folder_id: int
    uid: int
    activity_id: int
    rendered: bool
    stored_message_id: int
    flags: int
    keywords: str


@dataclass(frozen=True, slots=True)
class Laid:
    """What a folder gets as it is made. own: its owner's flags."""

    folder_id: int
    uid: int
    source: Source
    own: int


_COLUMNS = (
    folder.c.group_id,
    entry.c.folder_id,
    entry.c.uid,
    entry.c.activity_id,
    entry.c.rendered,
    entry.c.stored_message_id,
    entry.c.identity,
    entry.c.size,
    entry.c.flags,
    entry.c.internal_at,
    entry.c.internal_zone,
)

# Built once: every change of an activity runs them.
_OWN: Select[Any] = (
    select(entry.c.activity_id.label("target_id"), *_COLUMNS)
    .join_from(entry, folder, folder.c.id == entry.c.folder_id)
    .where(
        entry.c.activity_id.in_(bindparam("some", expanding=True)),
        entry.c.rendered,
        folder.c.group_id.is_not(None),
    )
)
_LINKED: Select[Any] = (
    select(link.c.to_id.label("target_id"), *_COLUMNS)
    .join_from(link, entry, entry.c.activity_id == link.c.from_id)
    .join(folder, folder.c.id == entry.c.folder_id)
    .where(
        link.c.to_id.in_(bindparam("some", expanding=True)),
        link.c.kind == bindparam("of_kind"),
        entry.c.rendered.is_(False),
        folder.c.group_id.is_not(None),
    )
)
_LINKED_MAIL: Select[Any] = _LINKED.where(link.c.from_id == bindparam("of_mail"))
_KEPT = (
    select(
        entry.c.folder_id,
        entry.c.uid,
        entry.c.activity_id,
        entry.c.rendered,
        entry.c.stored_message_id,
        entry.c.flags,
        entry.c.keywords,
    )
    .where(entry.c.folder_id.in_(bindparam("some", expanding=True)))
    .order_by(entry.c.folder_id, entry.c.uid)
)
_KEPT_OF_MAIL = _KEPT.where(
    entry.c.activity_id == bindparam("of_mail"), entry.c.rendered.is_(False)
)
_GROUPS = select(membership.c.principal_id, membership.c.group_id).where(
    membership.c.principal_id.in_(bindparam("some", expanding=True))
)
_LINKED_TO = select(link.c.to_id).where(
    link.c.from_id == bindparam("of_activity"), link.c.kind == bindparam("of_kind")
)
_SHOWING = (
    select(folder.c.activity_id)
    .distinct()
    .join_from(entry, folder, folder.c.id == entry.c.folder_id)
    .where(
        entry.c.activity_id == bindparam("of_activity"),
        entry.c.rendered.is_(False),
        folder.c.activity_id.is_not(None),
    )
)
_ADD = insert(entry)
_ADD_OWN = insert(user_run)


def sources(tx: Tx, activity_ids: Sequence[int], kind: str) -> dict[int, list[Source]]:
    """What stands in any group's folder for each of these activities; kind: of links."""
    found: dict[int, list[Source]] = {}
    for start in range(0, len(activity_ids), CHUNK):
        some = list(activity_ids[start : start + CHUNK])
        for row in tx.connection.execute(_OWN, {"some": some}):
            found.setdefault(row[0], []).append(Source(*row))
        for row in tx.connection.execute(_LINKED, {"some": some, "of_kind": kind}):
            found.setdefault(row[0], []).append(Source(*row))
    return found


def sources_of_mail(
    tx: Tx, email_activity_id: int, activity_ids: Collection[int], kind: str
) -> dict[int, list[Source]]:
    """As sources, of one mail alone."""
    found: dict[int, list[Source]] = {}
    wanted = {"some": list(activity_ids), "of_kind": kind, "of_mail": email_activity_id}
    for row in tx.connection.execute(_LINKED_MAIL, wanted):
        found.setdefault(row[0], []).append(Source(*row))
    return found


def kept_of_mail(
    tx: Tx, email_activity_id: int, folder_ids: Sequence[int]
) -> dict[int, list[Kept]]:
    """As kept, of one mail alone."""
    found: dict[int, list[Kept]] = {}
    for start in range(0, len(folder_ids), CHUNK):
        some = list(folder_ids[start : start + CHUNK])
        wanted = {"some": some, "of_mail": email_activity_id}
        for row in tx.connection.execute(_KEPT_OF_MAIL, wanted):
            found.setdefault(row[0], []).append(Kept(*row))
    return found


def kept(tx: Tx, folder_ids: Sequence[int]) -> dict[int, list[Kept]]:
    """By folder, ascending."""
    found: dict[int, list[Kept]] = {}
    for start in range(0, len(folder_ids), CHUNK):
        some = list(folder_ids[start : start + CHUNK])
        for row in tx.connection.execute(_KEPT, {"some": some}):
            found.setdefault(row[0], []).append(Kept(*row))
    return found


def groups_of(tx: Tx, principal_ids: Sequence[int]) -> dict[int, set[int]]:
    """The groups that each is a member of."""
    found: dict[int, set[int]] = {one: set() for one in principal_ids}
    for start in range(0, len(principal_ids), CHUNK):
        some = list(principal_ids[start : start + CHUNK])
        for principal_id, group_id in tx.connection.execute(_GROUPS, {"some": some}):
            found[principal_id].add(group_id)
    return found


def targets(tx: Tx, activity_id: int, kind: str) -> set[int]:
    """The activities that an e-mail activity is linked to, and those whose folders show it."""
    wanted = {"of_activity": activity_id, "of_kind": kind}
    linked = tx.connection.execute(_LINKED_TO, wanted).scalars()
    showing = tx.connection.execute(_SHOWING, {"of_activity": activity_id}).scalars()
    return {*linked, *showing}


def lay(tx: Tx, principal_id: int, new: Iterable[Laid]) -> None:
    """Into folders of that person that were made in this transaction, under their modseq 1."""
    laid = list(new)
    if not laid:
        return
    tx.connection.execute(
        _ADD,
        [
            {
                "folder_id": one.folder_id,
                "uid": one.uid,
                "stored_message_id": one.source.stored_message_id,
                "activity_id": one.source.activity_id,
                "rendered": one.source.rendered,
                "identity": one.source.identity,
                "size": one.source.size,
                "flags": one.source.flags,
                "keywords": "",
                "internal_at": one.source.internal_at,
                "internal_zone": one.source.internal_zone,
                "saved_at": tx.now,
                "modseq": 1,
            }
            for one in laid
        ],
    )
    marked = [one for one in laid if one.own]
    if marked:
        tx.connection.execute(
            _ADD_OWN,
            [
                {
                    "principal_id": principal_id,
                    "folder_id": one.folder_id,
                    "first_uid": one.uid,
                    "last_uid": one.uid,
                    "flags": one.own,
                    "modseq": 1,
                }
                for one in marked
            ],
        )
