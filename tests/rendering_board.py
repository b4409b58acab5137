"""Activities looked at as messages: a segment, and what is done to its activities."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from desk import LIMITS
from world import World

from imapgate.activities import by_hand
from imapgate.activities.people import Person
from imapgate.folders.rendering import message
from imapgate.limits import Limits
from storage import activities, links


@dataclass(frozen=True)
class Board:
    world: World
    limits: Limits = LIMITS

    def new(self, name: str = "Gadget does not boot", **more: Any) -> int:
        """An incident in Support; its number."""
        given = {"creator": "GadgetASupport", "person": self.world.alice, **more}
        return self.world.db.write(
            lambda tx: by_hand.new_activity(tx, self.world.segment_id, name, **given)
        )

    def id(self, number: int) -> int:
        found = self.world.db.read(
            lambda tx: activities.by_number(tx, self.world.segment_id, number)
        )
        assert found is not None
        return found.id

    def change(self, number: int, **columns: Any) -> None:
        activity_id = self.id(number)
        self.world.db.write(lambda tx: activities.change(tx, activity_id, **columns))

    def follow_up(
        self, number: int, title: str, text: str = "", person: Person | None = None
    ) -> None:
        who = person or self.world.bob
        self.world.db.write(
            lambda tx: by_hand.follow_up(
                tx, self.world.segment_id, number, title=title, text=text, person=who
            )
        )

    def link(self, number: int, to: int) -> None:
        one, other = self.id(number), self.id(to)
        self.world.db.write(lambda tx: links.add_link(tx, one, other, "RELATES_TO"))

    def put_into(self, number: int, group: str) -> None:
        activity_id = self.id(number)
        self.world.db.write(
            lambda tx: activities.add_to_group(tx, activity_id, self.world.groups[group])
        )

    def octets(self, number: int, group: str = "Support", revision: int = 1) -> bytes:
        activity_id, group_id = self.id(number), self.world.groups[group]
        made = self.world.db.read(
            lambda tx: message.render(tx, activity_id, group_id, revision, self.limits)
        )
        return bytes(made.content)

    def mail(self, number: int, group: str = "Support", revision: int = 1) -> EmailMessage:
        read = message_from_bytes(self.octets(number, group, revision), policy=policy.default)
        assert isinstance(read, EmailMessage)
        return read

    def text(self, number: int, group: str = "Support") -> str:
        return self._part(number, group, "plain")

    def html(self, number: int, group: str = "Support") -> str:
        return self._part(number, group, "html")

    def _part(self, number: int, group: str, subtype: str) -> str:
        part = self.mail(number, group).get_body((subtype,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")
