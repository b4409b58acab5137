"""Rows of folders. Rights are folders' business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, exists, insert, or_, select, update

from storage.engine import Tx
from storage.schema import (
    activity_creator,
    activity_group,
    activity_in_group,
    activity_type,
    creator_group,
    entry,
    entry_dropper,
    expunged_run,
    folder,
    folder_annotation,
    folder_keyword,
    folder_user,
    membership,
    user_run,
)

CHUNK = 500
"""Values of one IN list."""


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A folder beside what one person has to do with it: role in its group (None: no member),
    group_name, subscribed (None: never decided). place, activity_id: of what is below
    `Activities`."""

    id: int
    kind: str
    owner_id: int | None
    group_id: int | None
    name: str
    name_key: str
    special_use: str | None
    uidvalidity: int
    group_name: str | None
    role: str | None
    subscribed: bool | None
    place: int | None
    activity_id: int | None


_MEMBERSHIP = membership.alias("of_person")

# Built once: to build a statement costs several times what running it does.
_SEEN_BY = (
    select(
        folder.c.id,
        folder.c.kind,
        folder.c.owner_id,
        folder.c.group_id,
        folder.c.name,
        folder.c.name_key,
        folder.c.special_use,
        folder.c.uidvalidity,
        activity_group.c.name.label("group_name"),
        membership.c.role,
        folder_user.c.subscribed,
        folder.c.place,
        folder.c.activity_id,
    )
    .select_from(folder)
    .outerjoin(activity_group, activity_group.c.id == folder.c.group_id)
    .outerjoin(
        membership,
        and_(
            membership.c.group_id == folder.c.group_id,
            membership.c.principal_id == bindparam("of_principal"),
        ),
    )
    .outerjoin(
        folder_user,
        and_(
            folder_user.c.folder_id == folder.c.id,
            folder_user.c.principal_id == bindparam("of_principal"),
        ),
    )
    .where(
        or_(
            folder.c.owner_id == bindparam("of_principal"),
            and_(
                folder.c.owner_id.is_(None),
                folder.c.segment_id == bindparam("of_segment"),
                or_(membership.c.role.is_not(None), folder.c.group_id.is_(None)),
            ),
        )
    )
)
"""The person's own folders, those of the person's groups, and the segment's headings."""
_ORDINARY: Select[Any] = _SEEN_BY.where(folder.c.place.is_(None))
"""Without what is below `Activities` (storage.activity_folders)."""
_BY_KEY = _ORDINARY.where(folder.c.name_key == bindparam("key"))
_BY_ID = _SEEN_BY.where(folder.c.id == bindparam("of_folder"))
_STILL_SEEN = _SEEN_BY.with_only_columns(folder.c.id).where(
    folder.c.id.in_(bindparam("folders", expanding=True)),
    or_(
        folder.c.activity_id.is_(None),
        exists(
            select(1)
            .select_from(activity_in_group)
            .join(_MEMBERSHIP, _MEMBERSHIP.c.group_id == activity_in_group.c.group_id)
            .where(
                activity_in_group.c.activity_id == folder.c.activity_id,
                _MEMBERSHIP.c.principal_id == bindparam("of_principal"),
            )
        ),
    ),
)
_BELOW = (
    _ORDINARY.with_only_columns(folder.c.id)
    .where(folder.c.name_key > bindparam("above"), folder.c.name_key < bindparam("beyond"))
    .limit(1)
)
_SERVED = (
    select(creator_group.c.group_id)
    .distinct()
    .join_from(creator_group, activity_creator, activity_creator.c.id == creator_group.c.creator_id)
    .join(activity_type, activity_type.c.id == activity_creator.c.type_id)
    .where(
        activity_creator.c.segment_id == bindparam("of_segment"),
        activity_type.c.activity_class == bindparam("of_class"),
    )
)
_GROUP_SERVED = _SERVED.where(creator_group.c.group_id == bindparam("of_group"))
_OF_GROUP = select(folder.c.id, folder.c.name).where(folder.c.group_id == bindparam("group_id"))
_OF_GROUPS = select(folder.c.group_id, folder.c.id, folder.c.uidvalidity).where(
    folder.c.group_id.in_(bindparam("groups", expanding=True))
)
_OWN_BY_KEY = select(folder.c.id).where(
    folder.c.owner_id == bindparam("of_principal"),
    folder.c.name_key == bindparam("key"),
    folder.c.place.is_(None),
)
_MODSEQ = select(folder.c.modseq).where(folder.c.id == bindparam("of_folder"))


def seen_by(tx: Tx, principal_id: int, segment_id: int) -> list[FolderRow]:
    """All but what is below `Activities`, in one query."""
    person = {"of_principal": principal_id, "of_segment": segment_id}
    return [FolderRow(*row) for row in tx.connection.execute(_ORDINARY, person)]


def by_key(tx: Tx, principal_id: int, segment_id: int, name_key: str) -> FolderRow | None:
    wanted = {"of_principal": principal_id, "of_segment": segment_id, "key": name_key}
    return _one(tx, _BY_KEY, wanted)


def by_id(tx: Tx, principal_id: int, segment_id: int, folder_id: int) -> FolderRow | None:
    wanted = {"of_principal": principal_id, "of_segment": segment_id, "of_folder": folder_id}
    return _one(tx, _BY_ID, wanted)


def still_seen(
    tx: Tx, principal_id: int, segment_id: int, folder_ids: Sequence[int]
) -> frozenset[int]:
    """Those among a few folders that are there and that the person sees."""
    person = {"of_principal": principal_id, "of_segment": segment_id}
    wanted = {**person, "folders": folder_ids}
    return frozenset(tx.connection.execute(_STILL_SEEN, wanted).scalars())


def has_children(tx: Tx, principal_id: int, segment_id: int, name_key: str) -> bool:
    """Whether the person sees a folder below that name."""
    below = {
        "of_principal": principal_id,
        "of_segment": segment_id,
        "above": name_key + "/",
        "beyond": name_key + "0",
    }
    return tx.connection.execute(_BELOW, below).first() is not None


def groups_served(
    tx: Tx, segment_id: int, activity_class: str, group_id: int | None = None
) -> set[int]:
    """Groups with a creator whose type is of that class; of one group only, if given."""
    wanted: dict[str, Any] = {"of_segment": segment_id, "of_class": activity_class}
    if group_id is None:
        return set(tx.connection.execute(_SERVED, wanted).scalars())
    return set(tx.connection.execute(_GROUP_SERVED, {**wanted, "of_group": group_id}).scalars())


def of_group(tx: Tx, group_id: int) -> tuple[int, str] | None:
    """(id, name) of a group's folder."""
    row = tx.connection.execute(_OF_GROUP, {"group_id": group_id}).first()
    return None if row is None else (row[0], row[1])


def of_groups(tx: Tx, group_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """group id -> (folder's id, its UIDVALIDITY)."""
    found: dict[int, tuple[int, int]] = {}
    for start in range(0, len(group_ids), CHUNK):
        rows = tx.connection.execute(_OF_GROUPS, {"groups": list(group_ids[start : start + CHUNK])})
        found.update((row[0], (row[1], row[2])) for row in rows)
    return found


def shared_keys(tx: Tx, segment_id: int) -> dict[str, int]:
    """name_key -> id of the segment's headings and group folders."""
    rows = tx.connection.execute(
        select(folder.c.name_key, folder.c.id).where(
            folder.c.segment_id == segment_id, folder.c.owner_id.is_(None)
        )
    )
    return {row[0]: row[1] for row in rows}


def own(tx: Tx, principal_id: int) -> list[tuple[int, str, str]]:
    """(id, name, name_key) of a person's own folders, by key; without what is below
    `Activities`."""
    rows = tx.connection.execute(
        select(folder.c.id, folder.c.name, folder.c.name_key)
        .where(folder.c.owner_id == principal_id, folder.c.place.is_(None))
        .order_by(folder.c.name_key)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def own_by_key(tx: Tx, principal_id: int, name_key: str) -> int | None:
    """The id of a person's own folder."""
    found: int | None = tx.connection.execute(
        _OWN_BY_KEY, {"of_principal": principal_id, "key": name_key}
    ).scalar()
    return found


def own_with_use(tx: Tx, principal_id: int, special_use: str) -> str | None:
    """The name of a person's own folder with that special use."""
    found: str | None = tx.connection.execute(
        select(folder.c.name).where(
            folder.c.owner_id == principal_id, folder.c.special_use == special_use
        )
    ).scalar()
    return found


def add(
    tx: Tx,
    segment_id: int,
    kind: str,
    name: str,
    name_key: str,
    uidvalidity: int,
    owner_id: int | None = None,
    group_id: int | None = None,
    special_use: str | None = None,
) -> int:
    """The row id of a new, empty folder."""
    made = tx.connection.execute(
        insert(folder)
        .values(
            segment_id=segment_id,
            kind=kind,
            owner_id=owner_id,
            group_id=group_id,
            name=name,
            name_key=name_key,
            special_use=special_use,
            uidvalidity=uidvalidity,
            uidnext=1,
            modseq=1,
            created_at=tx.now,
        )
        .returning(folder.c.id)
    )
    return int(made.scalar_one())


def rename(tx: Tx, folder_id: int, name: str, name_key: str) -> None:
    tx.connection.execute(
        update(folder).where(folder.c.id == folder_id).values(name=name, name_key=name_key)
    )


def remove(tx: Tx, folder_id: int) -> None:
    """With its entries and everything that is known of them. Touches."""
    for table in (
        entry_dropper,
        entry,
        user_run,
        folder_user,
        expunged_run,
        folder_keyword,
        folder_annotation,
    ):
        tx.connection.execute(delete(table).where(table.c.folder_id == folder_id))
    tx.connection.execute(delete(folder).where(folder.c.id == folder_id))
    tx.touch(folder_id)


def modseq(tx: Tx, folder_id: int) -> int:
    return int(tx.connection.execute(_MODSEQ, {"of_folder": folder_id}).scalar_one())


def uidnext(tx: Tx, folder_id: int) -> int:
    return int(
        tx.connection.execute(select(folder.c.uidnext).where(folder.c.id == folder_id)).scalar_one()
    )


def _one(tx: Tx, statement: Select[Any], wanted: dict[str, Any]) -> FolderRow | None:
    row = tx.connection.execute(statement, wanted).first()
    return None if row is None else FolderRow(*row)
