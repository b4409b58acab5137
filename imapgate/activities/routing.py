"""Where a mail goes that came in by itself, and whose it is: an account's word, and the
segment's."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities import filing
from imapgate.activities.names import key, quoted
from imapgate.activities.outcome import Cause, Refusal
from imapgate.activities.people import Person, everywhere, person_by_id
from imapgate.activities.process_plans import EMAIL_CLASS
from storage import Tx, creators, people

DEFAULT_CREATOR = "E-Mails"
"""The segment's default creator where none is set, if there is one of that name."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What becomes of a mail beside what it says itself; names are resolved by the caller.

    creator_id: the account's, None: the segment's default. group_id: where it is filed, instead of
    the creator's groups. use_linked_user: a sender who is staff and a user logs for themselves.
    unknown_sender: create, administrator. stranger: link, known, never: whether a number alone
    links. plus: the account's own addresses, whose `+number` counts. commands: whether a mail can
    be a wrapper, move an activity on, or make its sender a customer; an archive's can't. links:
    whether it is linked to what it names or answers; an approval's reply is linked by what it
    decides alone. direction: in, out, internal, None: nobody told. automatic: one of
    mime.automatic.KINDS, None: a person wrote it.
    """

    creator_id: int | None = None
    group_id: int | None = None
    use_linked_user: bool = False
    unknown_sender: str = "create"
    stranger: str = "known"
    plus: tuple[str, ...] = ()
    commands: bool = True
    links: bool = True
    direction: str | None = None
    automatic: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """creator: of class E-Mail, files the mail into these groups (ids)."""

    creator: creators.CreatorRow
    groups: tuple[int, ...]


def logging_person(tx: Tx, segment_id: int, logging_user_id: int | None) -> Person | None:
    """Who acts for an account: its logging user, None: the segment's administrator. An
    administrator acts for the whole segment, anybody else by their own rights.

    Who was disabled is stood in for by the administrator, who then has no more rights than as a
    member. None: the segment has no administrator.
    """
    wanted = None if logging_user_id is None else person_by_id(tx, logging_user_id)
    if wanted is not None and not wanted[1]:
        person = wanted[0]
        return everywhere(person) if person.is_admin else person
    administrator_id = people.administrator(tx, segment_id)
    found = None if administrator_id is None else person_by_id(tx, administrator_id)
    if found is None:
        return None
    return found[0] if wanted is not None else everywhere(found[0])


def route(tx: Tx, segment_id: int, policy: Policy) -> Route | Refusal:
    """Where a mail goes that names no other place.

    Missing yet: creators that make cases.
    """
    if policy.group_id is not None:
        own = filing.email_creator(tx, policy.group_id)
        if own is None:
            return Refusal(Cause.NO_CREATOR, "the group has no e-mail creator")
        return Route(creators.by_id(tx, own), (policy.group_id,))
    creator = _creator(tx, segment_id, policy)
    if creator is None:
        return Refusal(Cause.NO_CREATOR, "the segment has no default creator")
    if creator.activity_class != EMAIL_CLASS:
        return Refusal(Cause.NO_CREATOR, f"{quoted(creator.name)} is no e-mail creator")
    groups = tuple(creators.groups_of(tx, creator.id))
    if not groups:
        return Refusal(Cause.NO_CREATOR, f"creator {quoted(creator.name)} serves no group")
    return Route(creator, groups)


def _creator(tx: Tx, segment_id: int, policy: Policy) -> creators.CreatorRow | None:
    wanted = policy.creator_id or people.segment_by_id(tx, segment_id).default_creator_id
    if wanted is not None:
        return creators.by_id(tx, wanted)
    return creators.by_key(tx, segment_id, key(DEFAULT_CREATOR))
