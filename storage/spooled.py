"""Rows that taking in the spool looks at and leaves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import delete, insert, select, update

from storage.engine import Tx
from storage.schema import drop_record, entry, meta

PREFIX = "spooled:"
"""Of a key in meta: what was taken in, and is not yet known to have left the spool."""
CHUNK = 500
"""Values of one IN list."""

T = TypeVar("T")


def times_taken(tx: Tx, token: str) -> int:
    """How many tries of a spooled drop have been taken in; 0 if it is new."""
    found = tx.connection.execute(select(meta.c.value).where(meta.c.key == PREFIX + token)).scalar()
    return 0 if found is None else int(found)


def set_taken(tx: Tx, token: str, times: int) -> None:
    """Goes with the transaction that takes it in, so that nothing is taken in twice."""
    key = PREFIX + token
    done = tx.connection.execute(update(meta).where(meta.c.key == key).values(value=str(times)))
    if not done.rowcount:
        tx.connection.execute(insert(meta).values(key=key, value=str(times)))


def forget_taken(tx: Tx, but: Collection[str]) -> None:
    """Of all that isn't in the spool any more. but: tokens that are."""
    kept = {PREFIX + token for token in but}
    known = tx.connection.execute(
        select(meta.c.key).where(meta.c.key.startswith(PREFIX, autoescape=True))
    ).scalars()
    for key in [one for one in known if one not in kept]:
        tx.connection.execute(delete(meta).where(meta.c.key == key))


def filed_since(
    tx: Tx, principal_id: int, identities: Collection[bytes], since: int
) -> frozenset[bytes]:
    """Those of the mails that this person has filed since then (seconds since 1970)."""
    return frozenset(
        one
        for some in _chunks(list(identities))
        for one in tx.connection.execute(
            select(drop_record.c.identity).where(
                drop_record.c.principal_id == principal_id,
                drop_record.c.identity.in_(some),
                drop_record.c.verdict == "filed",
                drop_record.c.at >= since,
            )
        ).scalars()
    )


def saved_since(
    tx: Tx, folder_id: int, stored_message_ids: Collection[int], since: int
) -> frozenset[int]:
    """Those of the messages that were put into the folder since then, and stand there."""
    return frozenset(
        one
        for some in _chunks(list(stored_message_ids))
        for one in tx.connection.execute(
            select(entry.c.stored_message_id).where(
                entry.c.folder_id == folder_id,
                entry.c.stored_message_id.in_(some),
                entry.c.saved_at >= since,
            )
        ).scalars()
    )


def _chunks(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
