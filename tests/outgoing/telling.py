"""A segment whose people want to be told, with a clock that is set by hand."""

from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
from desk import LIMITS, Desk, content_of
from desk import mail as desk_mail
from mailroom import PLAIN
from sqlalchemy import select, update
from world import World

from imapgate.activities import by_hand, routing
from imapgate.folders import arriving, ready, records
from imapgate.folders.verdict import Outcome
from imapgate.incoming import filing, queue
from imapgate.incoming.account import RETRIES
from imapgate.outgoing import notifying
from imapgate.outgoing.carrying import carry_out
from imapgate.outgoing.notifying import subscriptions
from storage import Tx, events, mailers
from storage.schema import activity, mailer, outbox, outbox_recipient, pending_notification

START = 1_800_000_000


def letter(subject: str = "Hello", n: int | str = 1, sender: str = "erika@example.com") -> bytes:
    """A mail of that sender's to support."""
    return desk_mail(subject, n).replace(b"erika@example.com", sender.encode())


@dataclass
class Bell:
    """Who rings it, is told when `pass_on` and `tell` have run. now: the clock's seconds. wished:
    cases of which somebody wants to be told."""

    world: World
    now: int = START
    wished: list[int] = field(default_factory=list)

    def wish(self, who: str, *wanted: str, by: str = "inbox", **scope: Any) -> int:
        """group: a name, number: an activity's."""
        group = scope.pop("group", None)
        group_id = None if group is None else self.world.groups[group]
        person = self.world.people[who]
        made = self.world.db.write(
            lambda tx: subscriptions.add(
                tx, person, wanted, group_id=group_id, by=by, who="anna@host", **scope
            )
        )
        return made.id

    def pass_on(self) -> list[tuple[str, str | None]]:
        """(event, who did it) of what is gathered now."""
        names = {one.id: name for name, one in self.world.people.items()}
        found = self.world.db.read(lambda tx: events.oldest(tx, 0, 10_000))
        assert carry_out(self.world.db, 10_000) == len(found)
        return [(one.event, names.get(one.principal_id or 0)) for one in found]

    def tell(self, later: int = 120) -> int:
        """Passes on and tells what is due after so many seconds."""
        self.pass_on()
        self.now += later
        return notifying.tell_due(self.world.db)

    def inbox(self, who: str) -> list[EmailMessage]:
        """All notices in that person's INBOX."""
        found = Desk(self.world, self.world.people[who]).rows("INBOX")
        return [parsed(one.content) for one in found]

    def told(self, who: str) -> list[str]:
        """Lines of the changes that the notices in the INBOX tell, without times."""
        return [line for one in self.inbox(who) for line in changes(one)]

    def sent(self) -> list[tuple[Sequence[str], EmailMessage]]:
        """(recipients, mail) of each of the outbox."""

        def work(tx: Tx) -> list[tuple[Sequence[str], int]]:
            rows = tx.connection.execute(select(outbox).order_by(outbox.c.id)).all()
            return [
                (
                    tx.connection.execute(
                        select(outbox_recipient.c.address)
                        .where(outbox_recipient.c.outbox_id == row.id)
                        .order_by(outbox_recipient.c.position)
                    )
                    .scalars()
                    .all(),
                    row.stored_message_id,
                )
                for row in rows
            ]

        db = self.world.db
        return [
            (to, parsed(db.read(partial(content_of, stored_message_id=one))))
            for to, one in db.read(work)
        ]

    def waiting(self) -> int:
        """Rows that are gathered."""
        found = self.world.db.read(
            lambda tx: tx.connection.execute(select(pending_notification.c.id)).all()
        )
        return len(found)

    def mail_goes_out(self, **settings: Any) -> None:
        """The segment has a mailer from now on."""

        def work(tx: Tx) -> None:
            given = {"host": "localhost", "from": "crm@example.org", **settings}
            made = mailers.add(tx, None, "relay", "relay", None, given)
            tx.connection.execute(update(mailer).where(mailer.c.id == made).values(is_default=True))

        self.world.db.write(work)

    # -- what happens ------------------------------------------------------------------------

    def case(self, name: str = "Gadget", who: str | None = None, **more: Any) -> int:
        """The number of a new case in Support."""
        person = None if who is None else self.world.people[who]
        given = {"creator": "GadgetASupport", **more}
        return self.world.db.write(
            lambda tx: by_hand.new_activity(tx, self.world.segment_id, name, person=person, **given)
        )

    def follow_up(self, number: int, who: str | None = "bob", **more: Any) -> None:
        person = None if who is None else self.world.people[who]
        self.world.db.write(
            lambda tx: by_hand.follow_up(tx, self.world.segment_id, number, person=person, **more)
        )

    def drop(self, content: bytes, who: str = "bob", folder: str = "Trackers/Support") -> None:
        verdict = Desk(self.world, self.world.people[who]).append(folder, content)
        assert verdict.outcome is Outcome.DONE, verdict

    def comes_in(self, content: bytes, **policy: Any) -> Any:
        """By itself, filed in the administrator's name into Support."""
        prepared = ready.prepare(content, with_attached=True)
        group_id = self.world.groups["Support"]

        def work(tx: Tx) -> Any:
            person = routing.logging_person(tx, self.world.segment_id, None)
            assert person is not None
            return arriving.arrive(
                tx,
                person,
                prepared,
                ready.store(tx, self.world.segment_id, prepared),
                self.now,
                0,
                routing.Policy(group_id=group_id, **policy),
                records.Road(arriving.INCOMING, "account mails", None, ""),
                LIMITS,
            )

        return self.world.db.write(work)

    def fails(self, content: bytes = PLAIN, tries: int = RETRIES + 2) -> int:
        """A message of the queue that can't be filed: its row."""
        origin = queue.Origin(self.world.segment_id, "files", None, queue.Wanted(creator="Nobody"))
        (taken,) = queue.take(self.world.db, origin, [queue.Fetched(None, content)], LIMITS)
        for _ in range(tries):
            filing.file_one(self.world.db, taken.row_id, LIMITS)
        return taken.row_id

    def id_of(self, number: int) -> int:
        found = self.world.db.read(
            lambda tx: tx.connection.execute(
                select(activity.c.id).where(activity.c.number == number)
            ).scalar_one()
        )
        return int(found)


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def changes(mail: EmailMessage) -> list[str]:
    """What it tells, without times."""
    lines = [line for line in text_of(mail).splitlines() if line.startswith("- ")]
    return [line.removeprefix("- ").rpartition(" (")[0] or line for line in lines]


@pytest.fixture
def bell(world: World, monkeypatch: pytest.MonkeyPatch) -> Bell:
    """With the clock at START."""
    made = Bell(world)
    monkeypatch.setattr(time, "time", lambda: float(made.now))
    return made
