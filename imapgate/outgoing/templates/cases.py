"""A mail about an activity by a template: what it says, whom it is to, what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from imapgate.activities.creators import PRIORITIES
from imapgate.activities.names import Mistake, key
from imapgate.mime import writing
from imapgate.mime.mail import Mail, Mailbox
from imapgate.mime.subjects import base_subject
from imapgate.outgoing import formats
from imapgate.outgoing.composing.subject import subject
from imapgate.outgoing.identities import Identity
from imapgate.outgoing.templates import own
from imapgate.outgoing.templates.rendering import render
from imapgate.outgoing.templates.values import moment
from storage import Tx, activities, addresses, case_mails, contacts, emails, people

_PRIORITY = {number: name for name, number in PRIORITIES.items()}


@dataclass(frozen=True, slots=True)
class Addressee:
    """name: may be empty. contact_id, principal_id: whose the address is, None: of nobody who is
    known."""

    address: str
    name: str = ""
    contact_id: int | None = None
    principal_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseMail:
    """headers: as they go out; text, html (None: plain text is wanted): its body."""

    headers: writing.Headers
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class Machine:
    """What a mail says that no person wrote. submitted: of Auto-Submitted (RFC 3834 5)."""

    submitted: str
    mailer: str
    own: tuple[tuple[str, str], ...]


def reporting_contact(tx: Tx, activity: activities.ActivityRow) -> Addressee:
    """At the address that it last wrote from: in this case, else at all; else at its first one.
    Raises Mistake: there is none."""
    contact_id = activity.reporting_contact_id
    if contact_id is None:
        raise Mistake(f"Activity #{activity.number} has no reporting contact.")
    name = contacts.name(tx, contact_id)
    address = case_mails.wrote_last_from(tx, activity.id, contact_id)
    address = address or addresses.mailbox_of(tx, contact_id)
    if address is None:
        raise Mistake(
            f'The reporting contact of #{activity.number}, "{name}", has no e-mail address.'
        )
    return Addressee(address, "" if key(name) == key(address) else name, contact_id)


def known(tx: Tx, segment_id: int, address: str) -> Addressee:
    """An address, with the contact whose it is."""
    row = contacts.address_by_key(tx, segment_id, key(address))
    if row is None:
        return Addressee(address)
    name = contacts.name(tx, row.contact_id)
    return Addressee(address, "" if key(name) == key(address) else name, row.contact_id)


def compose(
    tx: Tx,
    activity: activities.ActivityRow,
    template: str,
    to: Sequence[Addressee],
    identity: Identity,
    user_id: int | None,
    *,
    transition: str | None = None,
    machine: Machine | None = None,
) -> CaseMail:
    """The mail by that template, which answers the last mail of the case that all of them know:
    what others wrote about it stays among those. to: at least one; the template's `contact` is the
    first. identity: who it is from; user_id: who writes it, or took the transition. machine None: a
    person's. Raises Mistake: the template can't be used, or an address can't be written to."""
    last = case_mails.newest(tx, activity.id, {key(one.address) for one in to})
    mail = _digest(tx, last)
    own.find_for_cases(tx, activity.segment_id, template)
    made = render(
        tx,
        activity.segment_id,
        template,
        _values(tx, activity, to[0], identity, user_id, transition, None if last is None else mail),
    )
    is_html = any(_format(tx, activity.segment_id, one) == formats.HTML for one in to)
    try:
        sender = writing.ascii_address(identity.address)
        reply_to = None if identity.reply_to is None else writing.ascii_address(identity.reply_to)
        headers = writing.Headers(
            sender=Mailbox(identity.name, sender),
            to=[Mailbox(one.name, writing.ascii_address(one.address)) for one in to],
            reply_to=() if reply_to is None else (Mailbox("", reply_to),),
            subject=_subject(tx, activity, made.subject),
            at=tx.now,
            message_id=writing.new_id(sender.rpartition("@")[2]),
            in_reply_to=None if last is None else last.message_id,
            references=_references(mail, last),
            mailer=None if machine is None else machine.mailer,
            auto_submitted=None if machine is None else machine.submitted,
            own=() if machine is None else machine.own,
        )
    except writing.Unwritable as unwritable:
        raise Mistake(str(unwritable)) from None
    return CaseMail(headers, made.text, made.html if is_html else None)


def activity_values(tx: Tx, activity: activities.ActivityRow) -> dict[str, Any]:
    """The values `activity....` (templates.values)."""
    return {
        "number": str(activity.number),
        "name": activity.name,
        "description": activity.detailed_description or activity.description,
        "type": activity.type,
        "state": activity.state,
        "percent_complete": activity.percent_complete,
        "priority": _PRIORITY[activity.priority],
        "groups": [name for _, name in activities.groups_of(tx, activity.id)],
        "created": moment(activity.created_at),
        "assigned_to": _user(tx, activity.assigned_to_id),
    }


def _values(
    tx: Tx,
    activity: activities.ActivityRow,
    to: Addressee,
    identity: Identity,
    user_id: int | None,
    transition: str | None,
    answered: Mail | None,
) -> dict[str, Any]:
    """As templates.values.OF_CASES describes them."""
    link = identity.link_pattern
    return {
        "activity": activity_values(tx, activity),
        "contact": {"name": to.name, "address": to.address},
        "sender": {"name": identity.name, "address": identity.address},
        "user": _user(tx, user_id),
        "transition": transition,
        "subject": None if answered is None else base_subject(answered.subject)[0],
        "link": None if link is None else link.replace("{number}", str(activity.number)),
        "segment": people.segment_by_id(tx, activity.segment_id).name,
    }


def _user(tx: Tx, principal_id: int | None) -> str | None:
    row = None if principal_id is None else people.principal_by_id(tx, principal_id)
    return None if row is None else row.name


def _subject(tx: Tx, activity: activities.ActivityRow, made: str) -> str:
    segment = people.segment_by_id(tx, activity.segment_id)
    return subject(made, activity.number, (), segment.subject_template, segment.subject_pattern)


def _format(tx: Tx, segment_id: int, one: Addressee) -> str:
    return formats.format_for(
        tx, segment_id, principal_id=one.principal_id, contact_id=one.contact_id
    )


def _digest(tx: Tx, last: case_mails.CaseMail | None) -> Mail | None:
    found = None if last is None else emails.digest(tx, last.stored_message_id)
    return None if found is None else Mail.from_json(found)


def _references(mail: Mail | None, last: case_mails.CaseMail | None) -> tuple[str, ...]:
    """RFC 5322 3.6.4."""
    if last is None or last.message_id is None:
        return ()
    before = () if mail is None else mail.references or mail.in_reply_to[:1]
    return (*before, last.message_id)
