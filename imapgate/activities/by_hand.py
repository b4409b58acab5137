"""Activities and follow-ups that a person writes, without a mail."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import approving, happenings, making, processes
from imapgate.activities.approvals import Approval
from imapgate.activities.contacts import find_contact
from imapgate.activities.creators import PRIORITIES
from imapgate.activities.groups import Group
from imapgate.activities.names import Mistake, checked, key, storable
from imapgate.activities.people import Person
from storage import Tx, activities, creators, links
from storage import processes as process_rows

LONGEST_TEXT = 1_000_000
"""Characters of a description or of a follow-up's text."""


def new_activity(
    tx: Tx,
    segment_id: int,
    name: str,
    *,
    creator: str | None = None,
    type_name: str | None = None,
    groups: Sequence[Group] = (),
    description: str = "",
    detailed_description: str = "",
    priority: str | None = None,
    contact: str | None = None,
    person: Person | None = None,
) -> int:
    """The number of a new activity, made by a creator or, without its presets, of a type.

    groups: those beside the creator's. priority: one of PRIORITIES, None: the creator's, else
    normal. contact: who reports it, by name or address. person: who makes it. Raises Mistake.
    """
    kept = checked(name, "activity name")
    preset = preset_of(tx, segment_id, creator, type_name)
    made = making.new_activity(
        tx,
        person,
        preset,
        groups_of(tx, preset, groups),
        name=kept,
        description=checked_text(description),
        detailed_description=checked_text(detailed_description),
        priority=None if priority is None else checked_priority(priority),
        reporting_contact_id=None if contact is None else find_contact(tx, segment_id, contact),
    )
    return made.number


def follow_up(
    tx: Tx,
    segment_id: int,
    number: int,
    *,
    transition: str | None = None,
    title: str | None = None,
    text: str = "",
    person: Person | None = None,
) -> processes.Taken | Approval | None:
    """A follow-up on the activity of that number, and the transition that was taken, if one was
    asked for; the request, if it wants approval by somebody else: then title and text stand with
    it, and nothing is taken.

    title None: the transition's name. person: who writes it. Raises Mistake: unknown number,
    nothing to write, a transition that doesn't start from the activity's state.
    """
    activity = activities.by_number(tx, segment_id, number)
    if activity is None:
        raise Mistake(f"There is no activity #{number}.")
    if transition is None and not (title or text):
        raise Mistake("A follow-up needs a transition, a title or a text.")
    taken = None
    kept = checked(title, "title") if title else ""
    said = checked_text(text)
    if transition is not None:
        asking = f"{kept}\n\n{said}".strip()
        came = approving.take_or_ask(tx, activity, transition, person, text=asking)
        if isinstance(came, Approval):
            return came
        taken = came
    if not kept:
        kept = taken.transition if taken else "Note"
    follow_up_id = links.add_follow_up(
        tx,
        activity.id,
        links.FollowUpRow(
            transition=taken.transition if taken else None,
            title=kept,
            text=said,
            author_id=None if person is None else person.id,
            author_contact_id=None,
            from_activity_id=None,
            at=tx.now,
        ),
    )
    activities.change(tx, activity.id)
    happenings.followed_up(tx, activity, follow_up_id, None if person is None else person.id)
    return taken


def preset_of(
    tx: Tx, segment_id: int, creator: str | None, type_name: str | None
) -> making.Template:
    """What a new activity starts with, by a creator's name or a type's. Raises Mistake."""
    if (creator is None) == (type_name is None):
        raise Mistake("A new activity needs a creator or a type, one of the two.")
    if creator is not None:
        row = creators.by_key(tx, segment_id, key(creator))
        if row is None:
            raise Mistake(f'There is no creator "{creator}".')
        return making.template(row)
    assert type_name is not None
    kind = process_rows.type_by_key(tx, segment_id, key(type_name))
    if kind is None:
        raise Mistake(f'There is no activity type "{type_name}".')
    return making.Template(segment_id, kind.id, None, PRIORITIES["normal"], None)


def groups_of(tx: Tx, preset: making.Template, beside: Sequence[Group]) -> list[int]:
    """Ids of the creator's groups and of those beside them, each once."""
    served = creators.groups_of(tx, preset.creator_id) if preset.creator_id else []
    return list(dict.fromkeys([*served, *(group.id for group in beside)]))


def checked_priority(priority: str) -> int:
    """Of one of PRIORITIES. Raises Mistake."""
    if priority not in PRIORITIES:
        raise Mistake(f'"{priority}" is no priority: {", ".join(PRIORITIES)}.')
    return PRIORITIES[priority]


def checked_text(text: str) -> str:
    """As it is stored. Raises Mistake."""
    if len(text) > LONGEST_TEXT:
        raise Mistake(f"The text is longer than {LONGEST_TEXT} characters.")
    return storable(text)
