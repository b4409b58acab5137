"""Rows that tell which folders of open activities somebody has, and of those that were made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, insert, or_, select, union, update

from storage.engine import Tx
from storage.folders import CHUNK
from storage.schema import (
    activity,
    activity_in_group,
    activity_type,
    email_address,
    folder,
    folder_user,
    membership,
    principal,
    process,
    process_state,
    user_mail_account,
)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of somebody's. folder: its folder's whole name."""

    id: int
    folder: str
    role: str


class OpenRow(NamedTuple):
    """An open activity in one of the groups that somebody sees. There are thousands in a LIST."""

    id: int
    number: int
    name: str
    assigned_to_id: int | None
    reporting_contact_id: int | None
    group_id: int


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A folder that was made. activity_id None: a heading. subscribed: by its owner; None: never
    decided."""

    id: int
    owner_id: int
    place: int
    activity_id: int | None
    name: str
    uidvalidity: int
    subscribed: bool | None


@dataclass(frozen=True, slots=True)
class NewFolder:
    """uids: of the entries that are put into it at once, 1 and so on; octets: what they come to."""

    owner_id: int
    place: int
    activity_id: int | None
    name: str
    name_key: str
    uidvalidity: int
    uids: int
    octets: int


# Built once: to build a statement costs several times what running it does.
_GROUPS = (
    select(membership.c.group_id, folder.c.name, membership.c.role)
    .join_from(membership, folder, folder.c.group_id == membership.c.group_id)
    .where(membership.c.principal_id == bindparam("of_principal"))
    .order_by(membership.c.group_id)
)
_ADDRESSES = union(
    select(principal.c.email_key).where(
        principal.c.id == bindparam("of_principal"), principal.c.email_key.is_not(None)
    ),
    select(user_mail_account.c.address_key).where(
        user_mail_account.c.principal_id == bindparam("of_principal")
    ),
)
_CONTACTS = union(
    select(principal.c.contact_id).where(
        principal.c.id == bindparam("of_principal"), principal.c.contact_id.is_not(None)
    ),
    select(email_address.c.contact_id).where(
        email_address.c.segment_id == bindparam("of_segment"),
        email_address.c.address_key.in_(_ADDRESSES),
    ),
)
_STATES = (
    select(process_state.c.id)
    .join_from(process, process_state, process_state.c.process_id == process.c.id)
    .where(process.c.segment_id == bindparam("of_segment"), process_state.c.is_closed.is_(False))
)
_TYPES = select(activity_type.c.id).where(
    activity_type.c.segment_id == bindparam("of_segment"),
    activity_type.c.activity_class != bindparam("but_class"),
)
_OPEN = (
    select(
        activity.c.id,
        activity.c.number,
        activity.c.name,
        activity.c.assigned_to_id,
        activity.c.reporting_contact_id,
        activity_in_group.c.group_id,
    )
    .join_from(activity, activity_in_group, activity_in_group.c.activity_id == activity.c.id)
    .where(
        activity.c.state_id.in_(_STATES),
        activity.c.type_id.in_(_TYPES),
        # `+ 0` keeps the database from looking at all that a group ever had: fewer are open.
        (activity_in_group.c.group_id + 0).in_(bindparam("groups", expanding=True)),
    )
)
_ALL_OPEN = _OPEN.order_by(activity.c.modified_at.desc(), activity.c.id.desc())
_ANY = _OPEN.limit(1)
_ANY_ASSIGNED = _OPEN.where(activity.c.assigned_to_id == bindparam("of_principal")).limit(1)
_ANY_REPORTED = _OPEN.where(
    activity.c.reporting_contact_id.in_(bindparam("contacts", expanding=True))
).limit(1)
_THESE = _OPEN.where(activity.c.id.in_(bindparam("some", expanding=True)))
_BY_NUMBER = select(activity.c.id).where(
    activity.c.segment_id == bindparam("of_segment"), activity.c.number == bindparam("number")
)
_MADE = (
    select(
        folder.c.id,
        folder.c.owner_id,
        folder.c.place,
        folder.c.activity_id,
        folder.c.name,
        folder.c.uidvalidity,
        folder_user.c.subscribed,
    )
    .select_from(folder)
    .outerjoin(
        folder_user,
        (folder_user.c.folder_id == folder.c.id)
        & (folder_user.c.principal_id == folder.c.owner_id),
    )
    .where(folder.c.place.is_not(None))
)
_MADE_BY = _MADE.where(folder.c.owner_id == bindparam("of_principal"))
_MADE_AT = _MADE_BY.where(folder.c.name_key == bindparam("key"))
_MADE_OF = _MADE.where(folder.c.activity_id == bindparam("of_activity")).order_by(folder.c.id)
_OWNERS = (
    select(folder.c.owner_id)
    .distinct()
    .where(
        folder.c.place.is_not(None),
        or_(
            folder.c.place == bindparam("of_group"),
            folder.c.activity_id.in_(
                select(activity_in_group.c.activity_id).where(
                    activity_in_group.c.group_id == bindparam("of_group")
                )
            ),
        ),
    )
    .order_by(folder.c.owner_id)
)
_ADD = insert(folder)
_ADDED = select(folder.c.name_key, folder.c.id).where(
    folder.c.owner_id == bindparam("of_principal"),
    folder.c.name_key.in_(bindparam("keys", expanding=True)),
)
_RENAME = update(folder).where(folder.c.id == bindparam("of_folder"))


def groups_of(tx: Tx, principal_id: int) -> list[GroupRow]:
    """Those that the person is a member of, oldest first."""
    return [
        GroupRow(*row) for row in tx.connection.execute(_GROUPS, {"of_principal": principal_id})
    ]


def contacts_of(tx: Tx, principal_id: int, segment_id: int) -> frozenset[int]:
    """The person's own: the one that stands for the user, and those that have one of the user's
    addresses."""
    wanted = {"of_principal": principal_id, "of_segment": segment_id}
    return frozenset(tx.connection.execute(_CONTACTS, wanted).scalars())


@dataclass(frozen=True, slots=True)
class Which:
    """Which activities count as open ones: not closed, of any class of the segment's but that one,
    in these groups."""

    segment_id: int
    but_class: str
    groups: tuple[int, ...]

    def only(self, group_id: int) -> Which:
        """In one group."""
        return replace(self, groups=(group_id,))

    def bound(self, **more: Any) -> dict[str, Any]:
        """As the statements here take it."""
        return {
            "of_segment": self.segment_id,
            "but_class": self.but_class,
            "groups": list(self.groups),
            **more,
        }


def all_open(tx: Tx, wanted: Which) -> list[OpenRow]:
    """Newest change first; one row for each group that an activity is in."""
    return [OpenRow._make(row) for row in tx.connection.execute(_ALL_OPEN, wanted.bound())]


def any_open(tx: Tx, wanted: Which) -> bool:
    return _is_any(tx, _ANY, wanted.bound())


def any_assigned(tx: Tx, wanted: Which, principal_id: int) -> bool:
    return _is_any(tx, _ANY_ASSIGNED, wanted.bound(of_principal=principal_id))


def any_reported(tx: Tx, wanted: Which, contacts: Collection[int]) -> bool:
    return _is_any(tx, _ANY_REPORTED, wanted.bound(contacts=list(contacts)))


def these_open(tx: Tx, wanted: Which, activity_ids: Sequence[int]) -> list[OpenRow]:
    """Of those that count among these: one row for each group."""
    found: list[OpenRow] = []
    for start in range(0, len(activity_ids), CHUNK):
        some = wanted.bound(some=list(activity_ids[start : start + CHUNK]))
        found += [OpenRow._make(row) for row in tx.connection.execute(_THESE, some)]
    return found


def by_number(tx: Tx, segment_id: int, number: int) -> int | None:
    """An activity's id."""
    wanted = {"of_segment": segment_id, "number": number}
    found: int | None = tx.connection.execute(_BY_NUMBER, wanted).scalar()
    return found


def made_by(tx: Tx, principal_id: int) -> list[MadeRow]:
    """All of one person's."""
    return [
        MadeRow(*row) for row in tx.connection.execute(_MADE_BY, {"of_principal": principal_id})
    ]


def made_at(tx: Tx, principal_id: int, name_key: str) -> MadeRow | None:
    row = tx.connection.execute(_MADE_AT, {"of_principal": principal_id, "key": name_key}).first()
    return None if row is None else MadeRow(*row)


def made_of(tx: Tx, activity_id: int) -> list[MadeRow]:
    """Everybody's folders of one activity."""
    return [MadeRow(*row) for row in tx.connection.execute(_MADE_OF, {"of_activity": activity_id})]


def owners_in(tx: Tx, group_id: int) -> list[int]:
    """Who has made folders at the place of a group, or of its activities."""
    return list(tx.connection.execute(_OWNERS, {"of_group": group_id}).scalars())


def add(tx: Tx, segment_id: int, kind: str, new: Sequence[NewFolder]) -> dict[str, int]:
    """name_key -> row id. All of one owner."""
    if not new:
        return {}
    tx.connection.execute(
        _ADD,
        [
            {
                "segment_id": segment_id,
                "kind": kind,
                "owner_id": one.owner_id,
                "place": one.place,
                "activity_id": one.activity_id,
                "name": one.name,
                "name_key": one.name_key,
                "uidvalidity": one.uidvalidity,
                "uidnext": one.uids + 1,
                "modseq": 1,
                "created_at": tx.now,
                "messages": one.uids,
                "octets": one.octets,
            }
            for one in new
        ],
    )
    found: dict[str, int] = {}
    for start in range(0, len(new), CHUNK):
        keys = [one.name_key for one in new[start : start + CHUNK]]
        wanted = {"of_principal": new[0].owner_id, "keys": keys}
        found.update((row[0], row[1]) for row in tx.connection.execute(_ADDED, wanted))
    return found


def rename(tx: Tx, folder_id: int, name: str) -> None:
    """What it is called now; what it is known by stays."""
    tx.connection.execute(_RENAME, {"of_folder": folder_id, "name": name})


def _is_any(tx: Tx, statement: Select[Any], wanted: dict[str, Any]) -> bool:
    return tx.connection.execute(statement, wanted).first() is not None
