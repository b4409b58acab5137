"""Rows that the tests of storage stand on."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from sqlalchemy import insert, select

from storage import Database, Tx, messages, writer
from storage.schema import folder, meta, principal, segment

T = TypeVar("T")

IDS = messages.ObjectIds("M1", "T1")


def make_segment(tx: Tx) -> int:
    row = insert(segment).values(name="S", name_key="s", next_number=10000001, created_at=tx.now)
    return int(tx.connection.execute(row.returning(segment.c.id)).scalar_one())


def make_principal(tx: Tx, segment_id: int, name: str = "alice") -> int:
    row = insert(principal).values(
        segment_id=segment_id,
        name=name,
        name_key=name,
        password_hash="",
        is_admin=False,
        disabled=False,
        created_at=tx.now,
    )
    return int(tx.connection.execute(row.returning(principal.c.id)).scalar_one())


def make_folder(tx: Tx, segment_id: int, name: str = "f") -> int:
    row = insert(folder).values(
        segment_id=segment_id,
        kind="group",
        name=name,
        name_key=name,
        uidvalidity=1,
        uidnext=1,
        modseq=1,
        created_at=tx.now,
    )
    return int(tx.connection.execute(row.returning(folder.c.id)).scalar_one())


def make_message(tx: Tx, segment_id: int, content: bytes = b"x") -> int:
    digest = hashlib.sha256(content).digest()
    return messages.add(tx, segment_id, content, digest, digest, None, IDS)[0]


def put(key: str, value: str = "") -> Callable[[Tx], str]:
    """A request that leaves a mark."""

    def work(tx: Tx) -> str:
        tx.connection.execute(insert(meta), {"key": key, "value": value})
        return key

    return work


def marks(db: Database) -> set[str]:
    """The marks that stand, `put` by requests."""
    found = db.read(lambda tx: tx.connection.execute(select(meta.c.key)).scalars().all())
    return set(found) - {"made_by", "uidvalidity"}


class Call(threading.Thread):
    """A write on a thread of its own; what came of it in `value` or `error`."""

    def __init__(self, db: Database, work: Callable[[Tx], object]) -> None:
        super().__init__(daemon=True)
        self._db = db
        self._work = work
        self.value: object = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.value = self._db.write(self._work)
        except BaseException as error:  # noqa: BLE001 - kept for the test
            self.error = error


@contextmanager
def held_writer(db: Database) -> Iterator[Callable[[Callable[[Tx], object]], Call]]:
    """Holds the writer in a request of its own until the block ends; gives the function that puts
    further requests in the queue, in order. They are committed together with the holder."""
    running, go_on = threading.Event(), threading.Event()

    def hold(_tx: Tx) -> None:
        running.set()
        assert go_on.wait(30)

    patch = pytest.MonkeyPatch()
    patch.setattr(writer, "BATCH_SECONDS", 60.0)
    holding = Call(db, hold)
    assert running.wait(30)
    calls: list[Call] = []

    def ask(work: Callable[[Tx], object]) -> Call:
        calls.append(Call(db, work))
        end = time.monotonic() + 30
        while db._writer._requests.qsize() < len(calls):
            assert time.monotonic() < end
            time.sleep(0.001)
        return calls[-1]

    try:
        yield ask
    finally:
        go_on.set()
        for call in [holding, *calls]:
            call.join(30)
            assert not call.is_alive()
        patch.undo()
