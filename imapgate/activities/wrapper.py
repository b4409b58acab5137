"""Wrapper mails: subject `> @<e-mail creator>  #<activity number or creator>  <subject>` with
attached messages (rule 11). There may be several creators and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imapgate.activities import happenings, making, matching, strangers
from imapgate.activities.cases import file_at
from imapgate.activities.filing import group_creator, no_right
from imapgate.activities.linking import NO_SUBJECT
from imapgate.activities.names import key, quoted
from imapgate.activities.outcome import Cause, Filed, Refusal, StoredMail
from imapgate.activities.people import Person, may_contribute, may_see, role_in
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.activities.terms import DROP, Place, Terms
from imapgate.activities.wrapper_subject import (
    MOST_NAMES,
    Unknown,
    WrapperSubject,
    begins_like_wrapper,
    name_key,
    parse,
)
from imapgate.mime.mail import Mail
from storage import Tx, activities, creators, groups, links, people


def looks_like_wrapper(subject: str, has_messages: bool) -> bool:
    """Cheap test on the digest alone: begins with `>`, then `@` or `#`, and a message is attached.
    Only then are the attached messages read and stored."""
    return has_messages and begins_like_wrapper(subject)


@dataclass(frozen=True, slots=True)
class Named:
    """An activity that a wrapper names. made: by this wrapper, now."""

    activity_id: int
    number: int
    made: bool


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """named: the activities that the wrapper named or made, in its subject's order. filed: one per
    attached message, in order. strangers: see Plan."""

    named: tuple[Named, ...]
    filed: tuple[Filed, ...]
    strangers: tuple[int, ...] = ()

    @property
    def activity_id(self) -> int | None:
        """Of the first that is named; None: it named none."""
        return self.named[0].activity_id if self.named else None

    @property
    def number(self) -> int | None:
        return self.named[0].number if self.named else None

    @property
    def made(self) -> bool:
        return bool(self.named) and self.named[0].made


@dataclass(frozen=True, slots=True)
class _Target:
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
    targets: tuple[_Target, ...]
    rest: str
    strangers: tuple[int, ...] = ()


def unwrap(
    tx: Tx,
    person: Person,
    wrapper: StoredMail,
    attached: Sequence[StoredMail],
    group_id: int | None,
    made_before: Sequence[int] = (),
    beside_id: int | None = None,
) -> Unwrapped | Refusal | None:
    """A drop: `plan` and `carry_out`. group_id: the folder it was dropped on; None: the segment's
    default creator decides. beside_id: the activity on whose folder it was dropped; the attached
    messages are linked to it, too, and it is what the wrapper names if it names none. made_before:
    see plan. A Refusal leaves nothing behind."""
    if not attached:
        return None
    usual: Place | Refusal | None = None
    if group_id is not None:
        own = group_creator(tx, person, group_id)
        usual = own if isinstance(own, Refusal) else Place(own, (group_id,))
    asked = plan(tx, person, wrapper.mail, usual, made_before)
    if asked is None or isinstance(asked, Refusal):
        return asked
    also: tuple[int, ...] = ()
    if beside_id is not None and asked.targets:
        also = (beside_id,)
    elif beside_id is not None:
        asked = replace(asked, targets=(_Target(beside_id, again=beside_id in made_before),))
    return carry_out(tx, person, wrapper, attached, asked, DROP, [DROP] * len(attached), also)


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
    if subject is None and bare:
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
    targets: list[_Target] = []
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


def carry_out(
    tx: Tx,
    person: Person,
    wrapper: StoredMail,
    attached: Sequence[StoredMail],
    asked: Plan,
    terms: Terms,
    inner: Sequence[Terms],
    also: Sequence[int] = (),
) -> Unwrapped:
    """Files every attached message (at least one). terms: the wrapper's; inner: of each attached
    message. also: ids of further activities that they are linked to.

    The wrapper's text describes what it makes, and is a follow-up on what it names; its other
    attachments are kept with both, and where there is neither, with the first message.
    """
    author = terms.author or person
    named: list[Named] = []
    for target in asked.targets:
        activity_id = target.activity_id
        if activity_id is None:
            name = asked.rest or attached[0].mail.subject.strip() or NO_SUBJECT
            activity_id = _make(tx, author, wrapper, target, name, terms)
        elif not target.again:
            _follow_up(tx, author, wrapper, activity_id, asked.rest, terms)
        number = activities.by_id(tx, activity_id).number
        named.append(Named(activity_id, number, target.activity_id is None))
    ids = tuple(dict.fromkeys((*(one.activity_id for one in named), *also)))
    filed = tuple(
        file_at(tx, person, one, asked.place, own, ids)
        for one, own in zip(attached, inner, strict=True)
    )
    for activity_id, made in [(one.activity_id, one.made) for one in named] or [
        (filed[0].activity_id, filed[0].created)
    ]:
        _keep_media(tx, author, wrapper, activity_id, terms, made)
    return Unwrapped(tuple(named), filed, asked.strangers)


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


def _is_admitted(tx: Tx, terms: Terms, target: _Target) -> bool:
    return target.activity_id is None or strangers.admits(
        tx, terms, activities.by_id(tx, target.activity_id)
    )


def _target(tx: Tx, person: Person, number: int, made_before: Sequence[int]) -> _Target | Refusal:
    found = matching.visible(tx, person, number)
    if found is None:
        return _no_activity(str(number))
    return _Target(found.id, again=found.id in made_before)


def _new_target(
    tx: Tx, person: Person, creator: creators.CreatorRow, made_before: Sequence[int]
) -> _Target | Refusal:
    """What an earlier drop made by that creator, or what is to be made."""
    served = _served(tx, person, creator)
    if isinstance(served, Refusal):
        return served
    for one in made_before:
        if activities.by_id(tx, one).creator_id == creator.id and may_see(tx, person, one):
            return _Target(one, again=True)
    return _Target(None, creator, served)


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


def _make(
    tx: Tx, author: Person, wrapper: StoredMail, target: _Target, name: str, terms: Terms
) -> int:
    creator = target.creator
    assert creator is not None
    made = making.new_activity(
        tx,
        author,
        making.template(creator),
        target.groups,
        name=name,
        detailed_description=wrapper.mail.text.strip(),
        priority=making.priority_of(wrapper.mail, creator.priority),
        reporting_contact_id=making.sender_contact(
            tx, creator.segment_id, wrapper.mail, terms.stand_in
        ),
        terms=terms,
    )
    return made.activity_id


def _follow_up(
    tx: Tx, author: Person, wrapper: StoredMail, activity_id: int, rest: str, terms: Terms
) -> None:
    mail = wrapper.mail
    text = mail.text.strip()
    title = rest or NO_SUBJECT
    if not text or links.has_follow_up_like(tx, activity_id, title, text):
        return
    sender_id = making.sender_contact(tx, author.segment_id, mail, terms.stand_in)
    follow_up_id = links.add_follow_up(
        tx,
        activity_id,
        links.FollowUpRow(
            transition=None,
            title=title,
            text=text,
            author_id=author.id,
            author_contact_id=sender_id,
            from_activity_id=None,
            at=tx.now,
        ),
    )
    activities.change(tx, activity_id)
    if terms.told:
        activity, doer = activities.by_id(tx, activity_id), happenings.doer(terms, author.id)
        happenings.followed_up(tx, activity, follow_up_id, doer, sender_id)


def _keep_media(
    tx: Tx, author: Person, wrapper: StoredMail, activity_id: int, terms: Terms, made: bool
) -> None:
    """Attachments that aren't messages, each once."""
    kept = {(one.stored_message_id, one.section) for one in activities.media_of(tx, activity_id)}
    new = [
        one
        for one in making.attachments_of(wrapper)
        if (one.stored_message_id, one.section) not in kept
    ]
    if new:
        activities.add_media(tx, activity_id, new)
        activities.change(tx, activity_id)
        if terms.told and not made:
            doer = happenings.doer(terms, author.id)
            happenings.changed(
                tx, author.segment_id, activity_id, "attachments", doer, count=len(new)
            )
