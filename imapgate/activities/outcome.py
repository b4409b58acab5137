"""What goes into filing and what comes out of it, as values."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from imapgate.mime.mail import Mail


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
    UNKNOWN_NUMBER = "unknown number"
    NO_MESSAGE = "no message"


@dataclass(frozen=True, slots=True)
class Refusal:
    """text: the cause alone, without full stop: `group "Archive" has no e-mail creator`."""

    cause: Cause
    text: str


@dataclass(frozen=True, slots=True)
class NumberOutcome:
    """outcome: linked, already (was linked before), unknown (doesn't exist or may not be seen),
    stranger (nobody in the mail takes part in it, so that the number alone doesn't link)."""

    number: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Filed:
    """groups: ids of the groups that the activity is in through this drop and where an entry must
    stand. created: a new activity was made. numbers: in the subject's order, then those found by
    References. case: number of the activity that was made of the mail beside its own."""

    activity_id: int
    number: int
    created: bool
    groups: tuple[int, ...]
    numbers: tuple[NumberOutcome, ...]
    case: int | None = None
