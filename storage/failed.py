"""Rows of the queue that wait for somebody's word, and whose folders show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, exists, insert, select, update

from storage.engine import Tx
from storage.schema import (
    account,
    activity_group,
    entry,
    folder,
    incoming,
    incoming_hidden,
    membership,
    principal,
    segment,
)

STATES = ("failed", "held")
"""Of `incoming.state`."""
MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue whose bytes are here. creator_id: its account's. wanted: JSON; see
    schema.incoming."""

    id: int
    segment_id: int
    account_id: int | None
    creator_id: int | None
    wanted: str
    stored_message_id: int
    size: int
    internal_at: int
    internal_zone: int
    code: str | None


_WAITING: Select[Any] = (
    select(
        incoming.c.id,
        incoming.c.segment_id,
        incoming.c.account_id,
        account.c.creator_id,
        incoming.c.wanted,
        incoming.c.stored_message_id,
        incoming.c.size,
        incoming.c.internal_at,
        incoming.c.internal_zone,
        incoming.c.code,
    )
    .outerjoin_from(incoming, account, account.c.id == incoming.c.account_id)
    .where(incoming.c.state.in_(STATES), incoming.c.stored_message_id.is_not(None))
    .order_by(incoming.c.id)
)
# Built once: each mail that comes in runs some of them.
_BY_ID = _WAITING.where(incoming.c.id == bindparam("of_row"))
_OF_SEGMENT = _WAITING.where(incoming.c.segment_id == bindparam("of_segment"))
_OF_MESSAGE = _WAITING.where(incoming.c.stored_message_id == bindparam("of_message"))
_SHOWN = (
    select(folder.c.id, folder.c.owner_id, entry.c.uid)
    .join_from(entry, folder, folder.c.id == entry.c.folder_id)
    .where(
        entry.c.stored_message_id == bindparam("of_message"),
        folder.c.owner_id.is_not(None),
        folder.c.name_key == bindparam("key"),
    )
    .order_by(folder.c.id)
)
_FOLDERS = (
    select(principal.c.id, folder.c.id)
    .join_from(
        principal,
        folder,
        and_(folder.c.owner_id == principal.c.id, folder.c.name_key == bindparam("key")),
    )
    .where(principal.c.segment_id == bindparam("of_segment"))
)
_ADMINISTRATORS = select(principal.c.id).where(
    principal.c.segment_id == bindparam("of_segment"), principal.c.is_admin
)
_MANAGERS = (
    select(membership.c.group_id, membership.c.principal_id)
    .join_from(membership, activity_group, activity_group.c.id == membership.c.group_id)
    .where(activity_group.c.segment_id == bindparam("of_segment"), membership.c.role == MANAGER)
)


def by_id(tx: Tx, row_id: int) -> Waiting | None:
    """None if it doesn't wait, or its bytes were never taken."""
    row = tx.connection.execute(_BY_ID, {"of_row": row_id}).first()
    return None if row is None else Waiting(*row)


def of_segment(tx: Tx, segment_id: int) -> list[Waiting]:
    """All, oldest first."""
    return [Waiting(*row) for row in tx.connection.execute(_OF_SEGMENT, {"of_segment": segment_id})]


def of_message(tx: Tx, stored_message_id: int) -> list[Waiting]:
    """Those with these bytes, oldest first."""
    wanted = {"of_message": stored_message_id}
    return [Waiting(*row) for row in tx.connection.execute(_OF_MESSAGE, wanted)]


def anything(tx: Tx, segment_id: int) -> bool:
    """Whether mail comes in by itself: there is an account, or something in the queue."""
    return bool(
        tx.connection.execute(
            select(
                exists().where(account.c.segment_id == segment_id)
                | exists().where(incoming.c.segment_id == segment_id)
            )
        ).scalar()
    )


def creators(tx: Tx, segment_id: int) -> list[int | None]:
    """Of the segment's accounts, once each; None: an account without one."""
    return list(
        tx.connection.execute(
            select(account.c.creator_id).where(account.c.segment_id == segment_id).distinct()
        ).scalars()
    )


def default_creator(tx: Tx, segment_id: int) -> int | None:
    """The segment's."""
    found: int | None = tx.connection.execute(
        select(segment.c.default_creator_id).where(segment.c.id == segment_id)
    ).scalar()
    return found


def administrators(tx: Tx, segment_id: int) -> set[int]:
    """Principals."""
    return set(tx.connection.execute(_ADMINISTRATORS, {"of_segment": segment_id}).scalars())


def managers(tx: Tx, segment_id: int) -> dict[int, set[int]]:
    """group -> principals."""
    found: dict[int, set[int]] = {}
    for group_id, principal_id in tx.connection.execute(_MANAGERS, {"of_segment": segment_id}):
        found.setdefault(group_id, set()).add(principal_id)
    return found


def folders(tx: Tx, segment_id: int, name_key: str) -> dict[int, int]:
    """principal -> own folder of that key."""
    wanted = {"of_segment": segment_id, "key": name_key}
    return {row[0]: row[1] for row in tx.connection.execute(_FOLDERS, wanted)}


def shown(tx: Tx, stored_message_id: int, name_key: str) -> list[tuple[int, int, int]]:
    """(folder, owner, UID) of its entries in folders of that key, by folder."""
    rows = tx.connection.execute(_SHOWN, {"of_message": stored_message_id, "key": name_key})
    return [(row[0], row[1], row[2]) for row in rows]


def contents(tx: Tx, folder_id: int) -> dict[int, list[int]]:
    """stored message -> UIDs of its entries in the folder."""
    found: dict[int, list[int]] = {}
    for stored_message_id, uid in tx.connection.execute(
        select(entry.c.stored_message_id, entry.c.uid).where(entry.c.folder_id == folder_id)
    ):
        found.setdefault(stored_message_id, []).append(uid)
    return found


def hidden(tx: Tx, principal_id: int) -> set[int]:
    """Rows that this person took out of sight."""
    return set(
        tx.connection.execute(
            select(incoming_hidden.c.incoming_id).where(
                incoming_hidden.c.principal_id == principal_id
            )
        ).scalars()
    )


def hidden_from(tx: Tx, row_id: int) -> set[int]:
    """People who took this row out of their sight."""
    return set(
        tx.connection.execute(
            select(incoming_hidden.c.principal_id).where(incoming_hidden.c.incoming_id == row_id)
        ).scalars()
    )


def hide(tx: Tx, principal_id: int, row_ids: Sequence[int]) -> None:
    """Rows that aren't hidden from this person yet."""
    if row_ids:
        tx.connection.execute(
            insert(incoming_hidden),
            [{"incoming_id": one, "principal_id": principal_id} for one in row_ids],
        )


def forget_hidden(tx: Tx, principal_id: int) -> None:
    """This person sees everything again."""
    tx.connection.execute(
        delete(incoming_hidden).where(incoming_hidden.c.principal_id == principal_id)
    )


def forget_settled(tx: Tx, stored_message_id: int) -> None:
    """Who hid rows with these bytes that don't wait any more."""
    settled = select(incoming.c.id).where(
        incoming.c.stored_message_id == stored_message_id, incoming.c.state.not_in(STATES)
    )
    tx.connection.execute(delete(incoming_hidden).where(incoming_hidden.c.incoming_id.in_(settled)))


def filed(tx: Tx, row_id: int, activity_id: int | None, text: str) -> None:
    """Somebody filed it by hand. activity_id: None where it became none of its own."""
    tx.connection.execute(
        update(incoming)
        .where(incoming.c.id == row_id)
        .values(
            state="filed",
            activity_id=activity_id,
            code=None,
            text=text,
            next_at=None,
            changed_at=tx.now,
        )
    )
