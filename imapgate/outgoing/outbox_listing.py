"""The outbox as JSON-able dicts, for the command line (`outbox list`, `outbox show`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from imapgate.activities.names import Mistake
from storage import Database, Tx, messages
from storage import outbox as rows
from storage import outbox_log as log
from storage.outbox_log import OutboxRecord, Wanted

PAGE = 500
"""Rows that one read transaction gives."""


def list_outbox(db: Database, wanted: Wanted, limit: int) -> tuple[int, Iterator[dict[str, Any]]]:
    """(how many there are, the newest `limit` of them, newest last); read page by page."""

    def look(tx: Tx) -> tuple[int, int | None]:
        total = log.count(tx, wanted)
        return total, log.first_of(tx, wanted, min(limit, total)) if total else None

    total, first = db.read(look)
    return total, _pages(db, wanted, first, min(limit, total))


def find(tx: Tx, row_id: int, segment_id: int | None) -> OutboxRecord:
    """segment_id None: of any. Raises Mistake."""
    found = log.by_id(tx, row_id, segment_id)
    if found is None:
        raise Mistake(f"There is no mail {row_id} in the outbox.")
    return found


def content(db: Database, row_id: int, segment_id: int | None) -> Iterator[bytes]:
    """The mail's bytes, in pieces, each read by itself. Raises Mistake if they are gone."""

    def look(tx: Tx) -> tuple[int | None, int]:
        row = find(tx, row_id, segment_id).row
        return row.stored_message_id, rows.size(tx, row)

    message_id, size = db.read(look)
    if message_id is None:
        raise Mistake(f"The bytes of mail {row_id} were erased.")
    for start in range(0, size, messages.CHUNK):
        end = min(size, start + messages.CHUNK)
        piece = db.read(partial(messages.read_range, message_id=message_id, start=start, end=end))
        if len(piece) != end - start:
            raise Mistake("The mail was erased while it was read.")
        yield piece


def shown(record: OutboxRecord) -> dict[str, Any]:
    """Times are ISO 8601 UTC. tried_at: None: not by itself."""
    row = record.row
    waits = row.state == rows.WAITING and row.next_at is not None
    return {
        "id": row.id,
        "segment": record.segment,
        "kind": row.kind,
        "state": row.state,
        "created_at": _iso(row.created_at),
        "changed_at": _iso(row.changed_at),
        "attempts": row.attempts,
        "tried_at": _iso(row.next_at) if waits else None,
        "text": row.text,
        "sender": row.sender,
        "user": record.principal,
        "activity": record.number,
        "mailer": record.mailer,
        "message_id": row.message_id,
        "subject": row.subject,
        "stored": row.stored_message_id is not None,
        "recipients": [
            {
                "kind": one.kind,
                "address": one.address,
                "state": one.state,
                "code": one.code,
                "text": one.text,
                "at": _iso(one.at),
            }
            for one in record.recipients
        ],
    }


def _pages(db: Database, wanted: Wanted, first: int | None, left: int) -> Iterator[dict[str, Any]]:
    while first is not None and left > 0:
        found = db.read(partial(log.page, wanted=wanted, first=first, limit=min(PAGE, left)))
        for one in found:
            yield shown(one)
        left -= len(found)
        first = found[-1].row.id + 1 if found else None


def _iso(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
