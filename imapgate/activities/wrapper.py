"""Wrapper mails: subject `> @<e-mail creator>  #<activity number or creator>  <subject>` with
attached messages (rule 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities import making, matching
from imapgate.activities.filing import file_with_creator, group_creator, no_right
from imapgate.activities.linking import NO_SUBJECT
from imapgate.activities.names import quoted
from imapgate.activities.outcome import Cause, Filed, Refusal, StoredMail
from imapgate.activities.people import Person, may_contribute, may_see, role_in
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.activities.wrapper_subject import Unknown, begins_like_wrapper, name_key, parse
from storage import Tx, activities, creators, links, people


def looks_like_wrapper(subject: str, has_messages: bool) -> bool:
    """Cheap test on the digest alone: begins with `>`, then `@` or `#`, and a message is attached.
    Only then are the attached messages read and stored."""
    return has_messages and begins_like_wrapper(subject)


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """activity_id, number: the activity that the wrapper named or made, None if it named none.
    made: it was made by this wrapper. filed: one per attached message, in order."""

    activity_id: int | None
    number: int | None
    made: bool
    filed: tuple[Filed, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the attached messages go."""

    creator: creators.CreatorRow
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    """What they are linked to: an activity that is there, or a creator that makes one."""

    activity_id: int | None
    creator: creators.CreatorRow | None
    groups: tuple[int, ...]


def unwrap(
    tx: Tx,
    person: Person,
    wrapper: StoredMail,
    attached: Sequence[StoredMail],
    group_id: int | None,
    made_before: Sequence[int] = (),
) -> Unwrapped | Refusal | None:
    """None: it only looked like one (no name or number behind > after all), file it as an ordinary
    mail. group_id: the folder it was dropped on; None: the segment's default creator decides.
    made_before: the activities that the same wrapper made or named in earlier drops, whoever's (the
    same wrapper again is the same drop); the first that this person may see counts. A Refusal
    leaves nothing behind."""
    # Who is a member of none of a creator's groups doesn't learn that there is one.
    seen = creators.seen_by(tx, person.segment_id, person.member_id)
    known = {name_key(one.name): one for one in seen}
    subject = parse(wrapper.mail.subject, known)
    if subject is None or not attached:
        return None
    if isinstance(subject.creator, Unknown):
        return _no_creator(subject.creator.text)
    if isinstance(subject.target, Unknown):
        named = subject.target.text
        digits = named.isascii() and named.isdigit()
        return _no_activity(named) if digits else _no_creator(named)
    creator = None if subject.creator is None else known[subject.creator]
    before = next((one for one in made_before if may_see(tx, person, one)), None)
    place = _place(tx, person, creator, group_id)
    if isinstance(place, Refusal):
        return place
    target = None
    if subject.target is not None:
        wanted = known[subject.target] if isinstance(subject.target, str) else subject.target
        target = _target(tx, person, wanted, before)
    if isinstance(target, Refusal):
        return target
    return _file(tx, person, wrapper, attached, place, target, subject.rest, before)


def _file(
    tx: Tx,
    person: Person,
    wrapper: StoredMail,
    attached: Sequence[StoredMail],
    place: _Place,
    target: _Target | None,
    rest: str,
    made_before: int | None,
) -> Unwrapped:
    activity_id, made = None, False
    if target is not None:
        activity_id = target.activity_id
        if target.creator is not None:
            name = rest or attached[0].mail.subject.strip() or NO_SUBJECT
            activity_id = _make(tx, person, wrapper, target.creator, target.groups, name)
            made = True
        elif activity_id is not None and activity_id != made_before:
            _follow_up(tx, person, wrapper, activity_id, rest)
    filed = tuple(
        file_with_creator(tx, person, one, place.creator, place.groups, activity_id)
        for one in attached
    )
    _keep_media(tx, wrapper, filed[0].activity_id if activity_id is None else activity_id)
    number = None if activity_id is None else activities.by_id(tx, activity_id).number
    return Unwrapped(activity_id, number, made, filed)


def _place(
    tx: Tx, person: Person, creator: creators.CreatorRow | None, group_id: int | None
) -> _Place | Refusal:
    if creator is None and group_id is not None:
        own = group_creator(tx, person, group_id)
        return own if isinstance(own, Refusal) else _Place(own, (group_id,))
    if creator is None:
        default = people.segment_by_id(tx, person.segment_id).default_creator_id
        if default is None:
            return Refusal(Cause.NO_CREATOR, "the wrapper names no e-mail creator")
        creator = creators.by_id(tx, default)
    if creator.activity_class != EMAIL_CLASS:
        return Refusal(Cause.NO_CREATOR, f"{quoted(creator.name)} is no e-mail creator")
    served = _served(tx, person, creator)
    return served if isinstance(served, Refusal) else _Place(creator, served)


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
    return Refusal(Cause.UNKNOWN_NAME, f"there is no activity #{number}")


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
    tx: Tx,
    person: Person,
    wrapper: StoredMail,
    creator: creators.CreatorRow,
    group_ids: tuple[int, ...],
    name: str,
) -> int:
    made = making.new_activity(
        tx,
        person,
        making.template(creator),
        group_ids,
        name=name,
        detailed_description=wrapper.mail.text.strip(),
        priority=making.priority_of(wrapper.mail, creator),
        reporting_contact_id=making.sender_contact(tx, creator.segment_id, wrapper.mail),
    )
    return made.activity_id


def _follow_up(tx: Tx, person: Person, wrapper: StoredMail, activity_id: int, rest: str) -> None:
    text = wrapper.mail.text.strip()
    title = rest or NO_SUBJECT
    if not text or links.has_follow_up_like(tx, activity_id, title, text):
        return
    links.add_follow_up(
        tx,
        activity_id,
        links.FollowUpRow(
            transition=None,
            title=title,
            text=text,
            author_id=person.id,
            author_contact_id=making.sender_contact(tx, person.segment_id, wrapper.mail),
            from_activity_id=None,
            at=tx.now,
        ),
    )
    activities.change(tx, activity_id)


def _keep_media(tx: Tx, wrapper: StoredMail, activity_id: int) -> None:
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
