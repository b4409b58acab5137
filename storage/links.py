"""Rows of links between activities, and of follow-ups."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from storage.engine import Tx
from storage.schema import activity, follow_up, link


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    transition: str | None
    title: str
    text: str
    author_id: int | None
    author_contact_id: int | None
    from_activity_id: int | None
    at: int


# Built once: every drop with a number in its subject runs them.
_LINK = select(link.c.kind).where(
    link.c.from_id == bindparam("of_from"),
    link.c.to_id == bindparam("of_to"),
    link.c.kind == bindparam("of_kind"),
)
_ADD_LINK = insert(link)
_LINKS_FROM = (
    select(link.c.to_id, activity.c.number, link.c.kind)
    .join_from(link, activity, activity.c.id == link.c.to_id)
    .where(link.c.from_id == bindparam("of_from"))
    .order_by(activity.c.number, link.c.kind)
)
_ADD_FOLLOW_UP = insert(follow_up).returning(follow_up.c.id)
_FOLLOW_UP = select(
    follow_up.c.transition,
    follow_up.c.title,
    follow_up.c.text,
    follow_up.c.author_id,
    follow_up.c.author_contact_id,
    follow_up.c.from_activity_id,
    follow_up.c.at,
)
_REMOVE_LINK = delete(link).where(
    link.c.from_id == bindparam("of_from"),
    link.c.to_id == bindparam("of_to"),
    link.c.kind == bindparam("of_kind"),
)
_FOLLOW_UP_FROM = select(follow_up.c.id).where(
    follow_up.c.activity_id == bindparam("of_activity"),
    follow_up.c.from_activity_id == bindparam("of_from"),
)
_MADE = (
    follow_up.c.activity_id == bindparam("of_activity"),
    follow_up.c.from_activity_id == bindparam("of_from"),
    follow_up.c.title.not_in(bindparam("kept", expanding=True)),
)
_TAKE_BACK = delete(follow_up).where(*_MADE, follow_up.c.transition.is_(None))
_BLANK = (
    update(follow_up)
    .where(*_MADE)
    .values(title=bindparam("new_title"), text="", from_activity_id=None)
)


def add_link(tx: Tx, from_id: int, to_id: int, kind: str) -> bool:
    """Whether there was none yet."""
    known = tx.connection.execute(_LINK, {"of_from": from_id, "of_to": to_id, "of_kind": kind})
    if known.first() is not None:
        return False
    tx.connection.execute(_ADD_LINK, {"from_id": from_id, "to_id": to_id, "kind": kind})
    return True


def remove_link(tx: Tx, from_id: int, to_id: int, kind: str) -> bool:
    """Whether there was one."""
    gone = tx.connection.execute(
        _REMOVE_LINK, {"of_from": from_id, "of_to": to_id, "of_kind": kind}
    )
    return bool(gone.rowcount)


def links_from(tx: Tx, activity_id: int) -> list[tuple[int, int, str]]:
    """(activity id, number, kind) of what it is linked to, by number."""
    found = tx.connection.execute(_LINKS_FROM, {"of_from": activity_id})
    return [(row[0], row[1], row[2]) for row in found]


def add_follow_up(tx: Tx, activity_id: int, new: FollowUpRow) -> int:
    """The row's id."""
    made = tx.connection.execute(
        _ADD_FOLLOW_UP,
        {
            "activity_id": activity_id,
            "transition": new.transition,
            "title": new.title,
            "text": new.text,
            "author_id": new.author_id,
            "author_contact_id": new.author_contact_id,
            "from_activity_id": new.from_activity_id,
            "at": new.at,
        },
    )
    return int(made.scalar_one())


def has_follow_up_from(tx: Tx, activity_id: int, from_activity_id: int) -> bool:
    found = tx.connection.execute(
        _FOLLOW_UP_FROM, {"of_activity": activity_id, "of_from": from_activity_id}
    )
    return found.first() is not None


def take_back_follow_ups(
    tx: Tx, activity_id: int, from_activity_id: int, title: str, kept: Collection[str]
) -> bool:
    """Those that one activity made on another go; of one that took a transition, which stays taken,
    an entry under this title, without text, that nothing made. kept: titles of others that stay.
    Whether there were any."""
    made = {"of_activity": activity_id, "of_from": from_activity_id, "kept": list(kept)}
    gone = tx.connection.execute(_TAKE_BACK, made)
    blanked = tx.connection.execute(_BLANK, {**made, "new_title": title})
    return bool(gone.rowcount or blanked.rowcount)


def has_follow_up_like(tx: Tx, activity_id: int, title: str, text: str) -> bool:
    """Whether one that no activity made has this title and text."""
    found = tx.connection.execute(
        select(follow_up.c.id).where(
            follow_up.c.activity_id == activity_id,
            follow_up.c.from_activity_id.is_(None),
            follow_up.c.title == title,
            follow_up.c.text == text,
        )
    )
    return found.first() is not None


def follow_up_by_id(tx: Tx, follow_up_id: int) -> FollowUpRow | None:
    found = tx.connection.execute(_FOLLOW_UP.where(follow_up.c.id == follow_up_id)).first()
    return None if found is None else FollowUpRow(*found)


def follow_ups(tx: Tx, activity_id: int) -> list[FollowUpRow]:
    """Oldest first."""
    found = tx.connection.execute(
        _FOLLOW_UP.where(follow_up.c.activity_id == activity_id).order_by(
            follow_up.c.at, follow_up.c.id
        )
    )
    return [FollowUpRow(*row) for row in found]
