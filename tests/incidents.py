"""Activities that aren't mails, as people make and change them, for tests of what is shown of
them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from world import World

from imapgate.activities import by_hand, groups, show
from imapgate.activities.people import Person
from imapgate.folders.activity_folders.settling import settle
from storage import activities


class Numbered(Protocol):
    """What has a folder."""

    @property
    def number(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Incident:
    """id: of its row."""

    world: World
    id: int
    number: int

    def change(self, **columns: Any) -> None:
        """And what follows from it in folders."""

        def work(tx: Any) -> None:
            activities.change(tx, self.id, **columns)
            settle(tx, self.id)

        self.world.db.write(work)

    def take(self, *transitions: str, by: Person | None = None) -> None:
        def work(tx: Any) -> None:
            for one in transitions:
                by_hand.follow_up(tx, self.world.segment_id, self.number, transition=one, person=by)
            settle(tx, self.id)

        self.world.db.write(work)

    def close(self) -> None:
        self.take("Assign", "Complete", "Close")


def incident(
    world: World,
    name: str = "Gadget does not boot",
    *beside: str,
    contact: str | None = None,
    person: Person | None = None,
    assigned_to: Person | None = None,
    creator: str | None = "GadgetASupport",
    type_name: str | None = None,
) -> Incident:
    """In Support, and in the groups named beside it; by a type's name only in these."""

    def work(tx: Any) -> Incident:
        number = by_hand.new_activity(
            tx,
            world.segment_id,
            name,
            creator=None if type_name else creator,
            type_name=type_name,
            groups=[groups.group_by_id(tx, world.groups[one]) for one in beside],
            contact=contact,
            person=person,
        )
        found = activities.by_number(tx, world.segment_id, number)
        assert found is not None
        if assigned_to is not None:
            activities.change(tx, found.id, assigned_to_id=assigned_to.id)
        return Incident(world, found.id, number)

    return world.db.write(work)


def follow_ups(one: Incident) -> list[str]:
    """Their titles, in the order of their making."""
    shown = one.world.db.read(lambda tx: show.show_activity(tx, one.world.segment_id, one.number))
    return [found["title"] for found in shown["follow_ups"]]


def inside(one: Numbered, place: str = "Support") -> str:
    """The name of its folder, by its number alone."""
    return f"Activities/{place}/#{one.number}"
