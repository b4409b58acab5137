"""What `imapgate doctor` looks at of mail accounts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from imapgate.incoming.standing import Standing, standings
from imapgate.servers.secrets import SecretKey
from storage import Database, Tx, people
from storage import accounts as rows

KEEPS_FAILING = 3
"""Rounds in a row."""
LONG = 30 * 24 * 3600
"""Seconds after which an account that isn't read, or that brings nothing, may not be needed."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """logging_user: whose own it is."""

    row: rows.AccountRow
    standing: Standing
    logging_user: people.PrincipalRow | None

    def __str__(self) -> str:
        return f'Account "{self.row.name}" of {self.row.segment}'


def faults(db: Database, key: SecretKey) -> Iterator[str]:
    """A sentence for each account from which no mail can come, or whose mails can't be filed."""
    for one in db.read(lambda tx: _looked(tx, key)):
        if not one.row.active:
            continue
        state, user = one.standing.state, one.logging_user
        if one.standing.lacking is not None:
            yield f"{one}: {one.standing.lacking}"
        if state.failures >= KEEPS_FAILING:
            yield f"{one} failed {state.failures} times in a row: {_bare(state.error)}."
        if one.standing.homeless is not None:
            yield f"{one}: what it brings can't be filed: {one.standing.homeless}."
        if user is not None and user.disabled:
            yield (
                f"{one}: {user.name}, who logs what it brings, is disabled; the administrator "
                "stands in, with a member's rights only."
            )


def unused(db: Database, key: SecretKey) -> Iterator[str]:
    """A sentence for each account that failed lately or seems to be of no use: no fault."""
    before = time.time() - LONG
    for one in db.read(lambda tx: _looked(tx, key)):
        state = one.standing.state
        if not one.row.active:
            if max(state.succeeded_at or 0, one.row.created_at) < before:
                yield f"{one} hasn't been read for a month: is it still needed?"
        elif 0 < state.failures < KEEPS_FAILING:
            yield f"{one} failed lately: {_bare(state.error)}."
        elif state.succeeded_at is None and not state.failures:
            yield f"{one} has never been read: `imapgate account test` shows whether it can be."
        elif not state.fetched and one.row.created_at < before:
            yield f"{one} has brought no mail in a month: is it still needed?"


def _looked(tx: Tx, key: SecretKey) -> list[_Looked]:
    known = {row.id: row for row in rows.of_segment(tx)}
    told = []
    for found in standings(tx, None, key):
        row, user = known[found.account.id], None
        if row.logging_user_id is not None:
            user = people.principal_by_id(tx, row.logging_user_id)
        told.append(_Looked(row, found, user))
    return told


def _bare(sentence: str | None) -> str:
    return (sentence or "it isn't known why").rstrip(".")
