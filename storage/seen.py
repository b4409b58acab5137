"""Which members of a group have seen a message that comes again under another UID. A few statements
for any number of them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, delete, insert, select, update

from storage.engine import Tx
from storage.schema import (
    SEEN,
    activity,
    follow_up,
    membership,
    notification,
    principal,
    user_run,
)

_MEMBERS = select(membership.c.principal_id).where(membership.c.group_id == bindparam("of_group"))


def _last(column: ColumnElement[int]) -> ScalarSelect[int]:
    return (
        select(column)
        .where(
            user_run.c.principal_id == membership.c.principal_id,
            user_run.c.folder_id == bindparam("of_folder"),
            user_run.c.first_uid <= bindparam("uid"),
        )
        .order_by(user_run.c.first_uid.desc())
        .limit(1)
        .correlate(membership)
        .scalar_subquery()
    )


# Each member's one run that may reach the UID, sought in the key. As a join SQLite reads all runs
# of the folder.
_RUNS = select(
    membership.c.principal_id,
    *(_last(one) for one in (user_run.c.first_uid, user_run.c.last_uid, user_run.c.flags)),
).where(membership.c.group_id == bindparam("of_group"))
_OWN = (
    user_run.c.principal_id == bindparam("of_principal"),
    user_run.c.folder_id == bindparam("of_folder"),
    user_run.c.first_uid == bindparam("first"),
)
_EXTEND = update(user_run).where(*_OWN).values(last_uid=bindparam("last"))
_DELETE = delete(user_run).where(*_OWN)
_INSERT = insert(user_run)
_WRITTEN = follow_up.c.activity_id == bindparam("of_activity")
_CONCERNED = (
    select(notification.c.principal_id).where(
        notification.c.activity_id == bindparam("of_activity")
    ),
    select(follow_up.c.author_id).where(_WRITTEN),
    select(principal.c.id).where(
        principal.c.contact_id.in_(select(follow_up.c.author_contact_id).where(_WRITTEN))
    ),
    select(activity.c.created_by_id).where(activity.c.id == bindparam("of_activity")),
    select(activity.c.assigned_to_id).where(activity.c.id == bindparam("of_activity")),
)


def members(tx: Tx, group_id: int) -> set[int]:
    """Ids of principals."""
    return set(tx.connection.execute(_MEMBERS, {"of_group": group_id}).scalars())


def concerned(tx: Tx, activity_id: int) -> set[int]:
    """Who is to find a changed activity unread: its assignee, who made it, who wrote on it, and who
    wants to be told of it."""
    wanted = {"of_activity": activity_id}
    found = (tx.connection.execute(one, wanted).scalars() for one in _CONCERNED)
    return {one for ids in found for one in ids if one is not None}


def forget(tx: Tx, group_id: int, folder_id: int, uid: int) -> set[int]:
    """The members who had seen that UID, which leaves; what is kept of their flags on it alone goes
    too, so that messages that come again and again leave no rows behind."""
    runs = [run for run in _runs(tx, group_id, folder_id, uid) if run[2] >= uid]
    alone = [run for run in runs if run[1] == run[2]]
    if alone:
        tx.connection.execute(
            _DELETE,
            [{"of_principal": run[0], "of_folder": folder_id, "first": uid} for run in alone],
        )
    return {run[0] for run in runs if run[3] & SEEN}


def add(
    tx: Tx, group_id: int, folder_id: int, uid: int, principal_ids: Collection[int], modseq: int
) -> None:
    """\\Seen for these members on the folder's newest entry, made in this transaction with that
    modseq. A run that ends just before it is made longer and keeps its modseq: that the message is
    new says all there is to tell."""
    if not principal_ids:
        return
    before = {
        run[0]: run[1]
        for run in _runs(tx, group_id, folder_id, uid)
        if run[2] == uid - 1 and run[3] == SEEN
    }
    extended = [one for one in sorted(principal_ids) if one in before]
    new = [one for one in sorted(principal_ids) if one not in before]
    if extended:
        tx.connection.execute(
            _EXTEND,
            [
                {"of_principal": one, "of_folder": folder_id, "first": before[one], "last": uid}
                for one in extended
            ],
        )
    if new:
        tx.connection.execute(
            _INSERT,
            [
                {
                    "principal_id": one,
                    "folder_id": folder_id,
                    "first_uid": uid,
                    "last_uid": uid,
                    "flags": SEEN,
                    "modseq": modseq,
                }
                for one in new
            ],
        )


def _runs(tx: Tx, group_id: int, folder_id: int, uid: int) -> list[tuple[int, int, int, int]]:
    """(principal, first UID, last UID, flags) of each member's last run that begins up to that
    UID."""
    wanted = {"of_group": group_id, "of_folder": folder_id, "uid": uid}
    return [
        (row[0], row[1], row[2], row[3])
        for row in tx.connection.execute(_RUNS, wanted)
        if row[1] is not None
    ]
