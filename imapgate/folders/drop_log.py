"""The record of drops as JSON-able dicts, for the command line (`drops`, `drops show`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from imapgate.activities.names import Mistake
from storage import Database, Tx, messages
from storage import drop_log as rows
from storage.drop_log import DropRecord, Wanted

PAGE = 500
"""Records that one read transaction gives."""


def list_drops(db: Database, wanted: Wanted, limit: int) -> tuple[int, Iterator[dict[str, Any]]]:
    """(how many there are, the newest `limit` of them, newest last).

    Read page by page while they are taken, so that a long list holds neither memory nor a
    transaction. What comes while it is read isn't in it."""

    def look(tx: Tx) -> tuple[int, rows.Place | None]:
        total = rows.count(tx, wanted)
        return total, rows.place_of(tx, wanted, min(limit, total)) if total else None

    total, first = db.read(look)
    return total, _pages(db, wanted, first, min(limit, total))


def show_drop(tx: Tx, record_id: int, segment_id: int | None) -> dict[str, Any]:
    """As in the list, with `copies`: where its bytes stand now, and `stored`: whether they are here
    at all. segment_id None: of any. Raises Mistake."""
    record = find(tx, record_id, segment_id)
    stored_message_id = stored(tx, record)
    return {
        **shown(record),
        "stored": stored_message_id is not None,
        "size": None if stored_message_id is None else messages.size(tx, stored_message_id),
        "copies": [
            {"folder": one.folder_name, "owner": one.owner, "uid": one.uid, "activity": one.number}
            for one in rows.copies(tx, stored_message_id, record.activity_id)
        ],
    }


def find(tx: Tx, record_id: int, segment_id: int | None) -> DropRecord:
    """Raises Mistake."""
    record = rows.by_id(tx, record_id, segment_id)
    if record is None:
        raise Mistake(f"There is no drop {record_id}.")
    return record


def stored(tx: Tx, record: DropRecord) -> int | None:
    """The row of the message whose drop it was, if its bytes are here."""
    if record.stored_message_id is not None or record.sha256 is None:
        return record.stored_message_id
    return rows.stored(tx, record.segment_id, record.sha256)


def content(db: Database, record_id: int, segment_id: int | None) -> Iterator[bytes]:
    """The raw bytes, in pieces, each read by itself. Raises Mistake if they aren't here, or no
    longer."""

    def look(tx: Tx) -> tuple[int, int]:
        stored_message_id = stored(tx, find(tx, record_id, segment_id))
        if stored_message_id is None:
            raise Mistake(f"The bytes of drop {record_id} aren't here: `drops show` tells why.")
        return stored_message_id, messages.size(tx, stored_message_id)

    stored_message_id, size = db.read(look)
    for start in range(0, size, messages.CHUNK):
        end = min(size, start + messages.CHUNK)
        yield _piece(db, stored_message_id, start, end)


def shown(record: DropRecord) -> dict[str, Any]:
    """Times are ISO 8601 UTC; sha256 is hexadecimal."""
    return {
        "id": record.id,
        "at": _iso(record.at),
        "times": record.times,
        "first_at": _iso(record.at if record.first_at is None else record.first_at),
        "user": f"{record.user}@{record.segment}",
        "client": record.client,
        "command": record.command,
        "folder": record.folder_name,
        "uid": record.uid,
        "subject": record.subject,
        "message_id": record.message_id,
        "sha256": None if record.sha256 is None else record.sha256.hex(),
        "verdict": record.verdict,
        "code": record.code,
        "text": record.text,
        "activity": record.number,
        "numbers": json.loads(record.numbers),
        "is_wrapper": record.is_wrapper,
    }


def _pages(
    db: Database, wanted: Wanted, first: rows.Place | None, left: int
) -> Iterator[dict[str, Any]]:
    while first is not None and left > 0:
        found = _page(db, wanted, first, min(PAGE, left))
        for one in found:
            yield shown(one)
        left -= len(found)
        # The next one begins behind the last: no two records share time and row.
        first = (found[-1].at, found[-1].id + 1) if found else None


def _page(db: Database, wanted: Wanted, first: rows.Place, limit: int) -> list[DropRecord]:
    return db.read(lambda tx: rows.page(tx, wanted, first, limit))


def _piece(db: Database, stored_message_id: int, start: int, end: int) -> bytes:
    piece = db.read(lambda tx: messages.read_range(tx, stored_message_id, start, end))
    if len(piece) != end - start:
        raise Mistake("The message was erased while it was read.")
    return piece


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
