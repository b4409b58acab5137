"""`Send as mail`: an e-mail activity goes out to its recipients."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from imapgate.activities.names import Mistake, key
from imapgate.folders import ready
from imapgate.folders.contents import stored_content
from imapgate.mime import writing
from imapgate.mime.digest import TEXT_OCTETS
from imapgate.mime.mail import Mail, Mailbox
from imapgate.outgoing import gateways, identities, outbox, senders
from imapgate.outgoing.choosing import NONE, mailer_for
from imapgate.outgoing.composing import attaching, drafts, record
from imapgate.outgoing.composing.composed import Came, Finish, gathered, named
from imapgate.outgoing.composing.own import is_own, x_mailer
from imapgate.outgoing.composing.subject import subject
from imapgate.outgoing.identities import Identity
from storage import Database, Tx, activities, emails, links, messages, people
from storage.activities import MediaRow
from storage.events import EventRow

CUT = "(The rest is left out: it would be too long.)"


@dataclass(frozen=True, slots=True)
class _Activity:
    """What the mail is made of. mail: the one that the activity was made of, None: it was written
    by hand. own: keys of the addresses that the user may write as. addressed: the recipients were
    set by hand."""

    number: int
    segment: str
    name: str
    text: str
    mail: Mail | None
    stored_message_id: int | None
    size: int
    media: tuple[MediaRow, ...]
    linked: tuple[int, ...]
    template: str | None
    pattern: str | None
    identity: Identity
    own: frozenset[str]
    recipients: tuple[outbox.Recipient, ...]
    shown: tuple[tuple[str, Mailbox], ...]
    missed: tuple[str, ...]
    addressed: bool

    def is_as_written(self) -> bool:
        """Whether it is for whom its mail names; who gets a copy unseen isn't named there."""
        if self.mail is None or not self.addressed:
            return True
        shown = {key(box.address) for kind, box in self.shown if kind != "bcc"}
        return shown == {key(box.address) for box in (*self.mail.to, *self.mail.cc)}


@dataclass(frozen=True, slots=True)
class _Made:
    """sender: of the envelope. mailer_id: of the address that it is from, None: the usual one."""

    prepared: ready.Prepared
    sender: str
    mailer_id: int | None


def compose(db: Database, event: EventRow) -> Finish:
    """The mail is made, with the rights and addresses of whoever took the transition; what is given
    puts it into the outbox. The same event gives one mail, however often it is carried out.

    An activity whose mail is from the user's own address goes out with its own bytes, but for Bcc
    (drafts); else it is written anew: no one sends another's words as that other. What was written
    at the command line is text alone, and becomes a mail here. Raises Mistake: it can't be sent,
    and why; OSError, Unavailable: not now."""
    found = db.read(lambda tx: _read(tx, event))
    made = _own_bytes(db, event, found) or _rebuilt(db, found)

    def finish(tx: Tx) -> Came:
        letter = outbox.Letter(
            segment_id=event.segment_id,
            kind=outbox.ACTIVITY,
            sender=made.sender,
            recipients=found.recipients,
            prepared=made.prepared,
            activity_id=event.activity_id,
            principal_id=event.principal_id,
            mailer_id=made.mailer_id,
            origin_key=origin_key(event),
        )
        row_id = outbox.put(tx, letter)
        queued = f"Queued as mail {row_id} to {named(one.address for one in found.recipients)}."
        if found.missed:
            record.add(tx, event, record.NOT_TO_EVERYBODY, "\n".join(found.missed))
        return Came(" ".join((queued, *found.missed)), row_id)

    return finish


def origin_key(event: EventRow) -> str:
    """Of the mail that an event becomes."""
    return f"event {event.id}"


def _read(tx: Tx, event: EventRow) -> _Activity:
    activity = activities.by_id(tx, event.activity_id)
    segment = people.segment_by_id(tx, event.segment_id)
    if mailer_for(tx, event.segment_id, event.principal_id) is None:
        raise Mistake(NONE)
    resolved = gateways.resolve(tx, event.activity_id)
    missed = [one.text for one in resolved.unreachable]
    recipients: list[outbox.Recipient] = []
    shown: list[tuple[str, Mailbox]] = []
    for one in resolved.recipients:
        try:
            address = writing.ascii_address(one.address)
        except writing.Unwritable as unwritable:
            missed.append(str(unwritable))
            continue
        recipients.append(outbox.Recipient(address, one.kind))
        shown.append((one.kind, Mailbox(one.name, address)))
    if not recipients:
        raise Mistake(" ".join(missed) or "It has no recipients.")
    email = emails.of_activity(tx, event.activity_id)
    digest = None if email is None else emails.digest(tx, email.stored_message_id)
    who = event.principal_id
    return _Activity(
        number=activity.number,
        segment=segment.name,
        name=activity.name if email is None else email.subject,
        text=_whole(email.body if email else activity.detailed_description or activity.description),
        mail=None if digest is None else Mail.from_json(digest),
        stored_message_id=None if email is None else email.stored_message_id,
        size=0 if email is None else messages.size(tx, email.stored_message_id),
        media=tuple(activities.media_of(tx, event.activity_id)),
        linked=tuple(number for _, number, _ in links.links_from(tx, event.activity_id)),
        template=segment.subject_template,
        pattern=segment.subject_pattern,
        identity=identities.identity_of(tx, event.segment_id, who),
        own=frozenset() if who is None else identities.own_addresses(tx, who),
        recipients=tuple(recipients),
        shown=tuple(shown),
        missed=tuple(missed),
        addressed=email is not None and email.addressed,
    )


def _whole(body: str) -> str:
    """Of a longer text only so much is kept beside the mail (mime.digest), and that is said."""
    return body if len(body.encode()) < TEXT_OCTETS - 3 else f"{body}\n\n{CUT}"


def _own_bytes(db: Database, event: EventRow, found: _Activity) -> _Made | None:
    """None: it is no draft, is for others than it names, or its bytes can't travel as they are."""
    address = None if found.mail is None else drafts.author(found.mail, found.own)
    if address is None or found.stored_message_id is None or not found.is_as_written():
        return None
    try:
        sender = writing.ascii_address(address)
    except writing.Unwritable:
        return None
    with stored_content(db, found.stored_message_id, found.size) as content:
        if content is None or senders.objection(content, found.own) is not None:
            return None
        pieces = drafts.without_bcc(content)
        if pieces is None:
            return None
        prepared = ready.prepare(gathered(pieces))
    return _Made(prepared, sender, db.read(lambda tx: _mailer_of(tx, event, address)))


def _mailer_of(tx: Tx, event: EventRow, address: str) -> int | None:
    own = mailer_for(tx, event.segment_id, event.principal_id, address)
    usual = mailer_for(tx, event.segment_id, event.principal_id)
    return None if own is None or own == usual else own.id


def _rebuilt(db: Database, found: _Activity) -> _Made:
    identity, mail = found.identity, found.mail
    try:
        sender = writing.ascii_address(identity.address)
        headers = writing.Headers(
            sender=Mailbox(identity.name, sender),
            reply_to=(Mailbox("", identity.reply_to),) if identity.reply_to else (),
            to=[mailbox for kind, mailbox in found.shown if kind == "to"],
            cc=[mailbox for kind, mailbox in found.shown if kind == "cc"],
            subject=subject(found.name, found.number, found.linked, found.template, found.pattern),
            at=db.read(lambda tx: tx.now),
            message_id=writing.new_id(sender.rpartition("@")[2]),
            in_reply_to=mail.in_reply_to[0] if mail and mail.in_reply_to else None,
            references=() if mail is None else _references(mail),
            mailer=x_mailer(found.segment),
        )
        with ExitStack() as stack:
            attached = attaching.attachments(db, stack, found.media)
            html = writing.html_of(found.text)
            content = gathered(writing.pieces(headers, found.text, html, attached))
    except writing.Unwritable as unwritable:
        raise Mistake(str(unwritable)) from None
    return _Made(ready.prepare(content), sender, None)


def _references(mail: Mail) -> tuple[str, ...]:
    """Whoever has the activity's own mail finds what is sent beside it; one that was written here
    nobody has."""
    answered = (*mail.references, *mail.in_reply_to)
    return answered if is_own(mail) or mail.message_id is None else (*answered, mail.message_id)
