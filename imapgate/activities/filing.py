"""What a mail dropped on a group becomes: an e-mail activity (DESIGN, the main road, step 5)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.mime.mail import Mail
from storage import Tx


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A message that stands in storage: its row, its identity (activities.identity) and what it
    says."""

    message_id: int
    identity: bytes
    mail: Mail


class Cause(enum.Enum):
    """Why nothing is filed; `folders` gives each its response code."""

    NO_CREATOR = "no creator"
    NO_RIGHT = "no right"
    UNKNOWN_NAME = "unknown name"


@dataclass(frozen=True, slots=True)
class Refusal:
    """text: the cause alone, without full stop: `group "Archive" has no e-mail creator`."""

    cause: Cause
    text: str


@dataclass(frozen=True, slots=True)
class NumberOutcome:
    """outcome: linked, already (was linked before), unknown (doesn't exist or may not be seen)."""

    number: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Filed:
    """groups: ids of the groups that the activity is in through this drop and where an entry must
    stand. created: a new activity was made. numbers: in the subject's order, then those found by
    References."""

    activity_id: int
    number: int
    created: bool
    groups: tuple[int, ...]
    numbers: tuple[NumberOutcome, ...]


def email_creator(tx: Tx, group_id: int) -> int | None:
    """The group's e-mail creator: its first (oldest) creator whose type is of class E-Mail; None if
    it can't take mail."""
    raise NotImplementedError


def file_into_group(tx: Tx, person: Person, stored: StoredMail, group_id: int) -> Filed | Refusal:
    """File one mail into one group by the person's rights. Idempotent (rules 7, 10): the same mail
    again gives the same activity, matched once more; into another group the same activity gains
    that group."""
    raise NotImplementedError


def regroup(
    tx: Tx, person: Person, activity_id: int, stored: StoredMail, from_group: int, to_group: int
) -> Filed | Refusal:
    """MOVE between two groups: the activity leaves one and gains the other (rule 16)."""
    raise NotImplementedError


def take_out(tx: Tx, activity_id: int, group_id: int) -> None:
    """The activity leaves the group; activity, media and bytes stay (rule 16)."""
    raise NotImplementedError
