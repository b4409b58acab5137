"""Wrapper mails: subject `> @<e-mail creator>  #<activity number or creator>  <subject>` with
attached messages (rule 11). There may be several creators and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imapgate.activities import happenings, making
from imapgate.activities.cases import file_at
from imapgate.activities.filing import group_creator
from imapgate.activities.linking import NO_SUBJECT
from imapgate.activities.outcome import Filed, Refusal, StoredMail
from imapgate.activities.people import Person
from imapgate.activities.terms import DROP, Place, Terms
from imapgate.activities.wrapper_plan import Plan, Target, outlook_files, plan
from imapgate.activities.wrapper_subject import begins_like_wrapper
from storage import Tx, activities, links


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
    if not attached and not outlook_files(wrapper.mail):
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
        asked = replace(asked, targets=(Target(beside_id, again=beside_id in made_before),))
    return carry_out(tx, person, wrapper, attached, asked, DROP, [DROP] * len(attached), also)


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


def _make(
    tx: Tx, author: Person, wrapper: StoredMail, target: Target, name: str, terms: Terms
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
