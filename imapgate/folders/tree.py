"""The folders that a person sees (rules 13, 14)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders.verdict import Verdict
from imapgate.limits import Limits
from storage import Tx


class Kind(enum.Enum):
    PERSONAL = "personal"
    GROUP = "group"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Folder:
    """rights: RFC 4314 letters in canonical order, e.g. "lrswite". special_use: `\\Sent` ... or None.
    recovered: this is the owner's Recovered Messages. title: for people (`group "Support"`)."""

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


@dataclass(frozen=True, slots=True)
class Status:
    messages: int
    recent: int
    uidnext: int
    uidvalidity: int
    unseen: int
    modseq: int


def list_folders(tx: Tx, person: Person) -> list[Folder]:
    """All folders, INBOX first, then by name; parents before children."""
    raise NotImplementedError


def lost_subscriptions(tx: Tx, person: Person) -> list[str]:
    """Subscribed names whose folder is gone (LSUB shows them)."""
    raise NotImplementedError


def find(tx: Tx, person: Person, name: str) -> Folder | None:
    """By name: INBOX in any case, a trailing `/` ignored, otherwise NFC and case folding decide; None if the person
    can't see such a folder."""
    raise NotImplementedError


def find_by_id(tx: Tx, person: Person, folder_id: int) -> Folder | None:
    """None if it is gone or the person may no longer see it."""
    raise NotImplementedError


def create(tx: Tx, person: Person, name: str, limits: Limits) -> Verdict:
    """With missing parents (RFC 3501 6.3.3)."""
    raise NotImplementedError


def rename(tx: Tx, person: Person, name: str, new_name: str, limits: Limits) -> Verdict:
    """With its children; INBOX gives its messages to the new folder and stays (RFC 3501 6.3.5)."""
    raise NotImplementedError


def delete(tx: Tx, person: Person, name: str) -> Verdict:
    """NO [HASCHILDREN] for a folder with children: there is no \\Noselect here."""
    raise NotImplementedError


def subscribe(tx: Tx, person: Person, name: str, on: bool) -> Verdict:
    raise NotImplementedError


def status(tx: Tx, person: Person, folder: Folder) -> Status:
    raise NotImplementedError
