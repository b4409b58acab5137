"""A mail that a client submitted: committed, handed over at once, and what to answer. In a thread.

Once the answer may have been lost on its way to the client, the same mail again isn't sent again:
its row of the outbox is known by who sent what to whom, until the client shows that it heard
(`heard`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.names import key
from imapgate.activities.people import Person
from imapgate.folders import ready
from imapgate.folders.arriving import SUBMIT
from imapgate.folders.ready import Prepared
from imapgate.incoming import queue
from imapgate.mime.index import Content
from imapgate.outgoing import choosing, identities, outbox, senders
from imapgate.outgoing.delivery import LATER, REFUSED, SENT, UNCERTAIN, Result
from imapgate.outgoing.sending import NotRecorded, OpenMailer, send_one
from imapgate.submission.replies import Reply
from storage import Database, Tx, incoming, people
from storage import outbox as rows

DAY = 24 * 60 * 60
"""Seconds in which the same mail again is the one that was sent."""

CLOSED = Reply(535, "5.7.8", "Sign in again: your account has changed.", ends=True)
UNDER_WAY = Reply(451, "4.4.5", "This mail is being sent just now. Try again in a minute.")
MAYBE = (
    "It may have been sent: the connection was lost before the server answered. Ask the recipients"
    " before you send it again."
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signed in, and the password hash that let them in."""

    person: Person
    password_hash: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """What MAIL, RCPT and DATA said. recipients: each once."""

    sender: str
    recipients: tuple[str, ...]
    content: Content


@dataclass(frozen=True, slots=True)
class Came:
    """reply: to the client. outbox_id: to be given to `heard` once it has it. queue_id: to be
    filed. unrecorded: what came of it isn't committed yet: to be tried again."""

    reply: Reply
    outbox_id: int | None = None
    queue_id: int | None = None
    unrecorded: NotRecorded | None = None


def admit(tx: Tx, who: Sender, address: str) -> Reply | None:
    """What speaks against a mail with that sender in its envelope, before it comes; None:
    nothing."""
    person = who.person
    if people.enabled(tx, [person.id]).get(person.id) != who.password_hash:
        return CLOSED
    if senders.foreign(address, identities.own_addresses(tx, person.id)):
        return Reply(550, "5.7.1", senders.not_yours(address, "The sender"))
    if choosing.mailer_for(tx, person.segment_id, person.id, address) is None:
        return Reply(451, "4.3.5", f"Not sent. {choosing.NONE}")
    return None


def submit(db: Database, who: Sender, mail: Submitted, open_mailer: OpenMailer) -> Came:
    """One attempt, now: all recipients get it, or nobody. Raises Unavailable: nothing was sent;
    OSError where a large mail can't be read just now: the same."""
    objection = senders.objection(
        mail.content, db.read(lambda tx: identities.own_addresses(tx, who.person.id))
    )
    if objection is not None:
        return Came(Reply(550, "5.7.1", f"Not sent. {objection}"))
    prepared = ready.prepare(mail.content)
    put = db.write(lambda tx: _put(tx, who, mail, prepared))
    outbox_id = put.outbox_id
    if outbox_id is None or put.queue_id is None:
        return put
    unrecorded = None
    try:
        results = send_one(db, outbox_id, open_mailer)
    except NotRecorded as error:
        # The client is to know what the server said, whether or not it can be kept.
        results, unrecorded = error.results, error
    reply = _told(results) if results else db.read(lambda tx: _as_it_is(tx, outbox_id))
    return Came(reply, outbox_id, put.queue_id, unrecorded)


def heard(tx: Tx, outbox_id: int) -> None:
    """The client has the answer: the same mail again is another one."""
    rows.keep(tx, outbox_id, origin_key=None)


def _put(tx: Tx, who: Sender, mail: Submitted, prepared: Prepared) -> Came:
    """Came.reply counts only where there is nothing to be sent."""
    person = who.person
    refusal = admit(tx, who, mail.sender)
    if refusal is not None:
        return Came(refusal)
    origin_key = _key(person, mail, prepared)
    known_id = rows.by_origin(tx, person.segment_id, origin_key)
    known = None if known_id is None else rows.by_id(tx, known_id)
    if known is not None and (
        known.state in (rows.FAILED, rows.CANCELLED) or known.created_at < tx.now - DAY
    ):
        rows.keep(tx, known.id, origin_key=None)
        known = None
    if known is not None and known.state != rows.WAITING:
        return Came(_as_it_is(tx, known.id), known.id)
    mailer = choosing.mailer_for(tx, person.segment_id, person.id, mail.sender)
    assert mailer is not None
    outbox_id = outbox.put(
        tx,
        outbox.Letter(
            person.segment_id,
            outbox.SUBMISSION,
            mail.sender,
            tuple(outbox.Recipient(one, _kind(one, prepared)) for one in mail.recipients),
            prepared,
            principal_id=person.id,
            mailer_id=mailer.id,
            origin_key=origin_key,
            by_itself=False,
        ),
    )
    wanted = queue.Wanted(command=SUBMIT, outbox=outbox_id, sender=person.id)
    origin = queue.Origin(person.segment_id, incoming.SUBMISSION, wanted=wanted)
    taken = queue.add(tx, origin, queue.Fetched(str(outbox_id), mail.content), prepared)
    return Came(UNDER_WAY, outbox_id, taken.row_id)


def _key(person: Person, mail: Submitted, prepared: Prepared) -> str:
    digest = hashlib.sha256(prepared.sha256)
    for address in (key(mail.sender), *sorted(key(one) for one in mail.recipients)):
        digest.update(f"\n{address}".encode())
    return f"{outbox.SUBMISSION} {person.id} {digest.hexdigest()}"


def _kind(address: str, prepared: Prepared) -> str:
    """Where the header names it, for whoever looks at the outbox; nowhere: bcc."""
    for kind, boxes in (("to", prepared.mail.to), ("cc", prepared.mail.cc)):
        if any(key(one.address) == key(address) for one in boxes):
            return kind
    return "bcc"


def _as_it_is(tx: Tx, outbox_id: int) -> Reply:
    """For a mail that this attempt didn't send."""
    row = rows.by_id(tx, outbox_id)
    if row is None or row.state in (rows.WAITING, *rows.UNDER_WAY):
        return UNDER_WAY
    if row.state == rows.SENT:
        return Reply(250, "2.0.0", "It has been sent before; it isn't sent twice.")
    if row.state == rows.UNCERTAIN:
        return Reply(554, "5.4.2", MAYBE)
    return Reply(451, "4.3.0", f"Not sent. {row.text}")


def _told(results: Sequence[Result]) -> Reply:
    sent = [one for one in results if one.outcome == SENT]
    if len(sent) == len(results):
        return Reply(250, "2.0.0", f"Handed over: {sent[0].text}")
    if any(one.outcome == UNCERTAIN for one in results):
        return Reply(554, "5.4.2", MAYBE)
    others = [one for one in results if one.outcome != SENT]
    # Of those who weren't taken, whoever was refused says why the others weren't sent to.
    worst = next((one for one in others if one.outcome == REFUSED), None)
    if worst is None:
        worst = next((one for one in others if one.code), others[0])
    if sent:
        names = ", ".join(one.address for one in sent)
        what = f"Sent to {names} alone"
    else:
        what = "Not sent to anybody"
    code, status = _codes(worst)
    return Reply(code, status, f"{what}: {worst.address}: {worst.text}")


def _codes(result: Result) -> tuple[int, str]:
    """Those of the other server, where they fit."""
    wanted = "4" if result.outcome == LATER else "5"
    usual = (451, "4.4.0") if result.outcome == LATER else (554, "5.0.0")
    code, _, status = (result.code or "").partition(" ")
    if len(code) != 3 or not code.isdecimal() or code[0] != wanted or code == "421":
        return usual
    return int(code), status if status.startswith(f"{wanted}.") else usual[1]
