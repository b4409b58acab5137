"""A server with a spool, whose database can be away, for the tests of what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from desk import Desk
from transcript import Stage
from world import World

from imapgate.folders.spool import Spool
from imapgate.limits import Limits


def mail(subject: str, size: int = 6) -> bytes:
    return f"From: erika@example.net\r\nSubject: {subject}\r\n\r\n{'x' * size}\r\n".encode()


def staged(world: World, limits: Limits | None = None) -> Stage:
    limits = limits or replace(Limits(), login_delay=0.0)
    return Stage(world, limits, spool=Spool(world.db.path.parent / "spool", limits))


@contextmanager
def away(world: World) -> Iterator[None]:
    path = world.db.path
    moved = path.rename(path.with_name("moved.db"))
    try:
        yield
    finally:
        moved.rename(path)


def kept(world: World, who: str = "alice") -> list[bytes]:
    return [content for content, _ in Desk(world, world.people[who]).recovered()]


ONE, TWO = mail("one"), mail("two")
