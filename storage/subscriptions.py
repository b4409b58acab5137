"""Rows of what users decided about folders, and of what their sessions were told."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from storage.engine import Tx
from storage.schema import folder_user, lost_subscription, membership

# Built once: every LSUB runs it.
_LOST = (
    select(lost_subscription.c.name, lost_subscription.c.name_key)
    .where(lost_subscription.c.principal_id == bindparam("of_principal"))
    .order_by(lost_subscription.c.name_key)
)


def decide(tx: Tx, principal_id: int, folder_id: int, on: bool) -> None:
    _set_for_user(tx, principal_id, folder_id, subscribed=on)


def set_recent(tx: Tx, principal_id: int, folder_id: int, recent_uid: int) -> None:
    """recent_uid: the highest UID that a session of this user was told of."""
    _set_for_user(tx, principal_id, folder_id, recent_uid=recent_uid)


def undecided(tx: Tx, group_id: int, folder_id: int, roles: Sequence[str]) -> list[int]:
    """Members of a group in one of these roles who never decided whether they subscribe its
    folder."""
    rows = tx.connection.execute(
        select(membership.c.principal_id)
        .outerjoin(
            folder_user,
            and_(
                folder_user.c.folder_id == folder_id,
                folder_user.c.principal_id == membership.c.principal_id,
            ),
        )
        .where(
            membership.c.group_id == group_id,
            membership.c.role.in_(roles),
            folder_user.c.subscribed.is_(None),
        )
        .order_by(membership.c.principal_id)
    )
    return list(rows.scalars())


def lost(tx: Tx, principal_id: int) -> list[tuple[str, str]]:
    """(name, name_key), by key."""
    rows = tx.connection.execute(_LOST, {"of_principal": principal_id})
    return [(row[0], row[1]) for row in rows]


def lose(tx: Tx, principal_id: int, name: str, name_key: str) -> None:
    """The folder is going; its subscribed name stays (RFC 3501 6.3.6)."""
    forget_lost(tx, principal_id, name_key)
    tx.connection.execute(
        insert(lost_subscription).values(principal_id=principal_id, name_key=name_key, name=name)
    )


def count(tx: Tx, principal_id: int) -> int:
    """Folders that a user subscribed or kept subscribed by a decision, and lost names."""
    decided = select(func.count()).where(
        folder_user.c.principal_id == principal_id, folder_user.c.subscribed
    )
    gone = select(func.count()).where(lost_subscription.c.principal_id == principal_id)
    return int(tx.connection.execute(decided).scalar_one()) + int(
        tx.connection.execute(gone).scalar_one()
    )


def forget_lost(tx: Tx, principal_id: int, name_key: str) -> bool:
    """Whether there was such a name."""
    gone = tx.connection.execute(
        delete(lost_subscription).where(
            lost_subscription.c.principal_id == principal_id,
            lost_subscription.c.name_key == name_key,
        )
    )
    return gone.rowcount > 0


def _set_for_user(tx: Tx, principal_id: int, folder_id: int, **columns: int | bool) -> None:
    known = tx.connection.execute(
        update(folder_user)
        .where(folder_user.c.principal_id == principal_id, folder_user.c.folder_id == folder_id)
        .values(**columns)
    )
    if not known.rowcount:
        values = {"recent_uid": 0, **columns}
        tx.connection.execute(
            insert(folder_user).values(principal_id=principal_id, folder_id=folder_id, **values)
        )
