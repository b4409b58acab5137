"""Which principals' dialogues are to be written to a file, and until when."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, delete, insert, select

from storage.engine import Tx
from storage.schema import meta

_PREFIX = "trace:"
_ALL = select(meta.c.key, meta.c.value).where(meta.c.key.startswith(_PREFIX, autoescape=True))
_ONE = select(meta.c.value).where(meta.c.key == bindparam("of_key"))


def wanted(tx: Tx) -> list[tuple[int, str, int]]:
    """(principal, file name, until in seconds since 1970 UTC) of each."""
    return [
        (int(row.key.removeprefix(_PREFIX)), *json.loads(row.value))
        for row in tx.connection.execute(_ALL)
    ]


def want(tx: Tx, principal_id: int, file: str, until: int) -> None:
    """In place of another one for the same principal. The servers are told."""
    key = f"{_PREFIX}{principal_id}"
    tx.connection.execute(delete(meta).where(meta.c.key == key))
    tx.connection.execute(insert(meta).values(key=key, value=json.dumps([file, until])))
    tx.touch_people()


def end(tx: Tx, principal_id: int, file: str) -> None:
    """Nothing happens if another one has taken its place. The servers are told."""
    key = f"{_PREFIX}{principal_id}"
    value = tx.connection.execute(_ONE, {"of_key": key}).scalar()
    if value is not None and json.loads(value)[0] == file:
        tx.connection.execute(delete(meta).where(meta.c.key == key))
        tx.touch_people()
