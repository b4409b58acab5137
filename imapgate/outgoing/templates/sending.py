"""What a transition sends by a template: one mail for each of its recipients, without a person's
doing, hence never to where it could go round in a circle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.names import Mistake, key
from imapgate.activities.process_templates import ASSIGNED_TO, REPORTING_CONTACT
from imapgate.folders import ready
from imapgate.mime import writing
from imapgate.mime.automatic import is_machine, kind_of, own_field
from imapgate.mime.mail import Mail
from imapgate.outgoing import outbox, settings
from imapgate.outgoing.choosing import NONE, mailer_for
from imapgate.outgoing.composing import record
from imapgate.outgoing.composing.composed import Came, Finish, named
from imapgate.outgoing.composing.own import x_mailer
from imapgate.outgoing.identities import default_address, identity_of
from imapgate.outgoing.templates import cases
from imapgate.outgoing.templates.cases import Addressee
from storage import Database, Tx, activities, case_mails, emails, people
from storage.events import EventRow

KIND = "template"
"""In the house's own field (mime.automatic.own_field)."""
REPLIED, GENERATED = "auto-replied", "auto-generated"
"""Of Auto-Submitted: a mail moved the activity on, or a person did (RFC 3834 5)."""
HOUR = 60 * 60
LOOKED_AT = 20
"""Newest mails of an address by which it is told whether a person writes from there."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A mail to one recipient. sender: of the envelope. prepared: its bytes."""

    to: str
    sender: str
    prepared: ready.Prepared


def compose(db: Database, event: EventRow) -> Finish:
    """The mails that a transition's event asks for (process_plans.SEND_TEMPLATE); what is given
    puts them into the outbox, once, however often the event is carried out. They are the system's:
    from the mailer's address, and marked so that nobody answers them by itself.

    Nothing goes out because of a mail that a machine wrote, nor to an address from which only
    machines wrote, nor to one that had as many of these in an hour as are set. Raises Mistake:
    nothing can be sent, and why; Unavailable."""
    made, missed = db.read(lambda tx: _composed(tx, event))
    written = [
        _Written(
            one.headers.to[0].address,
            one.headers.sender.address,
            ready.prepare(writing.message(one.headers, one.text, one.html)),
        )
        for one in made
    ]

    def finish(tx: Tx) -> Came:
        return _finished(tx, event, written, missed)

    return finish


def _composed(tx: Tx, event: EventRow) -> tuple[list[cases.CaseMail], list[str]]:
    """The mails, and a sentence for each recipient who gets none."""
    segment_id, detail = event.segment_id, event.detail
    if mailer_for(tx, segment_id, None) is None:
        raise Mistake(NONE)
    cause = detail.get("caused_by")
    email = emails.of_activity(tx, cause) if isinstance(cause, int) else None
    kind = None if email is None else _kind(tx, email)
    if kind is not None:
        raise Mistake(
            f"A mail that was written automatically ({kind}) moved the activity on: an answer to "
            "it could go round in a circle."
        )
    machine = cases.Machine(
        GENERATED if email is None else REPLIED,
        x_mailer(people.segment_by_id(tx, segment_id).name),
        (own_field(segment_id, KIND),),
    )
    activity = activities.by_id(tx, event.activity_id)
    made: list[cases.CaseMail] = []
    missed: list[str] = []
    for one in dict.fromkeys(str(each) for each in detail.get("to", ())):
        try:
            to = _addressee(tx, activity, one)
            _check_person(tx, segment_id, to)
            made.append(
                cases.compose(
                    tx,
                    activity,
                    str(detail.get("template")),
                    (to,),
                    identity_of(tx, segment_id, None),
                    event.principal_id,
                    transition=str(detail.get("transition")),
                    machine=machine,
                )
            )
        except Mistake as mistake:
            missed.append(str(mistake))
    if not made:
        raise Mistake(" ".join(dict.fromkeys(missed)) or "It has no recipients.")
    return made, missed


def _finished(tx: Tx, event: EventRow, written: Sequence[_Written], missed: Sequence[str]) -> Came:
    most = settings.value_of(tx, event.segment_id, settings.TEMPLATES_PER_HOUR)
    sentences = list(missed)
    rows: dict[str, int] = {}
    for place, one in enumerate(written):
        if one.to in rows:
            continue
        sent = case_mails.put_since(
            tx, event.segment_id, outbox.TEMPLATE, key(one.to), tx.now - HOUR
        )
        if sent >= most:
            sentences.append(
                f"{one.to} got {sent} mails by templates in the last hour, as many as are let "
                f"through (`imapgate outgoing set {settings.TEMPLATES_PER_HOUR}`)."
            )
            continue
        rows[one.to] = outbox.put(
            tx,
            outbox.Letter(
                segment_id=event.segment_id,
                kind=outbox.TEMPLATE,
                sender=one.sender,
                recipients=(outbox.Recipient(one.to),),
                prepared=one.prepared,
                activity_id=event.activity_id,
                origin_key=f"event {event.id}" + (f" {place}" if place else ""),
            ),
        )
    if not rows:
        raise Mistake(" ".join(dict.fromkeys(sentences)))
    if sentences:
        record.add(tx, event, record.TEMPLATE_NOT_TO_EVERYBODY, "\n".join(dict.fromkeys(sentences)))
    ids = ", ".join(map(str, rows.values()))
    text = f"Template {event.detail.get('template')}: queued as mail {ids} to {named(rows)}."
    return Came(" ".join((text, *dict.fromkeys(sentences))), next(iter(rows.values())))


def _addressee(tx: Tx, activity: activities.ActivityRow, who: str) -> Addressee:
    if who == REPORTING_CONTACT:
        return cases.reporting_contact(tx, activity)
    if who != ASSIGNED_TO:
        return cases.known(tx, activity.segment_id, who)
    assigned = activity.assigned_to_id
    row = None if assigned is None else people.principal_by_id(tx, assigned)
    if row is None:
        raise Mistake(f"Activity #{activity.number} is assigned to nobody.")
    if row.disabled:
        raise Mistake(f"{row.name}, to whom #{activity.number} is assigned, is disabled.")
    address = default_address(tx, row.id)
    if address is None:
        raise Mistake(f"{row.name}, to whom #{activity.number} is assigned, has no address.")
    return Addressee(address, row.name, row.contact_id, row.id)


def _check_person(tx: Tx, segment_id: int, to: Addressee) -> None:
    """Raises Mistake if only machines wrote from that address. A person's out-of-office reply
    doesn't make a machine of them."""
    kind = None
    for mail in case_mails.wrote(tx, segment_id, key(to.address), LOOKED_AT):
        kind = _kind(tx, mail)
        if not is_machine(kind):
            return
    if kind is not None:
        raise Mistake(
            f"All mails from {to.address} were written automatically ({kind}): nothing is sent "
            "there."
        )


def _kind(tx: Tx, mail: case_mails.CaseMail | emails.EmailRow) -> str | None:
    """What kind of machine wrote it, None: a person. Of what somebody dropped nobody has told."""
    if mail.automatic is not None:
        return mail.automatic
    digest = emails.digest(tx, mail.stored_message_id)
    return None if digest is None else kind_of(Mail.from_json(digest))
