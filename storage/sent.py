"""By what was sent of an activity: which one an answer is about."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from storage.engine import Tx
from storage.schema import outbox

_ABOUT = (
    select(outbox.c.activity_id)
    .where(
        outbox.c.segment_id == bindparam("segment_id"),
        outbox.c.message_id == bindparam("message_id"),
        outbox.c.kind.in_(bindparam("kinds", expanding=True)),
        outbox.c.activity_id.is_not(None),
    )
    .distinct()
    .order_by(outbox.c.activity_id)
    .limit(bindparam("most"))
)


def activities_of(
    tx: Tx, segment_id: int, message_id: str, kinds: Collection[str], most: int
) -> list[int]:
    """Ids of the activities of which a mail with that Message-ID was put into the outbox, as one of
    these kinds (schema.outbox); ascending. Whether it went out doesn't matter: who has it, has
    it."""
    found = tx.connection.execute(
        _ABOUT,
        {"segment_id": segment_id, "message_id": message_id, "kinds": list(kinds), "most": most},
    )
    return list(found.scalars())
