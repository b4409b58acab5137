"""What a journal mailbox brought: the original out of its envelope, filed once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imapgate.activities import filing, journals, routing, segments
from imapgate.activities.outcome import Refusal, StoredMail
from imapgate.activities.people import Person
from imapgate.activities.routing import Policy
from imapgate.activities.terms import Terms
from imapgate.folders import ready, records
from imapgate.folders.arriving import Arrived, NotFiled, arrive
from imapgate.folders.verdict import plain
from imapgate.limits import Limits
from imapgate.mime import automatic, journal, origins
from imapgate.mime.index import Content
from storage import Tx, activities, emails, folders


@dataclass(frozen=True, slots=True)
class Opened:
    """prepared: the original, or the message itself where it stands in no envelope (None)."""

    prepared: ready.Prepared
    envelope: journal.Envelope | None = None


def opened(content: Content, prepared: ready.Prepared | None = None) -> Opened:
    """Outside of any transaction; prepared: of the content, where it is at hand. Never raises for
    what a message contains; raises OSError where a large one can't be unpacked."""
    outer = prepared or ready.prepare(content)
    envelope = journal.envelope(outer.mail)
    if envelope is None:
        return Opened(outer)
    if not outer.attached:
        outer = ready.prepare(content, with_attached=True)
    if not outer.attached:
        return Opened(outer)  # its parts couldn't be told apart
    return Opened(outer.attached[0], envelope)


def archive(
    tx: Tx,
    person: Person,
    message: Opened,
    stored_message_id: int,
    internal_at: int,
    internal_zone: int,
    policy: Policy,
    road: records.Road,
    limits: Limits,
) -> Arrived | NotFiled:
    """File it, in the caller's transaction, with its direction and the recipients of its envelope.
    stored_message_id: what the account brought, with its envelope; an original out of an envelope
    is stored beside it.

    Of a mail that is in the archive already, perhaps with other bytes (other Received lines), only
    the recipients are added (activities.identity.agree)."""
    mail, segment_id = message.prepared.mail, person.segment_id
    if message.envelope is None:
        recipients, sender = journal.delivered_to(mail), None
    else:
        recipients, sender = message.envelope.recipients, message.envelope.sender
    sender = sender or next((one.address for one in origins.writers(mail)), None)
    told = (one.address for one in (*mail.to, *mail.cc, *mail.bcc))
    domains = segments.own_domains(tx, segment_id)
    direction = journals.direction(domains, sender, (*told, *recipients))
    stranger = policy.stranger
    if message.envelope is not None and direction in (journals.OUT, journals.INTERNAL):
        # The house's own server says that it is a colleague's: no stranger.
        stranger = "link" if stranger == "known" else stranger
    policy = replace(
        policy,
        commands=False,
        stranger=stranger,
        direction=direction,
        automatic=automatic.kind_of(mail),
    )
    arrived: Arrived | NotFiled | None = _joined(
        tx, person, message, stored_message_id, policy, road
    )
    if arrived is None:
        if message.envelope is not None:
            stored_message_id = ready.store(tx, segment_id, message.prepared)
        arrived = arrive(
            tx,
            person,
            message.prepared,
            stored_message_id,
            internal_at,
            internal_zone,
            policy,
            road,
            limits,
        )
    if isinstance(arrived, Arrived):
        journals.unite(tx, segment_id, arrived.activity_id, recipients)
    return arrived


def _joined(
    tx: Tx,
    person: Person,
    message: Opened,
    stored_message_id: int,
    policy: Policy,
    road: records.Road,
) -> Arrived | None:
    """Where the same mail stands in the archive, perhaps with other bytes: its activity. Its own
    bytes stay with the queue and the record."""
    prepared = message.prepared
    place = routing.place(tx, person.segment_id, policy)
    if isinstance(place, Refusal):
        return None
    stored = StoredMail(stored_message_id, prepared.identity, prepared.mail)
    known = filing.known_activity(tx, person, stored, place.groups, Terms(links=policy.links))
    if known is None or not all(activities.in_group(tx, known, one) for one in place.groups):
        return None
    emails.tell_origin(tx, known, policy.direction, policy.automatic)
    number = activities.by_id(tx, known).number
    folder_id, name = folders.of_group(tx, place.groups[0]) or (None, "")
    text = plain(f"The same mail as #{number} in {name}: its recipients were added.")
    kept = records.Message(
        stored_message_id,
        prepared.sha256,
        prepared.identity,
        prepared.mail.message_id,
        prepared.mail.subject,
    )
    result = records.Result(records.FILED, text, None, known)
    road = replace(road, folder_id=folder_id, folder_name=name)
    records.write(tx, person, road, [(kept, result)])
    return Arrived(known, number, False, (), None, text)
