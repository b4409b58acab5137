"""Activity groups and their members."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities.names import Mistake, checked, key
from imapgate.activities.people import Role, person
from storage import Tx, creators, settings_history
from storage import groups as rows

KINDS = ("tracker", "category", "milestone")


@dataclass(frozen=True, slots=True)
class Group:
    """members: (user's name, role). creators: names, oldest first. shows_attachments: the messages
    of its activities have their media as parts."""

    id: int
    name: str
    kind: str
    subscribe: bool
    members: tuple[tuple[str, str], ...]
    creators: tuple[str, ...]
    shows_attachments: bool = False


def add_group(
    tx: Tx, segment_id: int, name: str, kind: str = "tracker", subscribe: bool = True
) -> Group:
    """kind: one of KINDS. subscribe: who can drop into it is subscribed from the start
    (docs/rules.md 13).

    Names are unique within their kind. Raises Mistake. The caller makes the group's folder.
    """
    if kind not in KINDS:
        raise Mistake(f'"{kind}" is no kind of group: {", ".join(KINDS)}.')
    kept = checked(name, "group name")
    _check_free(tx, segment_id, kept, kind)
    group_id = rows.add(tx, segment_id, kind, kept, key(kept), subscribe)
    tx.touch_people()
    return Group(group_id, kept, kind, subscribe, (), ())


def find_group(tx: Tx, segment_id: int, name: str, kind: str | None = None) -> Group:
    """By name, case ignored; kind is needed where groups of two kinds share the name. Raises
    Mistake."""
    found = [
        row for row in rows.by_key(tx, segment_id, key(name)) if kind is None or row.kind == kind
    ]
    if not found:
        raise Mistake(f'There is no {kind or "group"} "{name}".')
    if len(found) > 1:
        kinds = " and a ".join(row.kind for row in found)
        raise Mistake(f'"{name}" is a {kinds}: say which kind.')
    return _group(tx, found[0])


def group_by_id(tx: Tx, group_id: int) -> Group:
    """Raises LookupError if there is no such group."""
    row = rows.by_id(tx, group_id)
    if row is None:
        raise LookupError(f"there is no group {group_id}")
    return _group(tx, row)


def rename_group(
    tx: Tx, segment_id: int, name: str, new_name: str, kind: str | None = None
) -> Group:
    """Raises Mistake. The caller renames the group's folder."""
    group = find_group(tx, segment_id, name, kind)
    kept = checked(new_name, "group name")
    if key(kept) != key(group.name):
        _check_free(tx, segment_id, kept, group.kind)
    rows.rename(tx, group.id, kept, key(kept))
    tx.touch_people()
    return find_group(tx, segment_id, kept, group.kind)


def edit_group(
    tx: Tx, segment_id: int, group: Group, who: str, shows_attachments: bool, reason: str = ""
) -> Group:
    """The group now; the change stands in the settings history with who and reason. What an
    activity's message shows stays until the activity changes."""
    changes = settings_history.differences(
        {"shows_attachments": group.shows_attachments}, {"shows_attachments": shows_attachments}
    )
    if changes:
        rows.show_attachments(tx, group.id, shows_attachments)
        settings_history.record(tx, segment_id, who, f"group {group.name}", changes, reason)
        tx.touch_people()
    return group_by_id(tx, group.id)


def remove_group(tx: Tx, segment_id: int, name: str, kind: str | None = None) -> Group:
    """The group as it was; its activities stay, without it. Raises Mistake.

    The caller removes the group's folder first.
    """
    group = find_group(tx, segment_id, name, kind)
    rows.remove(tx, group.id)
    tx.touch_people()
    return group


def list_groups(tx: Tx, segment_id: int) -> list[Group]:
    """In the order of their making."""
    return [_group(tx, row) for row in rows.of_segment(tx, segment_id)]


def set_member(tx: Tx, group: Group, login: str, role: str) -> tuple[int, bool]:
    """(principal id, whether the membership is new). role: viewer, contributor, manager. Raises
    Mistake.

    The caller tells `folders.groups.members_changed`.
    """
    if role not in [one.value for one in Role]:
        raise Mistake(f'"{role}" is no role: {", ".join(one.value for one in Role)}.')
    member = person(tx, login)
    row = rows.by_id(tx, group.id)
    if row is None or row.segment_id != member.segment_id:
        raise Mistake(f'"{login}" is a user of another segment.')
    new = rows.set_member(tx, group.id, member.id, role)
    tx.touch_people()
    return member.id, new


def remove_member(tx: Tx, group: Group, login: str) -> None:
    """Raises Mistake if the user isn't a member."""
    if not rows.remove_member(tx, group.id, person(tx, login).id):
        raise Mistake(f'"{login}" is no member of "{group.name}".')
    tx.touch_people()


def _check_free(tx: Tx, segment_id: int, name: str, kind: str) -> None:
    if any(row.kind == kind for row in rows.by_key(tx, segment_id, key(name))):
        raise Mistake(f'There is already a {kind} "{name}".')


def _group(tx: Tx, row: rows.GroupRow) -> Group:
    return Group(
        row.id,
        row.name,
        row.kind,
        row.subscribe,
        tuple(rows.members(tx, row.id)),
        tuple(one.name for one in creators.of_group(tx, row.id)),
        row.shows_attachments,
    )
