"""What a wrapper mail asks for: where its messages go, and what they are linked to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities import matching, strangers
from imapgate.activities.filing import group_creator, no_right
from imapgate.activities.names import key, quoted
from imapgate.activities.outcome import Cause, Refusal
from imapgate.activities.people import Person, may_contribute, may_see, role_in
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.activities.terms import DROP, Place, Terms
from imapgate.activities.wrapper_subject import (
    MOST_NAMES,
    Unknown,
    WrapperSubject,
    name_key,
    parse,
)
from imapgate.mime.mail import Mail
from storage import Tx, activities, creators, groups, people

_OUTLOOK = "application/vnd.ms-outlook"


def outlook_files(mail: Mail) -> tuple[str, ...]:
    """Names of the attachments that are mails to people, and none to a mail client."""
    return tuple(
        one.name
        for one in mail.attachments
        if one.content_type == _OUTLOOK or one.name.lower().endswith(".msg")
    )


@dataclass(frozen=True, slots=True)
class Target:
    """What they are linked to: an activity that is there, or a creator that makes one in these
    groups. again: an earlier drop of the same wrapper named or made it."""

    activity_id: int | None
    creator: creators.CreatorRow | None = None
    groups: tuple[int, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a wrapper asks for. place: where the attached messages go. rest: of the subject.
    strangers: the numbers that it names, and that aren't taken from its sender."""

    place: Place
    targets: tuple[Target, ...]
    rest: str
    strangers: tuple[int, ...] = ()


def plan(
    tx: Tx,
    person: Person,
    mail: Mail,
    usual: Place | Refusal | None,
    made_before: Sequence[int] = (),
    terms: Terms = DROP,
    bare: bool = False,
) -> Plan | Refusal | None:
    """What a mail with attached messages asks for, if it is a wrapper; nothing is written.

    None: it only looked like one (no name or number behind > after all), file it as an ordinary
    mail. usual: where the attached messages go if it names no place, or why they can't; None: the
    segment's default creator decides. made_before: the activities that the same wrapper made or
    named in earlier drops, whoever's (the same wrapper again is the same drop); of those that a
    creator made, the first that this person may see counts. bare: a creator's or a tracker's name
    alone is enough.
    """
    # Who is a member of none of a creator's groups doesn't learn that there is one.
    seen = creators.seen_by(tx, person.segment_id, person.member_id)
    known = {name_key(one.name): one for one in seen}
    subject = parse(mail.subject, known)
    if subject is not None and (files := outlook_files(mail)):
        text = f"{quoted(files[0])} is an Outlook file, attach the mail itself"
        return Refusal(Cause.NO_MESSAGE, text)
    if subject is None and bare and mail.messages:
        named = known.get(name_key(mail.subject))
        if named is None:
            return _at_tracker(tx, person, mail.subject)
        is_email = named.activity_class == EMAIL_CLASS
        names = (name_key(named.name),)
        subject = WrapperSubject(names if is_email else (), () if is_email else names, "")
    if subject is None:
        return None
    unknown = _unknown(subject)
    if unknown is not None:
        return unknown
    named_creators = [known[one] for one in subject.creators if isinstance(one, str)]
    place = _place(tx, person, named_creators, usual)
    if isinstance(place, Refusal):
        return place
    made = [one for one in made_before if activities.by_id(tx, one).number not in subject.targets]
    targets: list[Target] = []
    strange: list[int] = []
    for one in subject.targets:
        if isinstance(one, str):
            target = _new_target(tx, person, known[one], made)
        elif isinstance(one, int):
            target = _target(tx, person, one, made_before)
        else:
            continue
        if isinstance(target, Refusal):
            return target
        if isinstance(one, int) and not _is_admitted(tx, terms, target):
            strange.append(one)
        else:
            targets.append(target)
    return Plan(place, tuple(targets), subject.rest, tuple(strange))


def _place(
    tx: Tx, person: Person, named: Sequence[creators.CreatorRow], usual: Place | Refusal | None
) -> Place | Refusal:
    """Of several creators the first makes the activities, in the groups of all."""
    if not named and usual is not None:
        return usual
    if not named:
        default = people.segment_by_id(tx, person.segment_id).default_creator_id
        if default is None:
            return Refusal(Cause.NO_CREATOR, "the wrapper names no e-mail creator")
        named = (creators.by_id(tx, default),)
    served: dict[int, None] = {}
    for creator in named:
        if creator.activity_class != EMAIL_CLASS:
            return Refusal(Cause.NO_CREATOR, f"{quoted(creator.name)} is no e-mail creator")
        of_one = _served(tx, person, creator)
        if isinstance(of_one, Refusal):
            return of_one
        served.update(dict.fromkeys(of_one))
    return Place(named[0], tuple(served))


def _at_tracker(tx: Tx, person: Person, subject: str) -> Plan | Refusal | None:
    wanted = key(" ".join(subject.split()))
    found = [one for one in groups.by_key(tx, person.segment_id, wanted) if one.kind == "tracker"]
    if not found or role_in(tx, person, found[0].id) is None:
        return None
    own = group_creator(tx, person, found[0].id)
    return own if isinstance(own, Refusal) else Plan(Place(own, (found[0].id,)), (), "")


def _is_admitted(tx: Tx, terms: Terms, target: Target) -> bool:
    return target.activity_id is None or strangers.admits(
        tx, terms, activities.by_id(tx, target.activity_id)
    )


def _target(tx: Tx, person: Person, number: int, made_before: Sequence[int]) -> Target | Refusal:
    found = matching.visible(tx, person, number)
    if found is None:
        return _no_activity(str(number))
    return Target(found.id, again=found.id in made_before)


def _new_target(
    tx: Tx, person: Person, creator: creators.CreatorRow, made_before: Sequence[int]
) -> Target | Refusal:
    """What an earlier drop made by that creator, or what is to be made."""
    served = _served(tx, person, creator)
    if isinstance(served, Refusal):
        return served
    for one in made_before:
        if activities.by_id(tx, one).creator_id == creator.id and may_see(tx, person, one):
            return Target(one, again=True)
    return Target(None, creator, served)


def _unknown(subject: WrapperSubject) -> Refusal | None:
    """The first name or number that nobody can know."""
    if subject.is_cut:
        return Refusal(Cause.UNKNOWN_NAME, f"a wrapper names at most {MOST_NAMES} activities")
    for creator in subject.creators:
        if isinstance(creator, Unknown):
            return _no_creator(creator.text)
    for one in subject.targets:
        if isinstance(one, Unknown):
            return _no_activity(one.text) if one.is_number else _no_creator(one.text)
    return None


def _no_creator(name: str) -> Refusal:
    return Refusal(Cause.UNKNOWN_NAME, f"there is no creator {quoted(name)}")


def _no_activity(number: str) -> Refusal:
    return Refusal(Cause.UNKNOWN_NUMBER, f"there is no activity #{number}")


def _served(tx: Tx, person: Person, creator: creators.CreatorRow) -> tuple[int, ...] | Refusal:
    """All groups of a creator, if this person may add to every one of them."""
    group_ids = tuple(creators.groups_of(tx, creator.id))
    if not group_ids:
        return Refusal(Cause.NO_CREATOR, f"creator {quoted(creator.name)} serves no group")
    for group_id in group_ids:
        if may_contribute(tx, person, group_id):
            continue
        if role_in(tx, person, group_id) is not None:
            return no_right(tx, group_id)
        # Only members may learn a group's name.
        text = f"you may not add to a group of creator {quoted(creator.name)}"
        return Refusal(Cause.NO_RIGHT, text)
    return group_ids
