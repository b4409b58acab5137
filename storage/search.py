"""Rows that SEARCH asks for. Each question gives UIDs of one folder, from `low` to `high`; the
rules of the keys are folders' business."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, func, literal, or_, select

from storage.engine import Tx
from storage.schema import entry, message, message_text

NAMED = 500
"""UIDs of one IN list."""
_SECONDS_OF_A_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Within:
    """Where to look. named: only these UIDs (few of a wide range), ascending; else all of them."""

    folder_id: int
    low: int
    high: int
    named: Sequence[int] | None = None


def with_flag(tx: Tx, within: Within, bit: int) -> list[int]:
    """A shared flag."""
    return _uids(tx, within, entry.c.flags.op("&")(bit) != 0)


def with_keyword(tx: Tx, within: Within, names: Sequence[str]) -> list[int]:
    """One of the names, spelled as in the folder."""
    padded = literal(" ").concat(entry.c.keywords).concat(" ")
    return _uids(tx, within, or_(*(func.instr(padded, f" {name} ") > 0 for name in names)))


def changed(tx: Tx, within: Within, least: int) -> list[int]:
    """Whose own mod-sequence, which everybody sees, is `least` or higher."""
    # As a sum it is no matter for entry_by_modseq, which would be read for the whole folder.
    return _uids(tx, within, entry.c.modseq + literal(0, Integer) >= least)


def sized(tx: Tx, within: Within, octets: int, larger: bool) -> list[int]:
    """Larger or smaller than so many octets."""
    return _uids(tx, within, entry.c.size > octets if larger else entry.c.size < octets)


def received(tx: Tx, within: Within, first_day: int | None, last_day: int | None) -> list[int]:
    """INTERNALDATE, in the zone that it was given in, from first_day to last_day (days since 1970,
    both included; None: without bound)."""
    return _uids(tx, within, *_on_days(first_day, last_day))


def saved(tx: Tx, within: Within, first_day: int | None, last_day: int | None) -> list[int]:
    """Saved in the folder, by UTC, from first_day to last_day (as in `received`)."""
    return _uids(tx, within, *_days(entry.c.saved_at, first_day, last_day))


def called(tx: Tx, within: Within, object_id: str, thread: bool) -> list[int]:
    """Messages of that EMAILID, or of that THREADID."""
    column = message.c.thread_id if thread else message.c.email_id
    return _uids(tx, within, column == object_id, with_message=True)


def aged(tx: Tx, within: Within, then: int, older: bool) -> list[int]:
    """INTERNALDATE is `then` (seconds since 1970 UTC) or earlier (older), or `then` or later."""
    return _uids(tx, within, entry.c.internal_at <= then if older else entry.c.internal_at >= then)


def sent(
    tx: Tx, within: Within, first: str | None, last: str | None, days: tuple[int | None, int | None]
) -> list[int]:
    """The Date header's day from first to last (`YYYY-MM-DD`, both included; None: without bound);
    where there is none, INTERNALDATE's from and to `days`."""
    conditions: list[ColumnElement[bool]] = [message.c.sent_on.is_not(None)]
    if first is not None:
        conditions.append(message.c.sent_on >= first)
    if last is not None:
        conditions.append(message.c.sent_on <= last)
    found = _uids(tx, within, *conditions, with_message=True)
    undated = [message.c.sent_on.is_(None), *_on_days(*days)]
    return sorted(found + _uids(tx, within, *undated, with_message=True))


def containing(tx: Tx, within: Within, text: str, header_too: bool) -> list[int]:
    """text: case-folded as the columns are; in the body's text, or in the header's as well."""
    found = func.instr(message_text.c.body, text) > 0
    if header_too:
        found = or_(func.instr(message_text.c.header, text) > 0, found)
    return _uids(tx, within, found, with_text=True)


def headers_containing(tx: Tx, within: Within, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(UID, the header's text) of those whose header text contains all of texts, in no order."""
    conditions = [func.instr(message_text.c.header, text) > 0 for text in texts]
    for some in _bounds(within):
        found = tx.connection.execute(
            select(entry.c.uid, message_text.c.header)
            .join_from(
                entry,
                message_text,
                message_text.c.stored_message_id == entry.c.stored_message_id,
            )
            .where(entry.c.folder_id == within.folder_id, some, *conditions)
            .execution_options(yield_per=100)
        )
        for row in found:
            yield row[0], row[1]


def _on_days(first: int | None, last: int | None) -> list[ColumnElement[bool]]:
    return _days(entry.c.internal_at + entry.c.internal_zone * literal(60, Integer), first, last)


def _days(
    seconds: ColumnElement[int], first: int | None, last: int | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(seconds >= first * _SECONDS_OF_A_DAY)
    if last is not None:
        conditions.append(seconds < (last + 1) * _SECONDS_OF_A_DAY)
    return conditions


def _uids(
    tx: Tx,
    within: Within,
    *conditions: ColumnElement[bool],
    with_message: bool = False,
    with_text: bool = False,
) -> list[int]:
    statement = select(entry.c.uid).where(entry.c.folder_id == within.folder_id, *conditions)
    if with_message:
        statement = statement.join_from(entry, message, message.c.id == entry.c.stored_message_id)
    if with_text:
        statement = statement.join_from(
            entry, message_text, message_text.c.stored_message_id == entry.c.stored_message_id
        )
    found: list[int] = []
    for some in _bounds(within):
        found.extend(tx.connection.execute(statement.where(some).order_by(entry.c.uid)).scalars())
    return found


def _bounds(within: Within) -> Iterator[ColumnElement[bool]]:
    if within.named is None:
        yield entry.c.uid.between(within.low, within.high)
        return
    for start in range(0, len(within.named), NAMED):
        yield entry.c.uid.in_(within.named[start : start + NAMED])
