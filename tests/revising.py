"""What tests of activities' messages do and look at: a case of a small segment, changes of it, and
what stands in groups' folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desk import Desk
from sqlalchemy import select, update
from world import World

from imapgate.activities import by_hand, groups
from imapgate.activities.people import Person
from imapgate.folders.revisions import making
from imapgate.limits import Limits
from storage import Database, Tx, processes
from storage import activities as activity_rows
from storage.schema import activity_due, activity_revision, entry, rendering

AT_ONCE = Limits(revision_time=0)
"""Each change is a revision."""
SUPPORT, SALES = "Trackers/Support", "Trackers/Sales"


@dataclass(frozen=True, slots=True)
class Case:
    """An activity of another class than E-Mail."""

    world: World
    id: int
    number: int

    def write(self, person: Person | None, text: str) -> None:
        """A follow-up by that person."""
        self.world.db.write(
            lambda tx: by_hand.follow_up(
                tx,
                self.world.segment_id,
                self.number,
                title=text,
                text=text,
                person=person,
            )
        )

    def change(self, **columns: Any) -> None:
        """By nobody in particular."""
        self.world.db.write(lambda tx: activity_rows.change(tx, self.id, **columns))

    def close(self) -> None:
        """By nobody in particular."""

        def work(tx: Tx) -> None:
            process_id = processes.type_by_id(
                tx, activity_rows.by_id(tx, self.id).type_id
            ).process_id
            closed = next(one for one in processes.states(tx, process_id) if one.is_closed)
            activity_rows.change(tx, self.id, state_id=closed.id)

        self.world.db.write(work)

    def join(self, group: str) -> None:
        self._regroup(activity_rows.put_into_group, group)

    def leave(self, group: str) -> None:
        self._regroup(activity_rows.remove_from_group, group)

    def _regroup(self, how: Any, group: str) -> None:
        def work(tx: Tx) -> None:
            how(tx, self.id, self.world.groups[group])
            activity_rows.change(tx, self.id)

        self.world.db.write(work)

    def due(self) -> Any:
        """Its row of activity_due, None: it isn't due."""
        wanted = select(activity_due).where(activity_due.c.activity_id == self.id)
        return self.world.db.read(lambda tx: tx.connection.execute(wanted).first())

    def revision(self) -> int:
        wanted = select(activity_revision.c.number).where(
            activity_revision.c.activity_id == self.id
        )
        return self.world.db.read(lambda tx: tx.connection.execute(wanted).scalar()) or 0

    def renderings(self) -> list[Any]:
        """All that were ever written of it, oldest first."""
        wanted = select(rendering).where(rendering.c.activity_id == self.id)
        return list(
            self.world.db.read(
                lambda tx: tx.connection.execute(wanted.order_by(rendering.c.id)).all()
            )
        )

    def stands(self) -> list[tuple[int, int]]:
        """(folder's id, UID) of its messages."""
        wanted = select(entry.c.folder_id, entry.c.uid).where(
            entry.c.activity_id == self.id, entry.c.rendered
        )
        rows = self.world.db.read(
            lambda tx: tx.connection.execute(wanted.order_by(entry.c.folder_id, entry.c.uid)).all()
        )
        return [(row[0], row[1]) for row in rows]


def case(
    world: World,
    name: str = "Gadget does not boot",
    person: Person | None = None,
    beside: Sequence[str] = (),
) -> Case:
    """A new one in Support and in these groups, by that person."""

    def work(tx: Tx) -> Case:
        number = by_hand.new_activity(
            tx,
            world.segment_id,
            name,
            creator="GadgetASupport",
            groups=[groups.find_group(tx, world.segment_id, one) for one in beside],
            description="It stays dark.",
            person=person,
        )
        found = activity_rows.by_number(tx, world.segment_id, number)
        assert found is not None
        return Case(world, found.id, number)

    return world.db.write(work)


def make(db: Database, limits: Limits = AT_ONCE) -> int:
    """One pass, which makes all that is due."""
    return making.make_due(db, limits, most=200)


def unseen(world: World, name: str = SUPPORT) -> dict[str, list[int]]:
    """Of each user who sees that folder: UIDs unread."""
    found = {}
    for login, person in world.people.items():
        desk = Desk(world, person)
        if desk.find(name) is not None:
            found[login] = [one.uid for one in desk.rows(name) if not one.seen]
    return found


def calm(db: Database) -> None:
    """Nothing is due any more, without anything being made."""
    db.write(lambda tx: tx.connection.execute(activity_due.delete()))


def ago(db: Database, seconds: int) -> None:
    """What was made, was so long ago."""
    earlier = update(activity_revision).values(made_at=activity_revision.c.made_at - seconds)
    db.write(lambda tx: tx.connection.execute(earlier))
