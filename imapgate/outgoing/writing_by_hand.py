"""An e-mail activity that a person writes: its message is made, stored, and stands in the folders
of its groups like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities import by_hand, mail_by_hand
from imapgate.activities.groups import Group
from imapgate.activities.names import Mistake, checked
from imapgate.activities.outcome import StoredMail
from imapgate.activities.people import Person
from imapgate.folders import landing, ready
from imapgate.folders.marks import Marks
from imapgate.limits import Limits
from imapgate.mime.mail import Mailbox
from imapgate.mime.writing import Headers, Unwritable, ascii_address, message, new_id
from imapgate.outgoing.composing.own import x_mailer
from imapgate.outgoing.identities import identity_of
from storage import Database, Tx
from storage.schema import SEEN


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote. subject: the activity's name. recipients: (to, cc or bcc; an address, a
    phone number or an address group's name). gateway: for phone numbers. creator or type_name, one
    of them: of class E-Mail. groups: beside the creator's."""

    subject: str
    text: str
    recipients: tuple[tuple[str, str], ...] = ()
    gateway: str | None = None
    creator: str | None = None
    type_name: str | None = None
    groups: tuple[Group, ...] = ()
    description: str = ""
    priority: str | None = None
    contact: str | None = None


def write_mail(db: Database, person: Person, written: Written, limits: Limits) -> int:
    """The number of the new activity. Nothing is sent: that is a transition's matter. Raises
    Mistake; nothing is made then."""
    content = db.read(lambda tx: _message(tx, person, written))
    prepared = ready.prepare(content)

    def work(tx: Tx) -> int:
        stored_id = ready.store(tx, person.segment_id, prepared)
        filed = mail_by_hand.new_mail(
            tx,
            person,
            StoredMail(stored_id, prepared.identity, prepared.mail),
            written.recipients,
            creator=written.creator,
            type_name=written.type_name,
            groups=written.groups,
            gateway=written.gateway,
            description=written.description,
            priority=written.priority,
            contact=written.contact,
        )
        lander = landing.Lander(
            stored_id, len(content), prepared.identity, tx.now, 0, Marks(SEEN), filed
        )
        landing.land(tx, person, [lander], limits)
        return filed.number

    return db.write(work)


def _message(tx: Tx, person: Person, written: Written) -> bytes:
    """To and Cc have the addresses alone: who gets a copy unseen, and what a number or a group
    stands for, is known once it is sent."""
    sender = identity_of(tx, person.segment_id, person.id)
    try:
        return message(
            Headers(
                sender=Mailbox(sender.name, sender.address),
                subject=checked(written.subject, "subject"),
                at=tx.now,
                message_id=new_id(ascii_address(sender.address).rpartition("@")[2]),
                to=_boxes("to", written.recipients),
                cc=_boxes("cc", written.recipients),
                reply_to=() if sender.reply_to is None else (Mailbox("", sender.reply_to),),
                mailer=x_mailer(person.segment),
            ),
            by_hand.checked_text(written.text),
        )
    except Unwritable as error:
        raise Mistake(str(error)) from None


def _boxes(kind: str, recipients: Sequence[tuple[str, str]]) -> tuple[Mailbox, ...]:
    return tuple(Mailbox("", named) for one, named in recipients if one == kind and "@" in named)
