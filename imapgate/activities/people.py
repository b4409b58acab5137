"""Segments, principals and their roles in groups."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from imapgate.activities.names import Mistake, key
from storage import Tx, groups
from storage import activities as activity_rows
from storage import people as rows

__all__ = [
    "Mistake",
    "Person",
    "Role",
    "credentials",
    "everywhere",
    "may_contribute",
    "may_see",
    "person",
    "person_by_id",
    "role_in",
    "roles",
]


@dataclass(frozen=True, slots=True)
class Person:
    """A principal who is signed in or for whom something is done. everywhere: acts for the whole
    segment, whose groups and activities all count as theirs; nobody signs in like that."""

    id: int
    segment_id: int
    name: str
    segment: str
    email: str | None
    is_admin: bool
    everywhere: bool = False

    @property
    def member_id(self) -> int | None:
        """The principal whose memberships count; None: those of nobody, all is seen."""
        return None if self.everywhere else self.id


class Role(enum.Enum):
    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    MANAGER = "manager"


def everywhere(person: Person) -> Person:
    """The same person, acting for the whole segment."""
    return replace(person, everywhere=True)


def roles(tx: Tx, person: Person) -> dict[int, Role]:
    """The groups (by id) that this person is a member of, acting everywhere or not."""
    return {group_id: Role(role) for group_id, role in groups.roles_of(tx, person.id)}


def role_in(tx: Tx, person: Person, group_id: int) -> Role | None:
    """None: no member of that group. Who acts everywhere is a manager of every group of the
    segment."""
    if person.everywhere:
        group = groups.by_id(tx, group_id)
        inside = group is not None and group.segment_id == person.segment_id
        return Role.MANAGER if inside else None
    role = groups.role_of(tx, person.id, group_id)
    return None if role is None else Role(role)


def may_contribute(tx: Tx, person: Person, group_id: int) -> bool:
    """Contributors and managers may put activities into a group."""
    return role_in(tx, person, group_id) in (Role.CONTRIBUTOR, Role.MANAGER)


def may_see(tx: Tx, person: Person, activity_id: int) -> bool:
    """A member, in any role, of one of the activity's groups; who acts everywhere sees every
    activity of the segment, in a group or not."""
    if person.everywhere:
        return activity_rows.by_id(tx, activity_id).segment_id == person.segment_id
    return activity_rows.shares_group(tx, person.id, activity_id)


def credentials(tx: Tx, login: str) -> tuple[Person, str, bool] | None:
    """(person, password hash, disabled) of `principal@Segment` or of an e-mail address, case
    ignored.

    None: nobody has that login.
    """
    row = _by_login(tx, login)
    return None if row is None else (_person(row), row.password_hash, row.disabled)


def person(tx: Tx, login: str) -> Person:
    """By `principal@Segment` or by e-mail address, disabled or not. Raises Mistake if there is
    nobody."""
    row = _by_login(tx, login)
    if row is None:
        raise Mistake(f'There is no user "{login}" (a user is name@Segment or an e-mail address).')
    return _person(row)


def person_by_id(tx: Tx, principal_id: int) -> tuple[Person, bool] | None:
    """(person, disabled) as they are now; None if there is no such principal."""
    row = rows.principal_by_id(tx, principal_id)
    return None if row is None else (_person(row), row.disabled)


def _by_login(tx: Tx, login: str) -> rows.PrincipalRow | None:
    name, _, segment = login.rpartition("@")
    return rows.principal_by_name(tx, key(segment), key(name)) or rows.principal_by_email(
        tx, key(login)
    )


def _person(row: rows.PrincipalRow) -> Person:
    return Person(row.id, row.segment_id, row.name, row.segment, row.email, row.is_admin)
