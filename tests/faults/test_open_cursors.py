"""What fails halfway through reading rows leaves a cursor behind, and with it a snapshot of its
time: nobody after it may be shut out by it, nor see the past."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select

from storage import Database, Tx
from storage.schema import meta


def halfway(tx: Tx) -> None:
    rows = iter(tx.connection.execute(select(meta.c.key)))
    next(rows)
    raise KeyError("of ours")


def keys(tx: Tx) -> set[str]:
    return set(tx.connection.execute(select(meta.c.key)).scalars())


def add(tx: Tx) -> None:
    tx.connection.execute(meta.insert(), {"key": "mine", "value": ""})


def test_the_writer_goes_on_after_another_process_has_committed(db: Database) -> None:
    with pytest.raises(KeyError) as _alive:
        db.write(halfway)
    with closing(sqlite3.connect(db.path)) as other, other:
        other.execute("INSERT INTO meta VALUES ('other', '')")
    db.write(add)
    assert {"mine", "other"} <= db.read(keys)


def test_the_next_reader_sees_what_was_committed_since(db: Database) -> None:
    with pytest.raises(KeyError) as _alive:
        db.read(halfway)
    db.write(add)
    assert "mine" in db.read(keys)
