"""Mail that came in by itself is filed: activities, entries and a record, as by a drop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imapgate.activities import routing, senders, wrapped_before, wrapper, wrapper_plan
from imapgate.activities.cases import file_at
from imapgate.activities.outcome import Filed, NumberOutcome, Refusal
from imapgate.activities.people import Person
from imapgate.activities.senders import Sender
from imapgate.activities.terms import Place, Terms
from imapgate.folders import dropped_back, failed, filed_text, landing, ready, records, refusals
from imapgate.folders.appending import attached
from imapgate.folders.group_drop import Came, Dropped
from imapgate.folders.marks import AUTO_SUBMITTED, Marks
from imapgate.folders.verdict import plain
from imapgate.limits import Limits
from imapgate.mime.automatic import is_machine
from storage import Tx, activities, drops, folders, groups

INCOMING, IMPORT, SUBMIT = "INCOMING", "IMPORT", "SUBMIT"
"""A record's command (records.Road)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What whoever wrote a mail is to be told by mail. message_id: of theirs."""

    address: str
    subject: str
    text: str
    message_id: str | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """activity_id, number: the mail's own activity; of a wrapper what it named or made, else that
    of the first mail in it. created: whether it was made now. numbers: those that the mail named,
    and what came of each. case: number of the activity that was made of the mail beside its own,
    None: none. text: one or two sentences for people, as in the record. code: a keyword that tells
    more of it, None: nothing. answer: to be sent to the writer, None: nothing is."""

    activity_id: int
    number: int
    created: bool
    numbers: tuple[NumberOutcome, ...]
    case: int | None
    text: str
    code: str | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class NotFiled:
    """Nothing was written. code: why, a keyword of folders.failed.REASONS. text: the cause, for
    people, a clause without full stop."""

    code: str
    text: str


def arrive(
    tx: Tx,
    person: Person,
    prepared: ready.Prepared,
    stored_message_id: int,
    internal_at: int,
    internal_zone: int,
    policy: routing.Policy,
    road: records.Road,
    limits: Limits,
    marks: Marks = Marks(),  # noqa: B008 (a value)
) -> Arrived | NotFiled:
    """File one stored message by the policy, in the caller's transaction; the same again is the
    same, and an activity's own message is that activity. With NotFiled nothing was written.

    person: from routing.logging_person; what the mail names goes by this person's rights. prepared:
    made with `ready.prepare(content, with_attached=True)`. internal_at: seconds since 1970,
    internal_zone: minutes east. road: command INCOMING or IMPORT, client: `account NAME`, or the
    file; its folder is filled in. marks: of the entries, beside what the mail itself says.
    """
    sender = senders.look_up(tx, person.segment_id, prepared.mail)
    terms = routing.terms(tx, person.segment_id, prepared.mail, policy, sender)
    usual = routing.place(tx, person.segment_id, policy)
    if isinstance(usual, Place):
        terms = replace(terms, groups=(*usual.groups, *usual.case_groups))
    message = Dropped(
        stored_message_id,
        prepared.sha256,
        prepared.identity,
        len(prepared.content),
        prepared.mail,
        internal_at,
        internal_zone,
        _marked(marks, terms),
    )
    own = _recognised(tx, person, message)
    if own is not None:
        return _recorded(tx, person, own, road, sender)
    asked = _asked(tx, person, prepared, usual, terms) if terms.moves else None
    place = usual if asked is None else asked
    if isinstance(place, Refusal):
        return NotFiled(failed.BY_CAUSE[place.cause], place.text)
    if isinstance(place, wrapper_plan.Plan) and prepared.is_cut:
        return NotFiled(failed.REFUSED, refusals.MANY_ATTACHED)
    if isinstance(place, wrapper_plan.Plan):
        inside = attached(tx, person, prepared, internal_at, internal_zone, marks)
        came = _unwrapped(tx, person, message, inside, place, policy, terms, limits)
    else:
        filed = file_at(tx, person, message.stored, place, terms)
        came = _landed(tx, person, message, [message.lander(filed)], None, (), limits)
    if policy.commands and not is_machine(policy.automatic):
        senders.has_reported(tx, sender)
    return _recorded(tx, person, came, road, sender)


def _recognised(tx: Tx, person: Person, message: Dropped) -> Came | None:
    """Of an activity's own message that somebody sent on as it was: nothing is filed."""
    own_id = dropped_back.recognised(tx, person, message.stored)
    there = [] if own_id is None else activities.groups_of(tx, own_id)
    if own_id is None or not there:
        return None
    number, (group_id, name) = activities.by_id(tx, own_id).number, there[0]
    filed = Filed(own_id, number, False, (group_id,), ())
    text = plain(f"This is #{number} itself, which stands in {name}.")
    return Came(message.message, (filed,), name, None, 0, text=text)


def _asked(
    tx: Tx,
    person: Person,
    prepared: ready.Prepared,
    usual: Place | Refusal,
    terms: Terms,
) -> wrapper_plan.Plan | Refusal | None:
    if not prepared.attached and not wrapper_plan.outlook_files(prepared.mail):
        return None
    earlier = drops.wrappers(tx, person.segment_id, person.id, prepared.identity)
    made_before = wrapped_before.ids(tx, person.segment_id, earlier)
    return wrapper_plan.plan(tx, person, prepared.mail, usual, made_before, terms, bare=True)


def _unwrapped(
    tx: Tx,
    person: Person,
    message: Dropped,
    inside: Sequence[Dropped],
    asked: wrapper_plan.Plan,
    policy: routing.Policy,
    terms: Terms,
    limits: Limits,
) -> Came:
    inner = []
    for one in inside:
        writer = senders.look_up(tx, person.segment_id, one.mail)
        own = routing.inner_terms(tx, person.segment_id, one.mail, policy, writer, terms)
        inner.append(own)
        if not is_machine(own.automatic):
            senders.has_reported(tx, writer)
    stored = [one.stored for one in inside]
    named = wrapper.carry_out(tx, person, message.stored, stored, asked, terms, inner)
    landers = [
        replace(one, marks=_marked(one.marks, own)).lander(filed)
        for one, own, filed in zip(inside, inner, named.filed, strict=True)
    ]
    return _landed(tx, person, message, landers, named, inside, limits)


def _marked(marks: Marks, terms: Terms) -> Marks:
    if not is_machine(terms.automatic):
        return marks
    return replace(marks, keywords=(*marks.keywords, AUTO_SUBMITTED))


def _landed(
    tx: Tx,
    person: Person,
    message: Dropped,
    landers: Sequence[landing.Lander],
    named: wrapper.Unwrapped | None,
    inside: Sequence[Dropped],
    limits: Limits,
) -> Came:
    uids = landing.land(tx, person, landers, limits, is_drop=False)
    first = landers[0].filed.groups[0]
    group = groups.by_id(tx, first)
    return Came(
        message.message,
        tuple(one.filed for one in landers),
        group.name if group is not None else "",
        named,
        0 if named is not None else uids[first, message.identity],
        tuple((one.message, uids.get((first, one.identity))) for one in inside),
    )


def _recorded(tx: Tx, person: Person, came: Came, road: records.Road, sender: Sender) -> Arrived:
    folder_id, folder_name = folders.of_group(tx, came.filed[0].groups[0]) or (None, "")
    (message, result), *inside = filed_text.as_drops([came])
    if sender.holders > 1:
        several = f" {sender.holders} contacts have the sender's address; the oldest was taken."
        result = replace(result, text=plain(result.text, several))
    road = replace(road, folder_id=folder_id, folder_name=folder_name)
    records.write(tx, person, road, [(message, result), *inside])
    first = came.filed[0]
    activity_id, number = first.activity_id, first.number
    created = first.created
    if came.named is not None and came.named.activity_id is not None:
        assert came.named.number is not None
        activity_id, number = came.named.activity_id, came.named.number
        created = came.named.made
    return Arrived(activity_id, number, created, result.numbers, first.case, result.text)
