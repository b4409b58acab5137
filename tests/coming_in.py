"""Accounts and mail in the queue, for tests of what becomes of what can't be filed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from world import World

from imapgate.activities.names import key
from imapgate.folders import failed
from imapgate.incoming import queue
from imapgate.limits import Limits
from storage import Tx, accounts, incoming
from storage.schema import account, activity_creator

LIMITS = Limits()


def add_account(world: World, name: str = "mails", creator: str | None = None) -> int:
    """An account that files with this creator, None: as the segment has it."""

    def work(tx: Tx) -> int:
        made = accounts.add(
            tx,
            world.segment_id,
            name,
            key(name),
            "mailbox",
            True,
            creator_id(tx, world, creator),
            None,
            {},
        )
        failed.entitle(tx, world.segment_id)
        return made

    return world.db.write(work)


def set_creator(world: World, account_id: int, creator: str | None) -> None:
    def work(tx: Tx) -> None:
        tx.connection.execute(
            update(account)
            .where(account.c.id == account_id)
            .values(creator_id=creator_id(tx, world, creator))
        )
        failed.entitle(tx, world.segment_id)

    world.db.write(work)


def creator_id(tx: Tx, world: World, name: str | None) -> int | None:
    if name is None:
        return None
    found = tx.connection.execute(
        select(activity_creator.c.id).where(
            activity_creator.c.segment_id == world.segment_id,
            activity_creator.c.name_key == key(name),
        )
    ).scalar_one()
    return int(found)


def fail(
    world: World,
    content: bytes,
    account_id: int | None = None,
    code: str = failed.NO_CREATOR,
    wanted: queue.Wanted = queue.Wanted(),  # noqa: B008 (a value)
) -> int:
    """A message that was fetched and could not be filed; its row."""
    origin = queue.Origin(world.segment_id, f"account {account_id} INBOX", account_id, wanted)
    (taken,) = queue.take(world.db, origin, [queue.Fetched(None, content)], LIMITS)
    fail_again(world, taken.row_id, code)
    return taken.row_id


def fail_again(world: World, row_id: int, code: str) -> None:
    def work(tx: Tx) -> None:
        incoming.change(tx, row_id, state=incoming.FAILED, code=code, text="It was refused.")
        failed.show(tx, row_id)

    world.db.write(work)


def end(world: World, row_id: int, state: str = incoming.DISCARDED) -> None:
    """Its row waits no more."""

    def work(tx: Tx) -> None:
        incoming.change(tx, row_id, state=state)
        row = incoming.by_id(tx, row_id)
        assert row is not None
        assert row.stored_message_id is not None
        failed.settle(tx, row.stored_message_id)

    world.db.write(work)


def row(world: World, row_id: int) -> Any:
    found = world.db.read(lambda tx: incoming.by_id(tx, row_id))
    assert found is not None
    return found
