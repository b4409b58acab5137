"""Wrapper mails: subject `> @<e-mail creator>  #<activity number or creator>  <subject>` with
attached messages (rule 11)."""

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
class Unwrapped:
    """activity_id, number: the activity that the wrapper named or made, None if it named none.
    made: it was made by this wrapper. filed: one per attached message, in order. stranger: see
    Plan."""

    activity_id: int | None
    number: int | None
    made: bool
    filed: tuple[Filed, ...]
    stranger: int | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """What they are linked to: an activity that is there, or a creator that makes one."""

    activity_id: int | None
    creator: creators.CreatorRow | None
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a wrapper asks for. place: where the attached messages go. rest: of the subject.
    made_before: by an earlier drop of the same wrapper. stranger: the number that it names, if it
    isn't taken from its sender."""

    place: Place
    target: _Target | None
    rest: str
    made_before: int | None
    stranger: int | None = None


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
    messages are linked to it, too, and it is what the wrapper names if it names none. A Refusal
    leaves nothing behind."""
    if not attached:
        return None
    usual: Place | Refusal | None = None
    if group_id is not None:
        own = group_creator(tx, person, group_id)
        usual = own if isinstance(own, Refusal) else Place(own, (group_id,))
    asked = plan(tx, person, wrapper.mail, usual, made_before)
    if asked is None or isinstance(asked, Refusal):
        return asked
    also = () if beside_id is None else (beside_id,)
    if asked.target is None and beside_id is not None:
        asked = replace(asked, target=_Target(beside_id, None, ()))
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
    named in earlier drops, whoever's (the same wrapper again is the same drop); the first that this
    person may see counts. bare: a creator's or a tracker's name alone is enough.
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
        name = name_key(named.name)
        subject = WrapperSubject(name if is_email else None, None if is_email else name, "")
    if subject is None:
        return None
    if isinstance(subject.creator, Unknown):
        return _no_creator(subject.creator.text)
    if isinstance(subject.target, Unknown):
        text = subject.target.text
        digits = text.isascii() and text.isdigit()
        return _no_activity(text) if digits else _no_creator(text)
    before = next((one for one in made_before if may_see(tx, person, one)), None)
    creator = None if subject.creator is None else known[subject.creator]
    place = _place(tx, person, creator, usual)
    if isinstance(place, Refusal):
        return place
    if subject.target is None:
        return Plan(place, None, subject.rest, before)
    wanted = known[subject.target] if isinstance(subject.target, str) else subject.target
    target = _target(tx, person, wanted, before)
    if isinstance(target, Refusal):
        return target
    if isinstance(subject.target, int) and not _is_admitted(tx, terms, target):
        return Plan(place, None, subject.rest, before, subject.target)
    return Plan(place, target, subject.rest, before)


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
    message. also: ids of further activities that they are linked to."""
    author = terms.author or person
    activity_id, made = None, False
    if asked.target is not None:
        activity_id = asked.target.activity_id
        if asked.target.creator is not None:
            name = asked.rest or attached[0].mail.subject.strip() or NO_SUBJECT
            activity_id = _make(tx, author, wrapper, asked.target, name, terms)
            made = True
        elif activity_id is not None and activity_id != asked.made_before:
            _follow_up(tx, author, wrapper, activity_id, asked.rest, terms)
    named = () if activity_id is None else (activity_id,)
    targets = tuple(dict.fromkeys((*named, *also)))
    filed = tuple(
        file_at(tx, person, one, asked.place, own, targets)
        for one, own in zip(attached, inner, strict=True)
    )
    kept_by = filed[0].activity_id if activity_id is None else activity_id
    made_now = filed[0].created if activity_id is None else made
    _keep_media(tx, author, wrapper, kept_by, terms, made_now)
    number = None if activity_id is None else activities.by_id(tx, activity_id).number
    return Unwrapped(activity_id, number, made, filed, asked.stranger)


def _place(
    tx: Tx, person: Person, creator: creators.CreatorRow | None, usual: Place | Refusal | None
) -> Place | Refusal:
    if creator is None and usual is not None:
        return usual
    if creator is None:
        default = people.segment_by_id(tx, person.segment_id).default_creator_id
        if default is None:
            return Refusal(Cause.NO_CREATOR, "the wrapper names no e-mail creator")
        creator = creators.by_id(tx, default)
    if creator.activity_class != EMAIL_CLASS:
        return Refusal(Cause.NO_CREATOR, f"{quoted(creator.name)} is no e-mail creator")
    served = _served(tx, person, creator)
    return served if isinstance(served, Refusal) else Place(creator, served)


def _at_tracker(tx: Tx, person: Person, subject: str) -> Plan | Refusal | None:
    wanted = key(" ".join(subject.split()))
    found = [one for one in groups.by_key(tx, person.segment_id, wanted) if one.kind == "tracker"]
    if not found or role_in(tx, person, found[0].id) is None:
        return None
    own = group_creator(tx, person, found[0].id)
    return own if isinstance(own, Refusal) else Plan(Place(own, (found[0].id,)), None, "", None)


def _is_admitted(tx: Tx, terms: Terms, target: _Target) -> bool:
    if target.activity_id is None:
        return True
    return strangers.admits(tx, terms, activities.by_id(tx, target.activity_id))


def _target(
    tx: Tx, person: Person, wanted: int | creators.CreatorRow, made_before: int | None
) -> _Target | Refusal:
    if isinstance(wanted, int):
        found = matching.visible(tx, person, wanted)
        if found is None:
            return _no_activity(str(wanted))
        return _Target(found.id, None, ())
    served = _served(tx, person, wanted)
    if isinstance(served, Refusal):
        return served
    if made_before is not None:
        return _Target(made_before, None, ())
    return _Target(None, wanted, served)


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
