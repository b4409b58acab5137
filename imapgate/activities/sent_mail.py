"""What is to become of mail that users send through imapgate: their own wish, and groups'."""

from __future__ import annotations

from dataclasses import asdict, replace

from imapgate.activities import filing
from imapgate.activities.groups import Group
from imapgate.activities.names import Mistake
from imapgate.activities.people import Person, may_contribute
from storage import Tx, groups, sent_wishes, settings_history
from storage.sent_wishes import SentWish

ON, OFF = "on", "off"


def wish_of(tx: Tx, person: Person) -> tuple[SentWish, str | None]:
    """The user's, and the group's name."""
    wish = sent_wishes.of_principal(tx, person.id)
    group = None if wish.group_id is None else groups.by_id(tx, wish.group_id)
    return wish, None if group is None else group.name


def set_wish(
    tx: Tx,
    person: Person,
    who: str,
    by_references: bool | None = None,
    group: Group | None = None,
    no_group: bool = False,
    reason: str = "",
) -> None:
    """None: stays as it is. group: where everything is filed that belongs to no activity; no_group:
    nowhere. The change stands in the settings history. Raises Mistake: the user may not file
    there."""
    before = sent_wishes.of_principal(tx, person.id)
    now = before if by_references is None else replace(before, by_references=by_references)
    if group is not None:
        if not may_contribute(tx, person, group.id):
            raise Mistake(f'{person.name} may not file into "{group.name}".')
        if filing.email_creator(tx, group.id) is None:
            raise Mistake(f'"{group.name}" takes no mail: it has no e-mail creator.')
        now = replace(now, group_id=group.id)
    elif no_group:
        now = replace(now, group_id=None)
    sent_wishes.set_of_principal(tx, person.id, now)
    _record(tx, person.segment_id, who, f"user {person.name}", before, now, reason)


def set_of_group(
    tx: Tx, segment_id: int, group: Group, who: str, by_references: bool, reason: str = ""
) -> None:
    """Whether what anybody sends is filed to the activity of this group that it answers, also
    without a number. The change stands in the settings history."""
    before = SentWish(sent_wishes.by_references(tx, [group.id]))
    sent_wishes.set_of_group(tx, group.id, by_references)
    now = SentWish(by_references)
    _record(tx, segment_id, who, f"group {group.name}", before, now, reason)


def _record(
    tx: Tx,
    segment_id: int,
    who: str,
    subject: str,
    before: SentWish,
    now: SentWish,
    reason: str,
) -> None:
    changes = settings_history.differences(_named(before), _named(now))
    if changes:
        settings_history.record(tx, segment_id, who, subject, changes, reason)


def _named(wish: SentWish) -> dict[str, object]:
    return {f"sent_{name}": value for name, value in asdict(wish).items()}
