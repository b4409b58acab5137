"""Wrapper mails: subject `> @<e-mail creator>  #<activity number or creator>  <subject>` with
attached messages (rule 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.filing import Filed, Refusal, StoredMail
from imapgate.activities.people import Person
from storage import Tx


def looks_like_wrapper(subject: str, has_messages: bool) -> bool:
    """Cheap test on the digest alone: begins with `>`, then `@` or `#`, and a message is attached.
    Only then are the attached messages read and stored."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """activity_id, number: the activity that the wrapper named or made, None if it named none.
    made: it was made by this wrapper. filed: one per attached message, in order."""

    activity_id: int | None
    number: int | None
    made: bool
    filed: tuple[Filed, ...]


def unwrap(
    tx: Tx,
    person: Person,
    wrapper: StoredMail,
    attached: Sequence[StoredMail],
    group_id: int | None,
    made_before: int | None,
) -> Unwrapped | Refusal | None:
    """None: it only looked like one (no name or number behind > after all), file it as an ordinary
    mail. group_id: the folder it was dropped on. made_before: the activity that the same wrapper
    made or named in an earlier drop (the same wrapper again is the same drop). A Refusal leaves
    nothing behind."""
    raise NotImplementedError
