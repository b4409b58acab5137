"""What the house tells a person of its own accord: into the INBOX, and by mail to where that person
gets mail."""

from __future__ import annotations

from collections.abc import Collection

from imapgate.activities.names import key
from imapgate.folders import notices, ready
from imapgate.mime import writing
from imapgate.mime.automatic import own_field
from imapgate.mime.mail import Mailbox
from imapgate.outgoing import outbox
from imapgate.outgoing.choosing import mailer_for
from imapgate.outgoing.identities import default_address, identity_of
from imapgate.outgoing.outbox import Letter, Recipient
from storage import Tx
from storage import notices as notice_rows
from storage import outbox as rows


def tell(
    tx: Tx,
    segment_id: int,
    principal_id: int,
    subject: str,
    text: str,
    origin_key: str | None = None,
    not_to: Collection[str] = (),
    activity_id: int | None = None,
    html: str | None = None,
) -> None:
    """A mail in the person's INBOX, and the same by the outbox to the person's default address,
    where there is one and a mailer to send it by. origin_key: it is sent once; None: the caller
    sees to that. not_to: keys of addresses that don't get it (they failed just now). activity_id:
    what it tells of, so that it goes when that is erased. html: beside the text, for who reads it
    by mail; None: there is none. Raises LookupError: no such principal."""
    _tells_of(tx, notices.tell(tx, principal_id, subject, text), activity_id)
    address = default_address(tx, principal_id)
    if address is None or key(address) in not_to:
        return
    row_id = by_mail(tx, segment_id, address, subject, text, origin_key, html=html)
    row = None if row_id is None else rows.by_id(tx, row_id)
    if row is not None and row.stored_message_id is not None:
        _tells_of(tx, row.stored_message_id, activity_id)


def _tells_of(tx: Tx, stored_message_id: int, activity_id: int | None) -> None:
    if activity_id is not None:
        notice_rows.add(tx, stored_message_id, [activity_id])


def by_mail(
    tx: Tx,
    segment_id: int,
    address: str,
    subject: str,
    text: str,
    origin_key: str | None,
    answered: str | None = None,
    html: str | None = None,
) -> int | None:
    """The outbox's row of a mail from the system's own address, to which no machine answers and
    which never comes back (RFC 3834 3.3). answered: the Message-ID of the mail that it is an answer
    to. None: there is no mailer, or one of the two addresses can't be written."""
    if mailer_for(tx, segment_id, None) is None:
        return None
    sender = identity_of(tx, segment_id, None)
    try:
        kept = writing.ascii_address(sender.address)
        recipient = writing.ascii_address(address)
    except writing.Unwritable:
        return None
    domain = kept.rpartition("@")[2]
    headers = writing.Headers(
        sender=Mailbox("imapgate", kept),
        to=(Mailbox("", recipient),),
        subject=writing.one_line(subject, notices.LONGEST_SUBJECT),
        at=tx.now,
        message_id=writing.new_id(domain),
        in_reply_to=answered,
        references=() if answered is None else (answered,),
        auto_submitted="auto-generated" if answered is None else "auto-replied",
        own=(own_field(segment_id, outbox.REPORT),),
    )
    mail = writing.message(headers, text[: notices.LONGEST_TEXT], html)
    return outbox.put(
        tx,
        Letter(
            segment_id,
            outbox.REPORT,
            "",
            (Recipient(recipient),),
            ready.prepare(mail),
            origin_key=origin_key,
        ),
    )
