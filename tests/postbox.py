"""Mail that comes in by itself, for tests: what an account's round does with one message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from world import World

from imapgate.activities import by_hand, contacts, creators, routing, show
from imapgate.activities.contacts import Contact
from imapgate.folders import ready as ready_made
from imapgate.folders import records
from imapgate.folders.arriving import INCOMING, Arrived, NotFiled, arrive
from imapgate.folders.marks import Marks
from imapgate.limits import Limits
from imapgate.mime.automatic import kind_of
from storage import Tx

NO_MARKS = Marks()
ROAD = records.Road(INCOMING, "account support", None, "")


def letter(
    subject: str = "It does not boot",
    n: int | str = 1,
    *,
    sender: str = "Erika <erika@example.com>",
    to: str = "support@example.org",
    text: str = "Please help.",
    extra: str = "",
) -> bytes:
    """A small mail; n makes it another one. sender empty: no From."""
    from_ = f"From: {sender}\r\n" if sender else ""
    return (
        f"{from_}To: {to}\r\nSubject: {subject}\r\nDate: Mon, 06 Jan 2025 10:00:00 +0000\r\n"
        f"Message-ID: <l{n}@example.com>\r\n{extra}\r\n{text}\r\n"
    ).encode()


@dataclass
class Postbox:
    """An account of the small segment. policy: of routing.Policy, what differs from the usual.
    logging_user: a name, None: the administrator."""

    world: World
    policy: dict[str, Any] = field(default_factory=dict)
    logging_user: str | None = None

    def try_(self, content: bytes, marks: Marks = NO_MARKS, **policy: Any) -> Arrived | NotFiled:
        prepared = ready_made.prepare(content, with_attached=True)
        wanted: dict[str, Any] = {"automatic": kind_of(prepared.mail), **self.policy, **policy}
        logging = self.logging_user and self.world.people[self.logging_user].id

        def work(tx: Tx) -> Arrived | NotFiled:
            person = routing.logging_person(tx, self.world.segment_id, logging or None)
            assert person is not None
            stored = ready_made.store(tx, self.world.segment_id, prepared)
            return arrive(
                tx,
                person,
                prepared,
                stored,
                1_700_000_000,
                60,
                routing.Policy(**wanted),
                ROAD,
                Limits(),
                marks,
            )

        return self.world.db.write(work)

    def take(self, content: bytes, marks: Marks = NO_MARKS, **policy: Any) -> Arrived:
        """As `try_`, where it must be filed."""
        came = self.try_(content, marks, **policy)
        assert isinstance(came, Arrived), came
        return came

    def creator(self, name: str) -> int:
        found = self.world.db.read(
            lambda tx: creators.find_creator(tx, self.world.segment_id, name)
        )
        return found.id

    def incident(self, name: str = "Gadget is dead", **fields: Any) -> int:
        """The number of a new incident in Support."""
        return self.world.db.write(
            lambda tx: by_hand.new_activity(
                tx, self.world.segment_id, name, creator="GadgetASupport", **fields
            )
        )

    def contact(
        self, name: str, *addresses: str, is_customer: bool = True, is_staff: bool = False
    ) -> Contact:
        return self.world.db.write(
            lambda tx: contacts.add_contact(
                tx, self.world.segment_id, name, addresses, is_customer, is_staff
            )
        )

    def contacts(self) -> dict[str, Contact]:
        """By name."""
        found = self.world.db.read(lambda tx: contacts.list_contacts(tx, self.world.segment_id))
        return {one.name: one for one in found}

    def show(self, number: int) -> dict[str, Any]:
        return self.world.db.read(lambda tx: show.show_activity(tx, self.world.segment_id, number))

    def numbers(self, activity_class: str | None = None) -> list[int]:
        found = self.world.db.read(
            lambda tx: show.list_activities(
                tx, self.world.segment_id, activity_class=activity_class
            )
        )
        return [one["number"] for one in found]


def outcomes(came: Arrived) -> list[tuple[int, str]]:
    return [(one.number, one.outcome) for one in came.numbers]
