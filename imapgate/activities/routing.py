"""Where a mail goes that came in by itself, and whose it is: an account's word, and the
segment's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from imapgate.activities import filing, matching, senders
from imapgate.activities.names import key, quoted
from imapgate.activities.outcome import Cause, Refusal
from imapgate.activities.people import Person, everywhere, person_by_id
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.activities.senders import Sender
from imapgate.activities.terms import Place, Terms
from imapgate.mime import origins
from imapgate.mime.automatic import NOTIFICATION, is_machine, kind_of
from imapgate.mime.mail import Mail
from storage import Tx, creators, groups, people

_PLUS = re.compile(r"(.+)\+([1-9][0-9]{0,17})@(.+)")

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
    mime.automatic.KINDS, None: a person wrote it. told: whoever wants to be told of what happens is
    told of it; what an import brings is no news.
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
    told: bool = True


def logging_person(tx: Tx, segment_id: int, logging_user_id: int | None) -> Person | None:
    """Who acts for an account: its logging user, None: the segment's administrator. An
    administrator acts for the whole segment, anybody else by their own rights.

    Who was disabled is stood in for by the administrator, who then has no more rights than as a
    member. None: the segment has no administrator.
    """
    if logging_user_id is not None:
        wanted = person_by_id(tx, logging_user_id)
        if wanted is not None and not wanted[1]:
            return everywhere(wanted[0]) if wanted[0].is_admin else wanted[0]
    administrator_id = people.administrator(tx, segment_id)
    found = None if administrator_id is None else person_by_id(tx, administrator_id)
    if found is None:
        return None
    return everywhere(found[0]) if logging_user_id is None else found[0]


def place(tx: Tx, segment_id: int, policy: Policy) -> Place | Refusal:
    """Where a mail goes that names no other place. What account and segment name is their
    administrator's word: nobody's rights are asked.

    With a creator that isn't of class E-Mail each mail becomes a case by it; the mail itself is
    filed by the segment's default e-mail creator.
    """
    named = None if policy.creator_id is None else creators.by_id(tx, policy.creator_id)
    case = named if named is not None and named.activity_class != EMAIL_CLASS else None
    own = named if case is None else None
    if policy.group_id is not None and own is None and case is None:
        own_id = filing.email_creator(tx, policy.group_id)
        group = groups.by_id(tx, policy.group_id)
        if own_id is None:
            name = quoted(group.name if group else "")
            return Refusal(Cause.NO_CREATOR, f"group {name} has no e-mail creator")
        own = creators.by_id(tx, own_id)
    if own is None:
        own = default_creator(tx, segment_id)
    if own is None:
        return Refusal(Cause.NO_CREATOR, "the segment has no default e-mail creator")
    group_ids = _groups(tx, own, None if case is not None else policy.group_id)
    case_groups = () if case is None else _groups(tx, case, policy.group_id)
    for creator, served in ((own, group_ids), (case, case_groups)):
        if creator is not None and not served:
            return Refusal(Cause.NO_CREATOR, f"creator {quoted(creator.name)} serves no group")
    return Place(own, group_ids, case, case_groups)


def default_creator(tx: Tx, segment_id: int) -> creators.CreatorRow | None:
    """The segment's default e-mail creator; where none is set, the one that is called E-Mails."""
    wanted = people.segment_by_id(tx, segment_id).default_creator_id
    if wanted is not None:
        found: creators.CreatorRow | None = creators.by_id(tx, wanted)
    else:
        found = creators.by_key(tx, segment_id, key(DEFAULT_CREATOR))
    return found if found is not None and found.activity_class == EMAIL_CLASS else None


def terms(tx: Tx, segment_id: int, mail: Mail, policy: Policy, sender: Sender) -> Terms:
    """How a mail of that sender is filed."""
    stand_in = None
    if policy.unknown_sender == "administrator":
        stand_in = senders.stand_in(tx, segment_id, sender)
    logs = policy.use_linked_user and sender.is_staff
    stranger = policy.stranger
    if stranger == "known" and sender.is_staff:
        stranger = "link"
    taking_part: frozenset[int] = frozenset()
    if stranger == "known":
        taking_part = senders.taking_part(tx, segment_id, mail, policy.plus)
    return Terms(
        author=sender.user if logs else None,
        stand_in=stand_in,
        stranger=stranger,
        taking_part=taking_part,
        plus=plus_numbers(mail, policy.plus),
        moves=policy.commands and not is_machine(policy.automatic),
        links=policy.links,
        direction=policy.direction,
        automatic=policy.automatic,
        by_itself=True,
        writer_id=None if sender.user is None else sender.user.id,
        # Our own notices that come back are no news: of each a notice would be sent.
        told=policy.told and policy.automatic != NOTIFICATION,
    )


def inner_terms(
    tx: Tx, segment_id: int, mail: Mail, policy: Policy, sender: Sender, outer: Terms
) -> Terms:
    """Of a message in a wrapper: whose it is, is its own sender's matter; who logs it, and whether
    they are a stranger, that of who sent the wrapper."""
    policy = replace(policy, direction=None, automatic=kind_of(mail), use_linked_user=False)
    own = terms(tx, segment_id, mail, policy, sender)
    return replace(
        own,
        author=outer.author,
        writer_id=outer.writer_id,
        groups=outer.groups,
        stranger="link" if outer.stranger == "link" else own.stranger,
        taking_part=own.taking_part | outer.taking_part,
    )


def plus_numbers(mail: Mail, own: Sequence[str], also: Sequence[str] = ()) -> tuple[int, ...]:
    """The numbers behind `+` in those of its recipients' addresses that, without them, are among
    our own; each once, at most matching.MOST_NUMBERS. also: further recipients (blind copies)."""
    ours = {key(one) for one in own}
    if not ours:
        return ()
    recipients = (one.address for one in (*mail.to, *mail.cc))
    found: dict[int, None] = {}
    for address in (*recipients, *also, *origins.delivered_to(mail)):
        plus = _PLUS.fullmatch(key(address))
        if plus is not None and f"{plus[1]}@{plus[3]}" in ours:
            found[int(plus[2])] = None
    return tuple(found)[: matching.MOST_NUMBERS]


def _groups(tx: Tx, creator: creators.CreatorRow, group_id: int | None) -> tuple[int, ...]:
    return tuple(creators.groups_of(tx, creator.id)) if group_id is None else (group_id,)
