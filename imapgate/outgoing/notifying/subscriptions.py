"""What users want to be told of: made, listed, removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from imapgate.activities.happenings import INCOMING_FAILED, WANTED
from imapgate.activities.names import Mistake
from imapgate.activities.people import Person, may_see, role_in
from imapgate.outgoing.notifying.wishes import BOTH, INBOX, MAIL, WAYS
from storage import Tx, activities, groups, notifications, people, settings_history
from storage.notifications import NotificationRow

MOST = 100
"""Of one user."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """user: a name. group: a name, activity: a number; both None: all that the user sees. events:
    of happenings.WANTED, in its order. by: one of wishes.WAYS."""

    id: int
    user: str
    group: str | None
    activity: int | None
    events: tuple[str, ...]
    by: str


def add(
    tx: Tx,
    person: Person,
    events: Collection[str],
    *,
    group_id: int | None = None,
    number: int | None = None,
    by: str = MAIL,
    who: str,
) -> Subscription:
    """This person is told of these events from now on. who: for the settings history. Raises
    Mistake: an unknown event or way, a group or an activity that the person doesn't see, the same
    once more, too many."""
    wanted = _checked(events, by, about_something=group_id is not None or number is not None)
    group_id, activity_id = _scope(tx, person, group_id, number)
    own = notifications.of_principal(tx, person.id)
    if len(own) >= MOST:
        raise Mistake(f"{person.name} has {MOST} notifications already: remove some.")
    for one in own:
        same = (one.group_id, one.activity_id) == (group_id, activity_id)
        if same and wanted <= one.events and _by(one) in (by, BOTH):
            raise Mistake(f"{person.name} is told of that already (notification {one.id}).")
    made = notifications.add(
        tx,
        person.segment_id,
        person.id,
        wanted,
        group_id=group_id,
        activity_id=activity_id,
        by_mail=by in (MAIL, BOTH),
        to_inbox=by in (INBOX, BOTH),
    )
    subscription = find(tx, person.segment_id, made)
    _record(tx, person.segment_id, who, subscription, {"notification": (None, told(subscription))})
    return subscription


def list_subscriptions(
    tx: Tx, segment_id: int, principal_id: int | None = None
) -> list[Subscription]:
    """In the order of their making. principal_id None: everybody's."""
    found = notifications.of_segment(tx, segment_id)
    return [_subscription(tx, one) for one in found if principal_id in (None, one.principal_id)]


def find(tx: Tx, segment_id: int, subscription_id: int) -> Subscription:
    """Raises Mistake."""
    for one in notifications.of_segment(tx, segment_id):
        if one.id == subscription_id:
            return _subscription(tx, one)
    raise Mistake(f"There is no notification {subscription_id}.")


def remove(tx: Tx, segment_id: int, subscription_id: int, who: str) -> Subscription:
    """Nobody is told by it any more, of what is gathered already neither. Raises Mistake."""
    found = find(tx, segment_id, subscription_id)
    notifications.remove(tx, subscription_id)
    _record(tx, segment_id, who, found, {"notification": (told(found), None)})
    return found


def told(one: Subscription) -> str:
    """In a line, for people."""
    about = " of all that they see"
    if one.group is not None:
        about = f" of group {one.group}"
    elif one.activity is not None:
        about = f" of #{one.activity}"
    elif one.events == (INCOMING_FAILED,):
        about = ""
    ways = "mail and inbox" if one.by == BOTH else one.by
    return f"{', '.join(one.events)}{about}, by {ways}"


def _checked(events: Collection[str], by: str, about_something: bool) -> frozenset[str]:
    unknown = [one for one in events if one not in WANTED]
    if unknown or not events:
        named = f'"{unknown[0]}" is no event' if unknown else "Say of which events"
        raise Mistake(f"{named}: {', '.join(WANTED)}.")
    if by not in WAYS:
        raise Mistake(f'"{by}" is no way to be told: {", ".join(WAYS)}.')
    if INCOMING_FAILED in events and about_something:
        raise Mistake(f"{INCOMING_FAILED} is about no group and no activity: leave that out.")
    return frozenset(events)


def _scope(
    tx: Tx, person: Person, group_id: int | None, number: int | None
) -> tuple[int | None, int | None]:
    if group_id is not None and number is not None:
        raise Mistake("Say a group or an activity, not both.")
    if group_id is not None:
        if role_in(tx, person, group_id) is None:
            raise Mistake(f"{person.name} is no member of that group, and would be told nothing.")
        return group_id, None
    if number is None:
        return None, None
    activity = activities.by_number(tx, person.segment_id, number)
    if activity is None:
        raise Mistake(f"There is no activity #{number}.")
    if not may_see(tx, person, activity.id):
        raise Mistake(
            f"{person.name} is a member of none of the groups of #{number}, and would be told "
            "nothing."
        )
    return None, activity.id


def _subscription(tx: Tx, row: NotificationRow) -> Subscription:
    user = people.principal_by_id(tx, row.principal_id)
    assert user is not None
    group = None if row.group_id is None else groups.by_id(tx, row.group_id)
    number = None
    if row.activity_id is not None:
        number = activities.by_id(tx, row.activity_id).number
    return Subscription(
        row.id,
        user.name,
        None if group is None else group.name,
        number,
        tuple(one for one in WANTED if one in row.events),
        _by(row),
    )


def _by(row: NotificationRow) -> str:
    if row.by_mail and row.to_inbox:
        return BOTH
    return MAIL if row.by_mail else INBOX


def _record(
    tx: Tx,
    segment_id: int,
    who: str,
    one: Subscription,
    changes: dict[str, tuple[str | None, str | None]],
) -> None:
    settings_history.record(tx, segment_id, who, f"user {one.user}", changes)
