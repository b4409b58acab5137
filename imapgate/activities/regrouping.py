"""A mail that is an activity leaves its group, goes to another, or is about something else."""

from __future__ import annotations

from imapgate.activities import filing, happenings, undoing
from imapgate.activities.outcome import Filed, Refusal, StoredMail
from imapgate.activities.people import Person
from storage import Tx, activities, emails, links


def regroup(
    tx: Tx,
    person: Person,
    activity_id: int,
    stored: StoredMail,
    from_group: int,
    to_group: int,
    to_target: int | None = None,
) -> Filed | Refusal:
    """MOVE between two groups: the activity leaves one and gains the other (rule 16), with its
    links. to_target: as filing.file_into_group. Whether it may leave is decided by the caller.
    Where the other group already has an activity of the same mail, that one is the mail's activity
    there."""
    refusal = filing.group_creator(tx, person, to_group)
    if isinstance(refusal, Refusal):
        return refusal
    here = _activity_in(tx, person, activity_id, stored, to_group)
    leave(tx, person, activity_id, from_group)
    targets = () if to_target is None else (to_target,)
    filed = filing.refile(tx, person, here, stored, (to_group,), targets)
    _without_groups(tx, person, activity_id)
    return filed


def turn(
    tx: Tx,
    person: Person,
    activity_id: int,
    stored: StoredMail,
    from_target: int,
    from_group: int | None,
    to_group: int,
    to_target: int | None,
) -> Filed | Refusal:
    """MOVE of a linked mail to what it is about instead: its link to from_target is taken back, it
    is filed into to_group, and linked to to_target (None: to nothing), whatever its subject names.
    It leaves from_group (None: none), unless that is where it goes or it is linked to something
    else. Whether it may leave is decided by the caller."""
    refusal = filing.group_creator(tx, person, to_group)
    if isinstance(refusal, Refusal):
        return refusal
    undoing.unlink(tx, person, activity_id, from_target)
    here = _activity_in(tx, person, activity_id, stored, to_group)
    if from_group not in (None, to_group) and not links.links_from(tx, activity_id):
        assert from_group is not None
        leave(tx, person, activity_id, from_group)
    targets = () if to_target is None else (to_target,)
    filed = filing.refile(tx, person, here, stored, (to_group,), targets, matches=False)
    _without_groups(tx, person, activity_id)
    return filed


def take_out(tx: Tx, person: Person, activity_id: int, group_id: int) -> tuple[int, ...]:
    """The activity leaves the group; activity, media and bytes stay (rule 16). A mail that leaves
    its last group loses its links and follow-ups: the numbers of what it was linked to."""
    leave(tx, person, activity_id, group_id)
    return _without_groups(tx, person, activity_id)


def leave(tx: Tx, person: Person, activity_id: int, group_id: int) -> None:
    """The activity leaves the group, and keeps its links."""
    activities.remove_from_group(tx, activity_id, group_id)
    activities.change(tx, activity_id)
    happenings.changed(tx, person.segment_id, activity_id, "left", person.id, group=group_id)


def join(tx: Tx, person: Person, activity_id: int, group_id: int) -> None:
    """The activity, of any class, comes into a group that it isn't in."""
    activities.put_into_group(tx, activity_id, group_id)
    activities.change(tx, activity_id)
    happenings.changed(tx, person.segment_id, activity_id, "joined", person.id, group=group_id)


def _activity_in(
    tx: Tx, person: Person, activity_id: int, stored: StoredMail, group_id: int
) -> int:
    """What the mail is in that group: an activity of its own there, else the one that comes."""
    same = emails.by_identity(tx, person.segment_id, stored.identity)
    there = [one for one in same if activities.in_group(tx, one, group_id)]
    return there[0] if there else activity_id


def _without_groups(tx: Tx, person: Person, activity_id: int) -> tuple[int, ...]:
    if activities.groups_of(tx, activity_id) or emails.of_activity(tx, activity_id) is None:
        return ()
    return undoing.unlink_all(tx, person, activity_id)
