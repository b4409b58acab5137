"""Segments, principals and their roles in groups."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from storage import Tx


@dataclass(frozen=True, slots=True)
class Person:
    """A principal who is signed in or for whom something is done."""

    id: int
    segment_id: int
    name: str
    segment: str
    email: str | None
    is_admin: bool


class Role(enum.Enum):
    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    MANAGER = "manager"


def roles(tx: Tx, person: Person) -> dict[int, Role]:
    """The groups (by id) that this person is a member of."""
    raise NotImplementedError


def may_see(tx: Tx, person: Person, activity_id: int) -> bool:
    """A member, in any role, of one of the activity's groups."""
    raise NotImplementedError
