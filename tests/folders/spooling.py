"""A world whose database can be away, and a spool beside it, for the tests of the spool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desk import LIMITS, Desk
from sqlalchemy import select
from world import World

from imapgate.folders import drops
from imapgate.folders.drops import Arrival
from imapgate.folders.spool import Spool
from imapgate.folders.verdict import Verdict
from imapgate.limits import Limits
from storage.schema import meta

SUPPORT, ARCHIVE = "Trackers/Support", "Trackers/Archive"
KEPT = (
    "Not filed: the database is away. Your mail stays where it was; "
    "a copy is kept and comes to Recovered Messages."
)


@dataclass
class Place:
    """A world whose database can be away, and a spool beside it."""

    world: World
    spool: Spool

    def append(
        self,
        who: str,
        name: str,
        *contents: bytes,
        at: int | None = None,
        limits: Limits = LIMITS,
        flags: tuple[bytes, ...] = (),
    ) -> Verdict:
        arrivals = [Arrival(one, flags, at, 60 if at else 0) for one in contents]
        person = self.world.people[who]
        db = self.world.db
        return drops.append(db, person, name, arrivals, "Test 1.0", limits, self.spool)

    def desk(self, who: str) -> Desk:
        return Desk(self.world, self.world.people[who])

    def recovered(self, who: str) -> list[bytes]:
        return [content for content, _ in self.desk(who).recovered()]

    @property
    def files(self) -> list[Path]:
        directory = self.world.db.path.parent / "spool"
        return sorted(directory.iterdir()) if directory.exists() else []

    @property
    def directory(self) -> Path:
        return self.world.db.path.parent / "spool"

    def anew(self, limits: Limits = LIMITS) -> Spool:
        """As after a start."""
        self.spool = Spool(self.directory, limits)
        return self.spool

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """The database file is moved away."""
        path = self.world.db.path
        moved = path.rename(path.with_name("moved.db"))
        try:
            yield
        finally:
            moved.rename(path)


def marks(place: Place) -> list[str]:
    """Keys of what was taken in and isn't known to have left the spool."""
    return place.world.db.read(
        lambda tx: list(
            tx.connection.execute(
                select(meta.c.key).where(meta.c.key.startswith("spooled:"))
            ).scalars()
        )
    )
