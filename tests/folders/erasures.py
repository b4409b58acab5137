"""A private mail, and what is left of it, for the tests of erasing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk import LIMITS, Desk, mail
from sqlalchemy import select
from world import World

from imapgate.activities import show
from imapgate.folders import erasing, leaving
from imapgate.folders.erasing import Erased, Plan
from storage import Tx, messages
from storage.schema import DELETED, message, metadata

SUPPORT, SALES, ARCHIVE = "Trackers/Support", "Trackers/Sales", "Trackers/Archive"
MARK = "Zyxwmark"
PRIVATE = mail(
    f"{MARK} and #10000001",
    MARK,
    body=f"{MARK} text\r\n" * 400,
    extra=f"X-Note: {MARK}\r\n",
)


def planned(world: World, *numbers: int) -> Plan:
    return erasing.plan(world.db, world.segment_id, numbers, LIMITS)


def erase(world: World, *numbers: int) -> Erased:
    plan = planned(world, *numbers)
    return erasing.erase(world.db, world.segment_id, plan, "private", world.admin)


def shown(world: World, number: int) -> dict[str, Any]:
    return world.db.read(lambda tx: show.show_activity(tx, world.segment_id, number))


def expunge(desk: Desk, name: str, uids: Sequence[int]) -> None:
    desk.set_own(name, uids, DELETED)
    here = desk.folder(name)
    desk.world.db.write(lambda tx: leaving.expunge(tx, desk.person, here, None))


def everything(world: World) -> str:
    """All that stands in any table, as text."""

    def work(tx: Tx) -> str:
        cells = [
            cell
            for table in metadata.sorted_tables
            for row in tx.connection.execute(select(table))
            for cell in row
            if isinstance(cell, str | bytes)
        ]
        return "\n".join(
            cell if isinstance(cell, str) else cell.decode("latin-1") for cell in cells
        ).casefold()

    return world.db.read(work)


def check_whole(world: World) -> None:
    """No row refers to what isn't there, and nothing is left half erased."""

    def work(tx: Tx) -> list[Any]:
        return list(tx.connection.exec_driver_sql("PRAGMA foreign_key_check"))

    assert world.db.read(work) == []
    left = select(message.c.id).where(message.c.identity == messages.LEAVING)
    assert world.db.read(lambda tx: tx.connection.execute(left).all()) == []


def spread_about(world: World) -> World:
    """A private mail, #10000002, wherever a mail can get to."""
    alice, bob, carol = (Desk(world, world.people[name]) for name in ("alice", "bob", "carol"))
    alice.append(SUPPORT, mail("An incident", "i"))
    alice.append("INBOX", PRIVATE)
    alice.copy("INBOX", [1], SUPPORT)
    alice.copy("INBOX", [1], ARCHIVE)
    bob.copy(SUPPORT, [2], SALES)
    bob.copy(SUPPORT, [2], "Trash")
    bob.append(ARCHIVE, PRIVATE)
    expunge(bob, SALES, [1])
    carol.copy(SUPPORT, [2], "INBOX")
    alice.append("Drafts", b"X-Mozilla-Status: 0001\r\n" + PRIVATE + b"\r\n")
    alice.append("INBOX", mail("Nothing secret", 7))
    assert MARK.casefold() in everything(world)
    return world
