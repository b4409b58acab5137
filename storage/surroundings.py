"""Rows of what stands around an activity, and of which groups' members may see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select, union

from storage.engine import Tx
from storage.schema import (
    activity,
    activity_in_group,
    activity_revision,
    contact,
    email_activity,
    email_address,
    email_recipient,
    follow_up,
    link,
    membership,
    principal,
    process_state,
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """author: a contact's or a user's name. text: its beginning; length: characters of the whole,
    without blanks at its end. from_id, from_number: of the activity that it came from. at: seconds
    since 1970."""

    transition: str | None
    title: str
    text: str
    length: int
    author: str | None
    from_id: int | None
    from_number: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Linked:
    """An activity on the other end of a link, whichever way it goes."""

    id: int
    number: int
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class LinkedMail:
    """An e-mail activity likewise. sender: the contact's name, or the address. message_id: without
    angle brackets. sent_at: seconds since 1970, None: the mail doesn't say."""

    id: int
    number: int
    subject: str
    sender: str | None
    message_id: str | None
    sent_at: int | None


_SEES = membership.alias("sees")
_WHO = membership.alias("who")
_PLACED = activity_in_group.alias("placed")

# Built once: every revision runs them for each group.
_OUTSIDE = (
    select(_WHO.c.principal_id)
    .where(
        _WHO.c.group_id == bindparam("of_group"),
        ~exists().where(
            _SEES.c.principal_id == _WHO.c.principal_id,
            _SEES.c.group_id.in_(bindparam("groups", expanding=True)),
        ),
    )
    .limit(1)
)
_GROUPS_OF_SOME = select(activity_in_group.c.activity_id, activity_in_group.c.group_id).where(
    activity_in_group.c.activity_id.in_(bindparam("some", expanding=True))
)
_CONTACT = (
    select(contact.c.name, email_address.c.address)
    .outerjoin_from(
        contact,
        email_address,
        and_(
            email_address.c.contact_id == contact.c.id,
            email_address.c.kind == "email",
            email_address.c.address.contains("@"),
        ),
    )
    .where(contact.c.id == bindparam("of_contact"))
    .order_by(email_address.c.is_first.desc(), email_address.c.id)
    .limit(1)
)
_FOLLOW_UPS = (
    select(
        follow_up.c.transition,
        follow_up.c.title,
        func.substr(follow_up.c.text, 1, bindparam("characters")),
        func.length(func.rtrim(follow_up.c.text, " \t\r\n")),
        func.coalesce(contact.c.name, principal.c.name),
        follow_up.c.from_activity_id,
        activity.c.number,
        follow_up.c.at,
    )
    .outerjoin_from(follow_up, contact, contact.c.id == follow_up.c.author_contact_id)
    .outerjoin(principal, principal.c.id == follow_up.c.author_id)
    .outerjoin(activity, activity.c.id == follow_up.c.from_activity_id)
    .where(follow_up.c.activity_id == bindparam("of_activity"))
    # In the order of their making: by their time, every text would be read to be sorted.
    .order_by(follow_up.c.id.desc())
    .limit(bindparam("most"))
)
_COUNT_FOLLOW_UPS = select(func.count()).where(follow_up.c.activity_id == bindparam("of_activity"))
_ENDS = union(
    select(link.c.to_id.label("id")).where(link.c.from_id == bindparam("of_activity")),
    select(link.c.from_id.label("id")).where(link.c.to_id == bindparam("of_activity")),
).subquery("ends")
_COUNT_MAILS = select(func.count()).join_from(
    _ENDS, email_activity, email_activity.c.activity_id == _ENDS.c.id
)
_COUNT_OTHERS = (
    select(func.count())
    .outerjoin_from(_ENDS, email_activity, email_activity.c.activity_id == _ENDS.c.id)
    .where(email_activity.c.activity_id.is_(None))
)
_NEWEST_OTHERS = (
    select(_ENDS.c.id)
    .outerjoin_from(_ENDS, email_activity, email_activity.c.activity_id == _ENDS.c.id)
    .where(email_activity.c.activity_id.is_(None))
    .order_by(_ENDS.c.id.desc())
    .limit(bindparam("most"))
    .subquery("newest")
)
_NEWEST_MAILS = (
    select(_ENDS.c.id)
    .join_from(_ENDS, email_activity, email_activity.c.activity_id == _ENDS.c.id)
    .order_by(_ENDS.c.id.desc())
    .limit(bindparam("most"))
    .subquery("newest")
)
_LINKED = (
    select(activity.c.id, activity.c.number, activity.c.name, process_state.c.name)
    .join_from(_NEWEST_OTHERS, activity, activity.c.id == _NEWEST_OTHERS.c.id)
    .join(process_state, process_state.c.id == activity.c.state_id)
    .order_by(activity.c.id.desc())
)
_FIRST_FROM = (
    select(func.min(email_recipient.c.position))
    .where(email_recipient.c.activity_id == activity.c.id, email_recipient.c.kind == "from")
    .correlate(activity)
    .scalar_subquery()
)
_WROTE = email_recipient.alias("wrote")
_MAILS = (
    select(
        activity.c.id,
        activity.c.number,
        email_activity.c.subject,
        func.coalesce(func.nullif(contact.c.name, ""), email_address.c.address),
        email_activity.c.message_id,
        email_activity.c.sent_at,
    )
    .join_from(_NEWEST_MAILS, activity, activity.c.id == _NEWEST_MAILS.c.id)
    .join(email_activity, email_activity.c.activity_id == activity.c.id)
    .outerjoin(
        _WROTE, and_(_WROTE.c.activity_id == activity.c.id, _WROTE.c.position == _FIRST_FROM)
    )
    .outerjoin(email_address, email_address.c.id == _WROTE.c.address_id)
    .outerjoin(contact, contact.c.id == email_address.c.contact_id)
    .order_by(activity.c.id.desc())
)


def hidden_from(principal_id: int, group_id: int) -> Select[tuple[int]]:
    """Ids of that group's activities whose message there may tell of a group, an activity or a mail
    that this principal, who is new in the group, may not see."""
    elsewhere = activity_in_group.alias("elsewhere")
    of_group = membership.alias("of_group")
    tells_of_groups = exists().where(
        elsewhere.c.activity_id == activity_in_group.c.activity_id,
        elsewhere.c.group_id != group_id,
        ~exists().where(
            of_group.c.group_id == elsewhere.c.group_id, of_group.c.principal_id == principal_id
        ),
    )
    tells_of_links = []
    for near, far in ((link.c.from_id, link.c.to_id), (link.c.to_id, link.c.from_id)):
        may_see = exists().where(
            _PLACED.c.activity_id == far,
            _SEES.c.group_id == _PLACED.c.group_id,
            _SEES.c.principal_id == principal_id,
        )
        tells_of_links.append(exists().where(near == activity_in_group.c.activity_id, ~may_see))
    return select(activity_in_group.c.activity_id).where(
        activity_in_group.c.group_id == group_id,
        exists().where(activity_revision.c.activity_id == activity_in_group.c.activity_id),
        or_(tells_of_groups, *tells_of_links),
    )


def is_outside(tx: Tx, group_id: int, groups: Collection[int]) -> bool:
    """Whether a member of the group is a member of none of these groups."""
    wanted = {"of_group": group_id, "groups": list(groups)}
    return tx.connection.execute(_OUTSIDE, wanted).first() is not None


def groups_of_some(tx: Tx, activity_ids: Collection[int]) -> dict[int, set[int]]:
    """The groups of each of these activities, at most some hundred, that has any."""
    found: dict[int, set[int]] = {}
    if activity_ids:
        rows = tx.connection.execute(_GROUPS_OF_SOME, {"some": list(activity_ids)})
        for activity_id, group_id in rows:
            found.setdefault(activity_id, set()).add(group_id)
    return found


def reporter(tx: Tx, contact_id: int) -> tuple[str, str | None]:
    """(name, first e-mail address with an `@`)."""
    row = tx.connection.execute(_CONTACT, {"of_contact": contact_id}).one()
    return row[0], row[1]


def follow_ups(tx: Tx, activity_id: int, most: int, characters: int) -> tuple[list[FollowUp], int]:
    """(the newest ones, the newest first; how many there are). characters: of each text."""
    wanted = {"of_activity": activity_id, "most": most, "characters": characters}
    found = [FollowUp(*row) for row in tx.connection.execute(_FOLLOW_UPS, wanted)]
    if len(found) < most:
        return found, len(found)
    counted = tx.connection.execute(_COUNT_FOLLOW_UPS, {"of_activity": activity_id})
    return found, int(counted.scalar_one())


def linked(tx: Tx, activity_id: int, most: int) -> tuple[list[Linked], int]:
    """(activities that it is linked to, mails apart: the newest ones, the newest first; how
    many there are)."""
    wanted = {"of_activity": activity_id, "most": most}
    found = [Linked(*row) for row in tx.connection.execute(_LINKED, wanted)]
    if len(found) < most:
        return found, len(found)
    counted = tx.connection.execute(_COUNT_OTHERS, {"of_activity": activity_id})
    return found, int(counted.scalar_one())


def linked_mails(tx: Tx, activity_id: int, most: int) -> tuple[list[LinkedMail], int]:
    """(e-mail activities that it is linked to, the newest ones, the newest first; how many there
    are)."""
    wanted = {"of_activity": activity_id, "most": most}
    found = [LinkedMail(*row) for row in tx.connection.execute(_MAILS, wanted)]
    if len(found) < most:
        return found, len(found)
    counted = tx.connection.execute(_COUNT_MAILS, {"of_activity": activity_id})
    return found, int(counted.scalar_one())
