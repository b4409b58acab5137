"""Activities on their way out, for tests of what goes into the outbox: filed, assigned, sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desk import Desk, content_of
from sqlalchemy import select
from world import World

from imapgate.activities import by_hand
from imapgate.activities.names import key
from imapgate.activities.people import Person
from imapgate.activities.show import show_activity
from imapgate.folders.verdict import Outcome
from imapgate.mime.mail import Mail
from imapgate.mime.reading import read
from imapgate.outgoing import carrying
from imapgate.outgoing.composing.composed import Came
from storage import Tx, activities, events, mailers, outbox
from storage.schema import activity as activity_table
from storage.schema import outbox as outbox_table

SEND = "Send as mail"
EXPORT = "Export as mail attachment"


def add_mailer(world: World, name: str = "out", segment: bool = True, **settings: Any) -> int:
    """A default one, of the segment or of all, at a server where nobody listens."""
    wanted = {"host": "127.0.0.1", "security": "none", "from": "crm@example.org", **settings}

    def work(tx: Tx) -> int:
        segment_id = world.segment_id if segment else None
        made = mailers.add(tx, segment_id, name, key(name), None, wanted)
        mailers.set_default(tx, segment_id, made)
        return made

    return world.db.write(work)


@dataclass(frozen=True, slots=True)
class Posting:
    """One person at work on e-mail activities of Support."""

    world: World
    person: Person

    def file(self, content: bytes, assign: bool = True) -> int:
        """The number of the mail's activity."""
        desk = Desk(self.world, self.person)
        verdict = desk.append("Trackers/Support", content)
        assert verdict.outcome is Outcome.DONE, verdict
        newest = desk.rows("Trackers/Support")[-1].activity_id
        number = self.world.db.read(
            lambda tx: tx.connection.execute(
                select(activity_table.c.number).where(activity_table.c.id == newest)
            ).scalar_one()
        )
        if assign:
            self.take(number, "Assign")
        return int(number)

    def take(self, number: int, transition: str) -> list[int]:
        """A transition; the ids of the events that it left."""

        def work(tx: Tx) -> list[int]:
            by_hand.follow_up(
                tx, self.world.segment_id, number, transition=transition, person=self.person
            )
            return [one.id for one in events.of_activity(tx, self.id(tx, number))]

        return self.world.db.write(work)

    def send(self, number: int, transition: str = SEND) -> Came:
        """What came of the transition."""
        left = self.take(number, transition)
        (came,) = carrying.carry_out_actions(self.world.db, left)
        return came

    def sent(self, number: int, transition: str = SEND) -> Sent:
        """The mail that it became."""
        return sent(self.world, self.send(number, transition).row_id)

    def show(self, number: int) -> dict[str, Any]:
        return self.world.db.read(lambda tx: show_activity(tx, self.world.segment_id, number))

    def id(self, tx: Tx, number: int) -> int:
        found = activities.by_number(tx, self.world.segment_id, number)
        assert found is not None
        return found.id


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail of the outbox. recipients: (kind, address)."""

    row: outbox.OutboxRow
    content: bytes
    recipients: list[tuple[str, str]]

    @property
    def mail(self) -> Mail:
        return read(self.content).mail

    def field(self, name: str) -> list[str]:
        """The values of the fields of that name, unfolded."""
        head = self.content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode()
        split = (line.partition(": ") for line in head.split("\r\n"))
        return [value for known, _, value in split if known.lower() == name.lower()]


def sent(world: World, row_id: int | None) -> Sent:
    assert row_id is not None

    def work(tx: Tx) -> Sent:
        row = outbox.by_id(tx, row_id)
        assert row is not None
        recipients = [(one.kind, one.address) for one in outbox.recipients(tx, row_id)]
        return Sent(row, content_of(tx, row.stored_message_id), recipients)

    return world.db.read(work)


def queued(world: World) -> int:
    """How many mails are in the outbox."""
    return len(
        world.db.read(lambda tx: tx.connection.execute(select(outbox_table.c.id)).scalars().all())
    )
