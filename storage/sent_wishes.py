"""What is to become of mail that a user sends through imapgate."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update

from storage.engine import Tx
from storage.schema import activity_group, principal


@dataclass(frozen=True, slots=True)
class SentWish:
    """by_references: it is filed to the activity that it answers, also without a number. group_id:
    where it is filed else; None: nowhere."""

    by_references: bool = False
    group_id: int | None = None


def of_principal(tx: Tx, principal_id: int) -> SentWish:
    row = tx.connection.execute(
        select(principal.c.sent_by_references, principal.c.sent_group_id).where(
            principal.c.id == principal_id
        )
    ).first()
    return SentWish() if row is None else SentWish(*row)


def set_of_principal(tx: Tx, principal_id: int, wish: SentWish) -> None:
    tx.connection.execute(
        update(principal)
        .where(principal.c.id == principal_id)
        .values(sent_by_references=wish.by_references, sent_group_id=wish.group_id)
    )


def by_references(tx: Tx, group_ids: Collection[int]) -> bool:
    """Whether one of these groups wants what answers its activities."""
    found = tx.connection.execute(
        select(activity_group.c.id)
        .where(activity_group.c.id.in_(group_ids), activity_group.c.sent_by_references)
        .limit(1)
    )
    return found.first() is not None


def set_of_group(tx: Tx, group_id: int, by_references: bool) -> None:
    tx.connection.execute(
        update(activity_group)
        .where(activity_group.c.id == group_id)
        .values(sent_by_references=by_references)
    )
