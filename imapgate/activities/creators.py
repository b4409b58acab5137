"""Activity creators: templates for new activities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.groups import Group
from imapgate.activities.names import Mistake, checked, key
from imapgate.activities.people import person
from storage import Tx, accounts, groups, people, processes
from storage import creators as rows

PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4, "immediate": 5}


@dataclass(frozen=True, slots=True)
class Creator:
    """groups: (id, name). assigned_to: a user's name. follow_up_transition: what linkToAndFollowUp
    takes on its activities, None: the type's."""

    id: int
    name: str
    type: str
    activity_class: str
    priority: str
    assigned_to: str | None
    follow_up_transition: str | None
    groups: tuple[tuple[int, str], ...]


def add_creator(
    tx: Tx,
    segment_id: int,
    name: str,
    type_name: str,
    groups: Sequence[Group] = (),
    priority: str = "normal",
    assigned_to: str | None = None,
    follow_up_transition: str | None = None,
) -> Creator:
    """priority: one of PRIORITIES. assigned_to: a login. The name is unique in the segment. Raises
    Mistake.

    The caller tells `folders.groups.members_changed` for each group.
    """
    kept = checked(name, "creator name")
    _check_free(tx, segment_id, kept)
    kind = _type(tx, segment_id, type_name)
    if follow_up_transition is not None:
        _check_transition(tx, kind, follow_up_transition)
    creator_id = rows.add(
        tx,
        segment_id,
        kept,
        key(kept),
        kind.id,
        _priority(priority),
        None if assigned_to is None else _assignee(tx, segment_id, assigned_to),
        follow_up_transition,
        [group.id for group in groups],
    )
    tx.touch_people()
    return _creator(tx, rows.by_id(tx, creator_id))


def edit_creator(
    tx: Tx,
    segment_id: int,
    name: str,
    *,
    new_name: str | None = None,
    type_name: str | None = None,
    groups: Sequence[Group] | None = None,
    priority: str | None = None,
    assigned_to: str | None = None,
    follow_up_transition: str | None = None,
) -> tuple[Creator, tuple[int, ...]]:
    """(the creator now, ids of all groups that it served or serves: tell
    `folders.groups.members_changed`).

    None: stays as it is; an empty assigned_to or follow_up_transition: none from now on. Raises
    Mistake.
    """
    row = _find(tx, segment_id, name)
    changes: dict[str, str | int | None] = {}
    if new_name is not None:
        kept = checked(new_name, "creator name")
        if key(kept) != key(row.name):
            _check_free(tx, segment_id, kept)
        changes.update(name=kept, name_key=key(kept))
    kind = processes.type_by_id(tx, row.type_id)
    if type_name is not None:
        kind = _type(tx, segment_id, type_name)
        changes["type_id"] = kind.id
    if priority is not None:
        changes["priority"] = _priority(priority)
    if assigned_to is not None:
        changes["assigned_to_id"] = _assignee(tx, segment_id, assigned_to) if assigned_to else None
    if follow_up_transition is not None:
        if follow_up_transition:
            _check_transition(tx, kind, follow_up_transition)
        changes["follow_up_transition"] = follow_up_transition or None
    if changes:
        rows.change(tx, row.id, **changes)
    served = set(rows.groups_of(tx, row.id))
    if groups is not None:
        rows.set_groups(tx, row.id, [group.id for group in groups])
        served.update(group.id for group in groups)
    tx.touch_people()
    return _creator(tx, rows.by_id(tx, row.id)), tuple(sorted(served))


def remove_creator(tx: Tx, segment_id: int, name: str) -> Creator:
    """The creator as it was; its activities stay. Raises Mistake, also while a mail account files
    by it.

    The caller tells `folders.groups.members_changed` for each of its groups.
    """
    creator = find_creator(tx, segment_id, name)
    users = accounts.named_by(tx, creator.id)
    if users:
        told = ", ".join(f'"{one}"' for one in users[:3]) + (", ..." if len(users) > 3 else "")
        raise Mistake(
            f'Creator "{creator.name}" is what the mails of account {told} become: give it another '
            "one first, with `imapgate account edit --creator`."
        )
    rows.remove(tx, creator.id)
    tx.touch_people()
    return creator


def find_creator(tx: Tx, segment_id: int, name: str) -> Creator:
    """By name, case ignored. Raises Mistake."""
    return _creator(tx, _find(tx, segment_id, name))


def list_creators(tx: Tx, segment_id: int) -> list[Creator]:
    """In the order of their making."""
    return [_creator(tx, row) for row in rows.of_segment(tx, segment_id)]


def _find(tx: Tx, segment_id: int, name: str) -> rows.CreatorRow:
    row = rows.by_key(tx, segment_id, key(name))
    if row is None:
        raise Mistake(f'There is no creator "{name}".')
    return row


def _check_free(tx: Tx, segment_id: int, name: str) -> None:
    if rows.by_key(tx, segment_id, key(name)) is not None:
        raise Mistake(f'There is already a creator "{name}".')


def _type(tx: Tx, segment_id: int, name: str) -> processes.TypeRow:
    row = processes.type_by_key(tx, segment_id, key(name))
    if row is None:
        raise Mistake(f'There is no activity type "{name}".')
    return row


def _priority(name: str) -> int:
    if name not in PRIORITIES:
        raise Mistake(f'"{name}" is no priority: {", ".join(PRIORITIES)}.')
    return PRIORITIES[name]


def _assignee(tx: Tx, segment_id: int, login: str) -> int:
    found = person(tx, login)
    if found.segment_id != segment_id:
        raise Mistake(f'"{login}" is a user of another segment.')
    return found.id


def _check_transition(tx: Tx, kind: processes.TypeRow, name: str) -> None:
    known = dict.fromkeys(one.name for one in processes.transitions(tx, kind.process_id))
    if name not in known:
        raise Mistake(f'Process "{kind.process}" has no transition "{name}": {", ".join(known)}.')


def _creator(tx: Tx, row: rows.CreatorRow) -> Creator:
    assigned = people.principal_by_id(tx, row.assigned_to_id) if row.assigned_to_id else None
    served = [groups.by_id(tx, one) for one in rows.groups_of(tx, row.id)]
    return Creator(
        row.id,
        row.name,
        row.type,
        row.activity_class,
        next(name for name, value in PRIORITIES.items() if value == row.priority),
        assigned.name if assigned else None,
        row.follow_up_transition,
        tuple((group.id, group.name) for group in served if group is not None),
    )
