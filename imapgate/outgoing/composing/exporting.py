"""`Export as mail attachment`: the mail of an e-mail activity, octet for octet, in a small mail to
whoever took the transition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from imapgate.activities.names import Mistake
from imapgate.activities.people import Person, may_see, person_by_id
from imapgate.folders import notices, ready
from imapgate.folders.contents import stored_content
from imapgate.mime import writing
from imapgate.mime.automatic import own_field
from imapgate.mime.index import Content
from imapgate.mime.mail import Mailbox
from imapgate.outgoing import identities, outbox
from imapgate.outgoing.choosing import mailer_for
from imapgate.outgoing.composing.activity_mail import origin_key
from imapgate.outgoing.composing.composed import Came, Finish, gathered
from imapgate.outgoing.composing.own import x_mailer
from storage import Database, Tx, activities, emails, messages
from storage import notices as notice_rows
from storage.emails import EmailRow
from storage.events import EventRow

FILE = "application/octet-stream"
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Wanted:
    """address: where it is sent, None: it is put into the INBOX, lacking says why. sender: the
    address it is from."""

    person: Person
    number: int
    email: EmailRow
    size: int
    address: str | None
    sender: str
    reply_to: str | None
    lacking: str


def export(db: Database, event: EventRow) -> Finish:
    """To the user's default address, from the mailer's; where there is no mailer, or no address, as
    a new message into the user's INBOX. The same event gives one mail, however often it is carried
    out.

    The attached mail is a message/rfc822 where no server on the way may change it: lines of ASCII,
    none too long; another is a file of the kind .eml, which every program gives back as it was.
    Nothing is on the way to the INBOX: there it is always a message/rfc822, unless a NUL is in it.
    Raises Mistake: it can't be exported, and why; OSError, Unavailable: not now."""
    wanted = db.read(lambda tx: _read(tx, event))
    with stored_content(db, wanted.email.stored_message_id, wanted.size) as content:
        if content is None:
            raise Mistake("Its mail isn't there any more.")
        headers = writing.Headers(
            sender=notices.SENDER if wanted.address is None else Mailbox("", wanted.sender),
            to=_to(wanted),
            reply_to=(Mailbox("", wanted.reply_to),) if wanted.reply_to else (),
            subject=f"Export of #{wanted.number}: {wanted.email.subject}",
            at=db.read(lambda tx: tx.now),
            message_id=writing.new_id(wanted.sender.rpartition("@")[2]),
            mailer=x_mailer(wanted.person.segment),
            auto_submitted="auto-generated",
            own=(own_field(event.segment_id, "export"),),
        )
        text = f"The mail of #{wanted.number} is attached as it came."
        attached = _attached(wanted.number, content, wanted.address is not None)
        prepared = ready.prepare(gathered(writing.pieces(headers, text, None, [attached])))
    if wanted.address is None:
        return partial(_into_inbox, event, wanted, prepared)
    return partial(_into_outbox, event, wanted, wanted.address, prepared)


def _read(tx: Tx, event: EventRow) -> _Wanted:
    found = None if event.principal_id is None else person_by_id(tx, event.principal_id)
    if found is None:
        raise Mistake("No user took the transition: nobody gets the export.")
    person, is_disabled = found
    # As it is by now: the server may have been down since.
    if is_disabled:
        raise Mistake(f"{person.name}, who took the transition, is disabled: nobody gets it.")
    if not (person.is_admin or may_see(tx, person, event.activity_id)):
        raise Mistake(f"{person.name} is in none of its groups, so it is not theirs to see.")
    email = emails.of_activity(tx, event.activity_id)
    if email is None:
        raise Mistake("The activity was made of no mail: there is nothing to export.")
    address = sender = reply_to = None
    lacking = "there is no mailer"
    if mailer_for(tx, event.segment_id, person.id) is not None:
        identity = identities.identity_of(tx, event.segment_id, None)
        known = identities.default_address(tx, person.id)
        lacking = "" if known else f"{person.name} has no address"
        try:
            address = None if known is None else writing.ascii_address(known)
            sender = writing.ascii_address(identity.address)
            reply_to = identity.reply_to and writing.ascii_address(identity.reply_to)
        except writing.Unwritable as unwritable:
            raise Mistake(str(unwritable)) from None
    return _Wanted(
        person,
        activities.by_id(tx, event.activity_id).number,
        email,
        messages.size(tx, email.stored_message_id),
        address,
        sender or notices.SENDER.address,
        reply_to,
        lacking,
    )


def _to(wanted: _Wanted) -> tuple[Mailbox, ...]:
    if wanted.address is not None:
        return (Mailbox("", wanted.address),)
    return notices.addressed(wanted.person)


def _attached(
    number: int, content: Content, is_sent: bool
) -> writing.Attached | writing.AttachedMail:
    pieces = partial(_pieces, content)
    encoding = writing.encoding_of(pieces())
    travels = encoding == "7bit" if is_sent else not _has_nul(content)
    if travels:
        return writing.AttachedMail(f"{number}.eml", encoding, pieces)
    return writing.Attached(f"{number}.eml", FILE, pieces)


def _pieces(content: Content) -> Iterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]


def _has_nul(content: Content) -> bool:
    return any(b"\0" in piece for piece in _pieces(content))


def _into_outbox(
    event: EventRow, wanted: _Wanted, address: str, prepared: ready.Prepared, tx: Tx
) -> Came:
    letter = outbox.Letter(
        segment_id=event.segment_id,
        kind=outbox.EXPORT,
        sender=wanted.sender,
        recipients=(outbox.Recipient(address),),
        prepared=prepared,
        activity_id=event.activity_id,
        principal_id=event.principal_id,
        origin_key=origin_key(event),
    )
    row_id = outbox.put(tx, letter)
    return Came(f"Queued as mail {row_id} to {address}.", row_id)


def _into_inbox(event: EventRow, wanted: _Wanted, prepared: ready.Prepared, tx: Tx) -> Came:
    """It goes with the activity when that is erased."""
    person = wanted.person
    stored_message_id = notices.bring(tx, person.id, prepared)
    notice_rows.add(tx, stored_message_id, [event.activity_id], alone=True)
    return Came(f"It stands in the INBOX of {person.name}, since {wanted.lacking}.")
