"""The queue as JSON-able dicts, for the command line (`incoming list`, `incoming show`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from imapgate.activities.names import Mistake
from storage import Database, Tx, messages
from storage import incoming_log as rows
from storage.incoming_log import IncomingRecord, Wanted

_ACCOUNT = re.compile(r"^account \d+ ")
"""Before the mailbox of an account's messages; people know accounts by their names."""
PAGE = 500
"""Rows that one read transaction gives."""


def list_incoming(db: Database, wanted: Wanted, limit: int) -> tuple[int, Iterator[dict[str, Any]]]:
    """(how many there are, the newest `limit` of them, newest last); read page by page."""

    def look(tx: Tx) -> tuple[int, int | None]:
        total = rows.count(tx, wanted)
        return total, rows.first_of(tx, wanted, min(limit, total)) if total else None

    total, first = db.read(look)
    return total, _pages(db, wanted, first, min(limit, total))


def find(tx: Tx, row_id: int, segment_id: int | None) -> IncomingRecord:
    """segment_id None: of any. Raises Mistake."""
    found = rows.by_id(tx, row_id, segment_id)
    if found is None:
        raise Mistake(f"There is no message {row_id} in the queue.")
    return found


def content(db: Database, row_id: int, segment_id: int | None) -> Iterator[bytes]:
    """The raw bytes, in pieces, each read by itself. Raises Mistake if they aren't here, or no
    longer."""
    row = db.read(lambda tx: find(tx, row_id, segment_id)).row
    if row.stored_message_id is None:
        raise Mistake(f"The bytes of message {row_id} aren't here: they were not taken, or erased.")
    for start in range(0, row.size, messages.CHUNK):
        end = min(row.size, start + messages.CHUNK)
        piece = db.read(
            partial(messages.read_range, message_id=row.stored_message_id, start=start, end=end)
        )
        if len(piece) != end - start:
            raise Mistake("The message was erased while it was read.")
        yield piece


def shown(record: IncomingRecord) -> dict[str, Any]:
    """Times are ISO 8601 UTC; sha256 is hexadecimal."""
    row = record.row
    return {
        "id": row.id,
        "fetched_at": _iso(row.fetched_at),
        "changed_at": _iso(row.changed_at),
        "segment": record.segment,
        "account": record.account,
        "origin": _ACCOUNT.sub("", row.origin),
        "key": row.origin_key,
        "state": row.state,
        "code": row.code,
        "text": row.text,
        "attempts": row.attempts,
        "next_at": None if row.next_at is None else _iso(row.next_at),
        "activity": record.number,
        "message_id": row.message_id,
        "sender": row.sender_key,
        "subject": row.subject,
        "automatic": row.automatic,
        "size": row.size,
        "sha256": None if row.sha256 is None else row.sha256.hex(),
        "stored": row.stored_message_id is not None,
        "settled": row.settled,
    }


def _pages(db: Database, wanted: Wanted, first: int | None, left: int) -> Iterator[dict[str, Any]]:
    while first is not None and left > 0:
        found = db.read(partial(rows.page, wanted=wanted, first=first, limit=min(PAGE, left)))
        for one in found:
            yield shown(one)
        left -= len(found)
        first = found[-1].row.id + 1 if found else None


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
