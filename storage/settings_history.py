"""Who changed which setting, when and why. Values of secrets are never among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from storage.engine import Tx
from storage.schema import settings_record

Changes = Mapping[str, tuple[Any, Any]]
"""Setting -> (before, now), as JSON takes them."""


@dataclass(frozen=True, slots=True)
class SettingsRecord:
    """at: seconds since 1970. subject: what was changed (`account support`, `segment`). reason:
    empty where none was given."""

    id: int
    at: int
    who: str
    subject: str
    changes: Changes
    reason: str


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What isn't the same in both; None where a side lacks it."""
    return {
        name: (before.get(name), now.get(name))
        for name in dict.fromkeys((*before, *now))
        if before.get(name) != now.get(name)
    }


def record(
    tx: Tx, segment_id: int, who: str, subject: str, changes: Changes, reason: str = ""
) -> None:
    """Keeps one change. who: the person, as `anna@host` for somebody at the command line."""
    tx.connection.execute(
        insert(settings_record).values(
            segment_id=segment_id,
            at=tx.now,
            who=who,
            subject=subject,
            changes=json.dumps(changes),
            reason=reason,
        )
    )


def records(tx: Tx, segment_id: int, most: int | None = None) -> list[SettingsRecord]:
    """A segment's, the newest first, at most that many."""
    found = tx.connection.execute(
        select(
            settings_record.c.id,
            settings_record.c.at,
            settings_record.c.who,
            settings_record.c.subject,
            settings_record.c.changes,
            settings_record.c.reason,
        )
        .where(settings_record.c.segment_id == segment_id)
        .order_by(settings_record.c.id.desc())
        .limit(most)
    )
    return [
        SettingsRecord(
            row.id,
            row.at,
            row.who,
            row.subject,
            {name: (one[0], one[1]) for name, one in json.loads(row.changes).items()},
            row.reason,
        )
        for row in found
    ]
