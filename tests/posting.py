"""Mails of the outbox, and a mailer's server that does as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import SMTP

from world import World

from imapgate.folders import ready
from imapgate.mime.index import Content
from imapgate.outgoing import outbox
from imapgate.outgoing.delivery import LATER, REFUSED, SENT, UNCERTAIN, Deliver, Envelope, Result
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.outbox import Letter, Recipient
from storage import Database, Tx, mailers
from storage import outbox as rows
from storage.outbox import OutboxRow

ANN, BEN, CAT = "ann@example.net", "ben@example.net", "cat@example.net"
ANSWERS = {
    SENT: ("250 2.0.0", "taken as 4711"),
    REFUSED: ("550 5.1.1", "no such user"),
    LATER: ("451 4.7.1", "come back later"),
    UNCERTAIN: (None, "the connection was lost"),
}

Said = str | Exception
"""An outcome, or what is raised instead of any answer."""


@dataclass
class Relay:
    """A server (an OpenMailer, too). script: for each attempt what comes of it: one outcome for
    all, or one for each address; at its end everybody is SENT. taken: (mailer's name, envelope,
    octets) of what was handed over, with those who got it; attempts: whom each was for. before:
    called before the handing over; during: after it, before the answer."""

    script: list[Said | dict[str, str]] = field(default_factory=list)
    taken: list[tuple[str, Envelope, bytes]] = field(default_factory=list)
    attempts: list[tuple[str, ...]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    during: Callable[[], None] = lambda: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, mailer: Mailer) -> Deliver:
        def deliver(
            envelope: Envelope, content: Content, before_end: Callable[[], None]
        ) -> tuple[Result, ...]:
            return self._deliver(mailer, envelope, content, before_end)

        return deliver

    def _deliver(
        self,
        mailer: Mailer,
        envelope: Envelope,
        content: Content,
        before_end: Callable[[], None],
    ) -> tuple[Result, ...]:
        with self.lock:
            self.attempts.append(envelope.recipients)
            said = self.script.pop(0) if self.script else SENT
        self.before()
        if isinstance(said, Exception):
            raise said
        of = said if isinstance(said, dict) else dict.fromkeys(envelope.recipients, said)
        results = tuple(
            Result(one, of.get(one, SENT), *ANSWERS[of.get(one, SENT)])
            for one in envelope.recipients
        )
        took = tuple(one.address for one in results if one.outcome in (SENT, UNCERTAIN))
        if envelope.whole and len(took) < len(results):
            results = tuple(
                Result(one.address, LATER, None, "not sent: another recipient wasn't taken")
                if one.address in took
                else one
                for one in results
            )
            took = ()
        if took:
            before_end()
            with self.lock:
                kept = replace(envelope, recipients=took)
                self.taken.append((mailer.name, kept, bytes(content)))
            self.during()
        return results

    def got(self) -> list[str]:
        """Everybody who ever got a mail, as often as that."""
        return [one for _, envelope, _ in self.taken for one in envelope.recipients]


def mail(subject: str = "Hello", text: str = "How are you?\n", sender: str = ANN) -> bytes:
    """A small mail's octets."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = ANN
    made["Subject"] = subject
    made["Message-ID"] = f"<{subject.replace(' ', '.')}@example.org>"
    made.set_content(text)
    return made.as_bytes()


def with_mailer(world: World, name: str = "main", segment: bool = True) -> int:
    """The default one of the segment, or of all; its server is a Relay, wherever it says it is."""

    def work(tx: Tx) -> int:
        where = world.segment_id if segment else None
        settings = {"host": "127.0.0.1", "security": "none", "from": "crm@example.org"}
        mailer_id = mailers.add(tx, where, name, name, None, settings)
        mailers.set_default(tx, where, mailer_id)
        return mailer_id

    return world.db.write(work)


def put(
    world: World,
    to: Sequence[str] = (ANN,),
    content: bytes | None = None,
    kind: str = outbox.ACTIVITY,
    **more: object,
) -> int:
    """The mail's number."""
    prepared = ready.prepare(mail() if content is None else content)
    letter = Letter(
        world.segment_id,
        kind,
        str(more.pop("sender", "crm@example.org")),
        tuple(Recipient(one) for one in to),
        prepared,
        **more,  # type: ignore[arg-type]
    )
    return world.db.write(lambda tx: outbox.put(tx, letter))


def row_of(db: Database, row_id: int) -> OutboxRow:
    found = db.read(lambda tx: rows.by_id(tx, row_id))
    assert found is not None
    return found


def states(db: Database, row_id: int) -> dict[str, str]:
    """address -> state."""
    return {one.address: one.state for one in db.read(lambda tx: rows.recipients(tx, row_id))}


def make_due(db: Database, row_ids: Iterable[int]) -> None:
    """What waits for its next attempt has waited."""
    for one in row_ids:
        db.write(lambda tx, one=one: rows.keep(tx, one, next_at=tx.now))  # type: ignore[misc]
