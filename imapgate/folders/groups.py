"""Administration that changes folders: users' homes, groups' folders, memberships, creators."""

from __future__ import annotations

from imapgate.activities.people import Person
from storage import Tx


def make_home(tx: Tx, person: Person) -> None:
    """INBOX, Drafts, Sent, Trash, Junk, Archive, Recovered Messages; subscribed. Called when a user is added."""
    raise NotImplementedError


def group_added(tx: Tx, group_id: int) -> None:
    """Makes the group's folder, and its heading with the segment's first group of that kind."""
    raise NotImplementedError


def group_renamed(tx: Tx, group_id: int) -> None:
    """The folder takes the new name; UIDs, UIDVALIDITY and subscriptions stay."""
    raise NotImplementedError


def group_removed(tx: Tx, group_id: int) -> None:
    """The folder and its entries go; activities and bytes stay. Call before the group's row is deleted."""
    raise NotImplementedError


def members_changed(tx: Tx, group_id: int, new_member: int | None = None) -> None:
    """After a membership or a creator changed: subscribes whoever can now drop and never decided; for a new member
    (principal id) what is older counts as seen (rule 15)."""
    raise NotImplementedError
