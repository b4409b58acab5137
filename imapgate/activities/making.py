"""New activities: numbers, first states, recipients and media."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities import contacts, happenings, senders
from imapgate.activities.contact_addresses import kept_address
from imapgate.activities.exchange_names import address_key
from imapgate.activities.journals import IN
from imapgate.activities.linking import NO_SUBJECT
from imapgate.activities.outcome import StoredMail
from imapgate.activities.people import Person
from imapgate.activities.terms import DROP, StandIn, Terms
from imapgate.mime import origins
from imapgate.mime.mail import Attachment, Mail, Mailbox
from storage import Tx, activities, emails, people, processes, revisions
from storage.creators import CreatorRow

_PRIORITIES = {"low": 1, "high": 3}


@dataclass(frozen=True, slots=True)
class Template:
    """What a new activity starts with; creator_id None: made of a bare type."""

    segment_id: int
    type_id: int
    creator_id: int | None
    priority: int
    assigned_to_id: int | None


@dataclass(frozen=True, slots=True)
class Made:
    activity_id: int
    number: int


@dataclass(frozen=True, slots=True)
class Recipients:
    """sender_contact_id: of the first writer (mime.origins.writers, senders.writer), None if there
    is none. direction: out or internal, where that writer is a user; None: nobody knows."""

    rows: tuple[emails.Recipient, ...]
    sender_contact_id: int | None
    direction: str | None = None


def template(creator: CreatorRow) -> Template:
    """What this creator prescribes."""
    return Template(
        creator.segment_id,
        creator.type_id,
        creator.id,
        creator.priority,
        creator.assigned_to_id,
    )


def new_activity(
    tx: Tx,
    person: Person | None,
    preset: Template,
    group_ids: Sequence[int],
    *,
    name: str,
    description: str = "",
    detailed_description: str = "",
    priority: int | None = None,
    reporting_contact_id: int | None = None,
    terms: Terms = DROP,
    is_mail: bool = False,
) -> Made:
    """A new activity, in these groups. priority None: the preset's. terms: of the mail that makes
    it, if one does. is_mail: it is of class E-Mail, so that its message is that mail."""
    number = people.take_number(tx, preset.segment_id)
    activity_id = activities.add(
        tx,
        activities.NewActivity(
            segment_id=preset.segment_id,
            number=number,
            type_id=preset.type_id,
            creator_id=preset.creator_id,
            name=name,
            description=description,
            detailed_description=detailed_description,
            state_id=processes.initial_state(tx, preset.type_id).id,
            priority=preset.priority if priority is None else priority,
            reporting_contact_id=reporting_contact_id,
            assigned_to_id=preset.assigned_to_id,
            created_by_id=None if person is None else person.id,
        ),
    )
    for group_id in dict.fromkeys(group_ids):
        activities.put_into_group(tx, activity_id, group_id)
    if not is_mail:
        revisions.mark(tx, activity_id)
    if terms.told:
        doer = happenings.doer(terms, None if person is None else person.id)
        happenings.created(tx, preset.segment_id, activity_id, doer, preset.assigned_to_id)
    return Made(activity_id, number)


def new_email_activity(
    tx: Tx,
    person: Person,
    preset: Template,
    group_ids: Sequence[int],
    stored: StoredMail,
    terms: Terms = DROP,
) -> Made:
    """A new e-mail activity of a stored message, with recipients, headers and media."""
    mail = stored.mail
    recipients = recipients_of(tx, preset.segment_id, mail, terms.stand_in)
    made = new_activity(
        tx,
        terms.author or person,
        preset,
        group_ids,
        name=mail.subject.strip() or NO_SUBJECT,
        priority=priority_of(mail, preset.priority),
        reporting_contact_id=recipients.sender_contact_id,
        terms=terms,
        is_mail=True,
    )
    emails.add(
        tx,
        made.activity_id,
        preset.segment_id,
        stored.message_id,
        stored.identity,
        mail.subject,
        mail.message_id,
        mail.sent_at,
        mail.text,
        told_direction(terms, recipients),
        terms.automatic,
    )
    emails.add_recipients(tx, made.activity_id, recipients.rows)
    activities.add_note(tx, made.activity_id, "Headers", mail.headers)
    # A message that is attached without a wrapper is a part of the mail like any other.
    parts = (*mail.attachments, *mail.message_parts)
    activities.add_media(tx, made.activity_id, _media(stored, parts))
    return made


def priority_of(mail: Mail, usual: int) -> int:
    """Low and high importance are the mail's own word; otherwise the creator's priority counts."""
    return _PRIORITIES.get(mail.importance, usual)


def sender_contact(
    tx: Tx, segment_id: int, mail: Mail, stand_in: StandIn | None = None
) -> int | None:
    """The contact of the first writer's address (mime.origins.writers); None if there is none."""
    for mailbox in origins.writers(mail):
        if stand_in is not None and _is(mailbox, stand_in):
            return stand_in.contact_id
        matched = contacts.match(tx, segment_id, mailbox)
        if matched is not None:
            return senders.writer(tx, segment_id, matched).contact_id
    return None


def recipients_of(
    tx: Tx, segment_id: int, mail: Mail, stand_in: StandIn | None = None
) -> Recipients:
    """Writers, To, Cc and Bcc, in this order, each tied to a contact's address. stand_in: whose
    address stands for one that isn't to become a contact; what the mail had is in the name then."""
    found = []
    sender = None
    is_own = False
    for kind, mailboxes in (
        ("from", origins.writers(mail)),
        ("to", mail.to),
        ("cc", mail.cc),
        ("bcc", mail.bcc),
    ):
        for mailbox in mailboxes:
            if stand_in is not None and _is(mailbox, stand_in):
                if stand_in.address_id is not None:
                    named = f"{mailbox.name} <{mailbox.address}>".lstrip()
                    found.append(emails.Recipient(kind, stand_in.address_id, named))
                if kind == "from" and sender is None:
                    sender = stand_in.contact_id
                continue
            # How a stranger calls others is no name for whom we know already.
            is_writer = kind == "from" and sender is None
            matched = contacts.match(tx, segment_id, mailbox, is_writer or is_own)
            if matched is not None:
                found.append(emails.Recipient(kind, matched.address_id, mailbox.name))
                if kind == "from" and sender is None:
                    writer = senders.writer(tx, segment_id, matched)
                    sender = writer.contact_id
                    is_own = writer.is_own and not senders.is_foreign(
                        tx, segment_id, mailbox.address, matched.address
                    )
    direction = senders.direction(tx, segment_id, found) if is_own else None
    return Recipients(tuple(found), sender, direction)


def told_direction(terms: Terms, recipients: Recipients) -> str | None:
    """What the terms tell, but that a mail from a user's own address wasn't sent from outside,
    though its domain isn't the house's."""
    if recipients.direction is not None and terms.direction in (None, IN):
        return recipients.direction
    return terms.direction


def _is(mailbox: Mailbox, stand_in: StandIn) -> bool:
    return address_key(kept_address(mailbox.address)) == stand_in.address_key


def attachments_of(stored: StoredMail) -> list[activities.MediaRow]:
    """The mail's attachments, by reference into the stored message."""
    return _media(stored, stored.mail.attachments)


def _media(stored: StoredMail, parts: Sequence[Attachment]) -> list[activities.MediaRow]:
    return [
        activities.MediaRow(
            one.name,
            one.content_type,
            one.size,
            stored.message_id,
            one.section,
            one.content_id,
            one.inline,
        )
        for one in parts
    ]
