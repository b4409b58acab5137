"""A folder as one person sees it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    PERSONAL = "personal"
    GROUP = "group"
    HEADING = "heading"
    ACTIVITY = "activity"


class Invisible(Exception):
    """The person is no member of the group any more: nothing of its folder is told or done."""


@dataclass(frozen=True, slots=True)
class Folder:
    """rights: RFC 4314 letters in canonical order, e.g. "lrswite". special_use: `\\Sent` ... or
    None.

    id: negative for what is below `Activities` and nobody has looked into yet: it has no row.
    takes_mail: something may be put in by whoever has the right (a group without e-mail creator, a
    heading, Recovered Messages and Incoming/Failed take nothing). recovered, failed: this is the
    owner's Recovered Messages, the owner's Incoming/Failed. place: of what is below `Activities`
    (storage.schema.folder). activity_id, number: of an activity's folder, which is each user's own;
    files_into: id of the group into which a mail is filed that is dropped there.
    """

    id: int
    kind: Kind
    name: str
    rights: str
    special_use: str | None
    uidvalidity: int
    group_id: int | None
    group_name: str | None
    takes_mail: bool
    subscribed: bool
    has_children: bool
    recovered: bool
    failed: bool = False
    place: int | None = None
    activity_id: int | None = None
    number: int | None = None
    files_into: int | None = None

    @property
    def filled(self) -> bool:
        """Only imapgate puts messages in."""
        return self.recovered or self.failed

    @property
    def files(self) -> bool:
        """What is put in becomes an activity: a drop."""
        return self.kind in (Kind.GROUP, Kind.ACTIVITY)

    @property
    def title(self) -> str:
        """For people: `group "Support"`, `activity #10000001`, `folder "Sent"`."""
        if self.number is not None:
            return f"activity #{self.number}"
        if self.group_name is not None:
            return f'group "{self.group_name}"'
        return f'folder "{self.name}"'

    @property
    def short_title(self) -> str:
        """For people, after `in`: the group's name, or the folder's; `#10000001`."""
        if self.number is not None:
            return f"#{self.number}"
        return self.name if self.group_name is None else self.group_name
