"""Cases that people wrote to, and the mails that come of them, for tests of templates."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from desk import Desk, content_of
from postbox import Postbox, letter
from sqlalchemy import select
from world import World

from imapgate.activities import by_hand, creators, process_templates
from imapgate.activities.names import key
from imapgate.limits import Limits
from imapgate.outgoing import carrying
from imapgate.outgoing.composing.composed import Came
from imapgate.outgoing.templates import drafting
from imapgate.outgoing.templates.drafting import Draft
from storage import Tx, events, mailers
from storage.schema import outbox, outbox_recipient

BUG = "Bug and feature"


def parsed(octets: bytes) -> EmailMessage:
    return email.message_from_bytes(octets, policy=email.policy.default)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Casework:
    """The small segment, whose account makes a bug in Support of each mail."""

    world: World

    @property
    def box(self) -> Postbox:
        box = Postbox(self.world)
        box.policy = {"creator_id": box.creator("GadgetASupport"), "stranger": "link"}
        return box

    def mailer(self, address: str = "crm@example.org") -> None:
        """The segment's default one."""
        settings = {"host": "127.0.0.1", "security": "none", "from": address}

        def work(tx: Tx) -> None:
            made = mailers.add(tx, self.world.segment_id, "out", key("out"), None, settings)
            mailers.set_default(tx, self.world.segment_id, made)

        self.world.db.write(work)

    def case(self, **of_letter: Any) -> int:
        """The number of the bug that a mail became."""
        came = self.box.take(letter(**of_letter))
        assert came.case is not None
        return came.case

    def draft(
        self,
        number: int,
        template: str = "reply",
        *to: str,
        who: str = "alice",
        limits: Limits = Limits(),  # noqa: B008 (a value)
    ) -> tuple[Draft, EmailMessage]:
        """As `activity mail` tells it, and as it stands in Drafts."""
        person = self.world.people[who]
        told = drafting.draft(self.world.db, person, number, template, to, limits)
        row = Desk(self.world, person).rows(told.folder)[-1]
        assert row.uid == told.uid
        return told, parsed(row.content)

    def sends(self, template: str, *to: str, transition: str = "Assign") -> None:
        """From now on the transition of bugs does."""
        self.world.db.write(
            lambda tx: process_templates.send_template(
                tx, self.world.segment_id, BUG, transition, template, to, "anna"
            )
        )

    def moves(self, transition: str = "Assign") -> None:
        """Follow-ups of mails take it from now on."""
        self.world.db.write(
            lambda tx: creators.edit_creator(
                tx, self.world.segment_id, "GadgetASupport", follow_up_transition=transition
            )
        )

    def take(self, number: int, transition: str = "Assign", who: str = "alice") -> list[Came]:
        """What came of the events that it left."""
        self.world.db.write(
            lambda tx: by_hand.follow_up(
                tx,
                self.world.segment_id,
                number,
                transition=transition,
                person=self.world.people[who],
            )
        )
        return self.carry_out()

    def carry_out(self) -> list[Came]:
        left = [one.id for one in self.world.db.read(lambda tx: events.oldest(tx, 0, 100))]
        return carrying.carry_out_actions(self.world.db, left)

    def went(self) -> list[tuple[Any, list[str], EmailMessage]]:
        """(row, recipients, mail) of all that is in the outbox."""

        def work(tx: Tx) -> list[tuple[Any, list[str], EmailMessage]]:
            rows: Sequence[Any] = tx.connection.execute(select(outbox).order_by(outbox.c.id)).all()
            return [
                (
                    row,
                    list(
                        tx.connection.execute(
                            select(outbox_recipient.c.address).where(
                                outbox_recipient.c.outbox_id == row.id
                            )
                        ).scalars()
                    ),
                    parsed(content_of(tx, row.stored_message_id)),
                )
                for row in rows
            ]

        return self.world.db.read(work)
