"""What a wrapper made and named in its earlier drops, by the record of drops."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from storage import Tx, activities, drops
from storage.drops import WrapperRow

MADE, NAMED = "made", "named"
"""Outcomes of a wrapper's own numbers; behind them come those of the messages inside it."""


def ids(tx: Tx, segment_id: int, records: Iterable[WrapperRow]) -> tuple[int, ...]:
    """The activities, whoever may see them: what a record made, then what it named; each once."""
    found: dict[int, None] = {}
    for record in records:
        # One that was written before several could be named.
        if record.activity_id is not None:
            found[record.activity_id] = None
        for one in sorted(_own(record.numbers), key=lambda one: one["outcome"] != MADE):
            row = activities.by_number(tx, segment_id, one["number"])
            if row is not None:
                found[row.id] = None
    return tuple(found)


def naming(tx: Tx, segment_id: int, numbers: Collection[int]) -> Iterator[tuple[int, int | None]]:
    """(record's id, stored message) of the wrappers that made or named activities of these numbers.
    Looks at every wrapper of the segment."""
    for record_id, stored_message_id, told in drops.numbers_of_wrappers(tx, segment_id):
        if any(one["number"] in numbers for one in _own(told)):
            yield record_id, stored_message_id


def _own(numbers: str) -> list[dict[str, Any]]:
    return [one for one in json.loads(numbers) if one["outcome"] in (MADE, NAMED)]
