"""Which of the Message-IDs that a mail cites are known at all, asked for at once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select, union_all

from storage.engine import Tx
from storage.schema import drop_record, email_activity, outbox, rendering

_KNOWN = union_all(
    *(
        select(table.c.message_id).where(
            table.c.segment_id == bindparam("of_segment"),
            table.c.message_id.in_(bindparam("cited", expanding=True)),
            *more,
        )
        for table, more in (
            (email_activity, ()),
            (outbox, ()),
            (rendering, ()),
            (drop_record, (drop_record.c.is_wrapper,)),
        )
    )
)


def known(tx: Tx, segment_id: int, message_ids: Collection[str]) -> frozenset[str]:
    """Those of a mail that is filed, of one that was sent, of an activity's own message and of a
    wrapper. At most some dozens."""
    wanted = {"of_segment": segment_id, "cited": list(message_ids)}
    return frozenset(tx.connection.execute(_KNOWN, wanted).scalars())
