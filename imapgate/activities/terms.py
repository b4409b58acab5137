"""Where and how a mail is filed: what a drop doesn't say, and what comes in by itself needs."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities.people import Person
from storage.creators import CreatorRow


@dataclass(frozen=True, slots=True)
class Place:
    """creator: of class E-Mail, files the mail into these groups (ids). case: makes an activity of
    each mail that belongs to none, in case_groups; None: that mail stays by itself."""

    creator: CreatorRow
    groups: tuple[int, ...]
    case: CreatorRow | None = None
    case_groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StandIn:
    """A sender whom nobody knows, and who isn't to become a contact. address_key: theirs;
    contact_id, address_id: who stands for them, and that contact's address (None: it has none)."""

    address_key: str
    contact_id: int
    address_id: int | None


@dataclass(frozen=True, slots=True)
class Terms:
    """The defaults are those of a drop.

    author: whom the activity and the follow-ups name, None: who acts. stranger: link, known, never:
    whether a number alone links; taking_part: contacts, of whom one must take part already where it
    is known. groups: in which an answer finds what it answers, beside the person's own. plus:
    numbers of plus addresses, which count last. moves: follow-ups take the transition that is named
    for them. links: it is linked at all; answers: also to what it answers. direction, automatic:
    for the e-mail activity. by_itself:
    nobody dropped it; writer_id: the user who wrote it then, None: nobody who is one. told: who
    wants to be told of what happens is told of it.
    """

    author: Person | None = None
    stand_in: StandIn | None = None
    stranger: str = "link"
    taking_part: frozenset[int] = frozenset()
    groups: tuple[int, ...] = ()
    plus: tuple[int, ...] = ()
    moves: bool = True
    links: bool = True
    answers: bool = True
    direction: str | None = None
    automatic: str | None = None
    by_itself: bool = False
    writer_id: int | None = None
    told: bool = True


DROP = Terms()
