"""Rows of what is set for a segment's mail that goes out."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from storage.engine import Tx
from storage.schema import outgoing_setting

_ONE = select(outgoing_setting.c.value).where(
    outgoing_setting.c.segment_id == bindparam("of_segment"),
    outgoing_setting.c.key == bindparam("wanted"),
)


def value(tx: Tx, segment_id: int, key: str) -> Any:
    """As JSON has it; None: nothing is set."""
    found = tx.connection.execute(_ONE, {"of_segment": segment_id, "wanted": key}).scalar()
    return None if found is None else json.loads(found)


def of_segment(tx: Tx, segment_id: int) -> dict[str, Any]:
    """All that is set, by key."""
    found = tx.connection.execute(
        select(outgoing_setting.c.key, outgoing_setting.c.value)
        .where(outgoing_setting.c.segment_id == segment_id)
        .order_by(outgoing_setting.c.key)
    )
    return {row.key: json.loads(row.value) for row in found}


def put(tx: Tx, segment_id: int, key: str, value: Any) -> None:
    """value: JSON-able, not None."""
    text = json.dumps(value, ensure_ascii=False)
    changed = tx.connection.execute(
        update(outgoing_setting)
        .where(outgoing_setting.c.segment_id == segment_id, outgoing_setting.c.key == key)
        .values(value=text)
    )
    if not changed.rowcount:
        tx.connection.execute(
            insert(outgoing_setting).values(segment_id=segment_id, key=key, value=text)
        )


def remove(tx: Tx, segment_id: int, key: str) -> None:
    """Nothing is set any more."""
    tx.connection.execute(
        delete(outgoing_setting).where(
            outgoing_setting.c.segment_id == segment_id, outgoing_setting.c.key == key
        )
    )
