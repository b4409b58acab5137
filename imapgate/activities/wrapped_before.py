"""What a wrapper made and named in its earlier drops, by the record of drops."""

from __future__ import annotations

import json
from collections.abc import Iterable

from storage import Tx, activities
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
        own = [one for one in json.loads(record.numbers) if one["outcome"] in (MADE, NAMED)]
        for one in sorted(own, key=lambda one: one["outcome"] != MADE):
            row = activities.by_number(tx, segment_id, one["number"])
            if row is not None:
                found[row.id] = None
    return tuple(found)
