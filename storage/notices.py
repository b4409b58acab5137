"""Rows of which notices tell of which activities."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, insert, or_, select

from storage.engine import Tx
from storage.schema import activity, link, notice


def add(tx: Tx, stored_message_id: int, activity_ids: Collection[int], alone: bool = False) -> None:
    """alone: it tells of these and of nothing that is linked to them."""
    at = 0 if alone else tx.now
    rows = [
        {"stored_message_id": stored_message_id, "activity_id": one, "at": at}
        for one in sorted(set(activity_ids))
    ]
    if rows:
        tx.connection.execute(insert(notice), rows)


def about(tx: Tx, activity_ids: Collection[int]) -> set[int]:
    """Stored messages of the notices that tell of these activities, or may tell of them, since they
    tell of what these are linked to and were written since these were made."""
    wanted = select(link.c.to_id, activity.c.created_at).join_from(
        link, activity, activity.c.id == link.c.from_id
    )
    linked = wanted.where(link.c.from_id.in_(activity_ids)).subquery()
    found = tx.connection.execute(
        select(notice.c.stored_message_id)
        .distinct()
        .outerjoin_from(
            notice,
            linked,
            and_(linked.c.to_id == notice.c.activity_id, notice.c.at >= linked.c.created_at),
        )
        .where(or_(notice.c.activity_id.in_(activity_ids), linked.c.to_id.is_not(None)))
    )
    return set(found.scalars())
