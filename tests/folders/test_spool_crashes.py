"""The spool against crashes at random: what was promised is there once, whatever happens."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, Desk, mail, records
from sqlalchemy import select
from world import World, build

from imapgate.folders import drops
from imapgate.folders.drops import Arrival
from imapgate.folders.spool import Spool
from storage import Database
from storage.engine import Unavailable
from storage.schema import meta

STEPS = 40
REPLACE = os.replace
FOLDERS = ("Trackers/Support", "Trackers/Archive", "Sent")


class Crash(BaseException):
    """Nothing after it is done; what was written stays."""


class Machine:
    """A process that is started anew after each crash."""

    def __init__(self, world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.patch = monkeypatch
        self.directory = world.db.path.parent / "spool"
        self.spool = Spool(self.directory, LIMITS)
        self.dropping: list[str] = []
        self.written: Counter[str] = Counter()
        self.promised: Counter[str] = Counter()

    @contextmanager
    def crashing(self, away: bool) -> Iterator[None]:
        """Perhaps a crash at one of the next calls that change something."""
        left = self.random.randint(0, 12)
        left = left if left < 9 else 10**9

        def counted(call: Callable[..., Any], before: bool) -> Callable[..., Any]:
            def work(*args: Any, **options: Any) -> Any:
                nonlocal left
                left -= 1
                if left < 0 and before:
                    raise Crash
                result = call(*args, **options)
                if left < 0:
                    raise Crash
                return result

            return work

        before = bool(self.random.getrandbits(1))
        db = self.world.db
        with self.patch.context() as patch:
            patch.setattr(os, "fsync", counted(os.fsync, before))
            patch.setattr(os, "replace", counted(self._replace, before))
            patch.setattr(Path, "unlink", counted(Path.unlink, before))
            patch.setattr(db, "write", _away if away else counted(db.write, before))
            try:
                yield
            except Crash:
                self.spool = Spool(self.directory, LIMITS)

    def _replace(self, old: Path, new: Path) -> None:
        REPLACE(old, new)
        if Path(new).suffix == ".json":
            self.written.update(self.dropping)

    def drop(self) -> None:
        names = self.random.sample("abcdef", self.random.randint(1, 3))
        self.dropping = names
        arrivals = [Arrival(mail(n=name), (), None, 0) for name in names]
        folder = self.random.choice(FOLDERS)
        alice, db = self.world.alice, self.world.db
        with self.crashing(away=True):
            verdict = drops.append(db, alice, folder, arrivals, "Test", LIMITS, self.spool)
            assert "a copy is kept" in verdict.text
            self.promised.update(names)

    def take_in(self) -> None:
        with self.crashing(away=False):
            self.spool.take_in(self.world.db)


def _away(_work: object) -> Any:
    raise Unavailable("the database is locked by another process")


@pytest.mark.parametrize("seed", range(12))
def test_what_was_promised_is_there_once(
    db: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message whose answer said that a copy is kept stands in Recovered Messages once, and
    every try that was written down is on record once; no file is left over."""
    machine = Machine(build(db), seed, monkeypatch)
    for _ in range(STEPS):
        if machine.random.random() < 0.6:
            machine.drop()
        else:
            machine.take_in()
    Spool(machine.directory, LIMITS).take_in(db)
    assert not list(machine.directory.iterdir())
    left = select(meta.c.key).where(meta.c.key.startswith("spooled:"))
    assert db.read(lambda tx: tx.connection.execute(left).all()) == []
    there = [content for content, _ in Desk(machine.world, machine.world.alice).recovered()]
    names = Counter(name for name in "abcdef" for content in there if content == mail(n=name))
    assert set(names.values()) == {1}
    assert set(machine.promised) <= set(names) == set(machine.written)
    recorded: Counter[str] = Counter()
    for one in records(machine.world):
        recorded[one.message_id[1]] += one.times
    assert recorded == machine.written
    assert machine.promised <= machine.written
