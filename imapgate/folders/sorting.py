"""SORT and THREAD (RFC 5256, SORT=DISPLAY RFC 5957) of messages that were found: by what stands
ready beside each, read in one query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imapgate.activities.people import Person
from imapgate.folders.listing import check_seen
from imapgate.folders.threading import ALGORITHMS, Threaded
from imapgate.folders.tree import Folder
from imapgate.wire.commands import SortCriterion
from imapgate.wire.threads import Forest
from storage import Tx
from storage import reading as rows


@dataclass(frozen=True, slots=True)
class _Order:
    """columns: what is compared: the first of them that isn't NULL. absent: in place of what isn't
    known."""

    columns: tuple[str, ...]
    absent: Any


_ORDERS: Mapping[bytes, _Order] = {
    b"ARRIVAL": _Order(("internal_at",), 0),
    b"CC": _Order(("cc_mailbox",), ""),
    b"DATE": _Order(("sent_at", "internal_at"), 0),
    b"FROM": _Order(("from_mailbox",), ""),
    b"SIZE": _Order(("size",), 0),
    b"SUBJECT": _Order(("base_subject",), ""),
    b"TO": _Order(("to_mailbox",), ""),
    b"DISPLAYFROM": _Order(("from_name",), ""),
    b"DISPLAYTO": _Order(("to_name",), ""),
}
"""By the names of wire.sorting_grammar."""

_THREADED = ("own_id", "reference_ids", "base_subject", "is_reply", "sent_at", "internal_at")


def sort(
    tx: Tx,
    person: Person,
    folder: Folder,
    found: Sequence[int],
    criteria: Sequence[SortCriterion],
) -> list[int]:
    """found: UIDs, ascending. Ties are in the order of sequence numbers, also where a criterion is
    reversed.

    What is no longer known of a message (expunged by others more than a day ago) is empty.
    Raises Invisible."""
    check_seen(tx, person, folder)
    wanted = [column for one in criteria for column in _ORDERS[one.key].columns]
    known = _rows(tx, folder, found, tuple(dict.fromkeys(wanted)))
    at = {column: place for place, column in enumerate(dict.fromkeys(wanted), start=1)}
    ordered = list(found)
    for one in reversed(criteria):
        order = _ORDERS[one.key]
        places = [at[column] for column in order.columns]
        ordered.sort(key=_value(known, places, order.absent), reverse=one.reverse)
    return ordered


def thread(
    tx: Tx, person: Person, folder: Folder, found: Sequence[int], algorithm: bytes
) -> Forest:
    """Of UIDs; otherwise as `sort`."""
    check_seen(tx, person, folder)
    known = _rows(tx, folder, found, _THREADED)
    return ALGORITHMS[algorithm]([_threaded(uid, known.get(uid)) for uid in found])


def _threaded(uid: int, row: rows.Row | None) -> Threaded:
    if row is None:
        return Threaded(uid, None, b"", "", False, 0)
    _, own_id, reference_ids, subject, is_reply, sent_at, internal_at = row
    return Threaded(
        uid,
        own_id,
        reference_ids or b"",
        subject or "",
        bool(is_reply),
        internal_at if sent_at is None else sent_at,
    )


def _value(
    known: Mapping[int, rows.Row], places: Sequence[int], absent: Any
) -> Callable[[int], Any]:
    def value(uid: int) -> Any:
        row = known.get(uid)
        if row is not None:
            for place in places:
                if row[place] is not None:
                    return row[place]
        return absent

    return value


def _rows(
    tx: Tx, folder: Folder, found: Sequence[int], columns: tuple[str, ...]
) -> dict[int, rows.Row]:
    """By UID; of those that others expunged, for a day as well (RFC 2180 4.1)."""
    known = {row[0]: row for row in rows.entries(tx, folder.id, found, columns)}
    missing = [uid for uid in found if uid not in known]
    known.update((row[0], row) for row in rows.expunged(tx, folder.id, missing, columns))
    return known
