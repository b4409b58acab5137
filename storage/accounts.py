"""Rows of mail accounts, of how their rounds went, and of what counts for all of a segment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from storage.engine import Tx
from storage.schema import (
    account,
    account_default,
    account_state,
    activity_creator,
    incoming,
    principal,
    segment,
)

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """segment, creator, logging_user: names. settings: what isn't a column."""

    id: int
    segment_id: int
    segment: str
    name: str
    kind: str
    active: bool
    creator_id: int | None
    creator: str | None
    logging_user_id: int | None
    logging_user: str | None
    settings: Settings
    has_secrets: bool
    created_at: int


@dataclass(frozen=True, slots=True)
class StateRow:
    """error: of the last round that failed; failures: in a row; told: that it fails; fetched,
    filed: messages in all; position: where the next round begins."""

    succeeded_at: int | None = None
    failed_at: int | None = None
    error: str | None = None
    failures: int = 0
    told: bool = False
    fetched: int = 0
    filed: int = 0
    position: Mapping[str, Any] = field(default_factory=dict)


_ACCOUNT = (
    select(
        account.c.id,
        account.c.segment_id,
        segment.c.name.label("segment"),
        account.c.name,
        account.c.kind,
        account.c.active,
        account.c.creator_id,
        activity_creator.c.name.label("creator"),
        account.c.logging_user_id,
        principal.c.name.label("logging_user"),
        account.c.settings,
        account.c.secrets.is_not(None).label("has_secrets"),
        account.c.created_at,
    )
    .join_from(account, segment, segment.c.id == account.c.segment_id)
    .outerjoin(activity_creator, activity_creator.c.id == account.c.creator_id)
    .outerjoin(principal, principal.c.id == account.c.logging_user_id)
)


def add(
    tx: Tx,
    segment_id: int,
    name: str,
    name_key: str,
    kind: str,
    active: bool,
    creator_id: int | None,
    logging_user_id: int | None,
    settings: Settings,
) -> int:
    """The row id of a new account, which nothing was read from yet."""
    made = tx.connection.execute(
        insert(account)
        .values(
            segment_id=segment_id,
            name=name,
            name_key=name_key,
            kind=kind,
            active=active,
            creator_id=creator_id,
            logging_user_id=logging_user_id,
            settings=json.dumps(settings),
            created_at=tx.now,
        )
        .returning(account.c.id)
    )
    account_id = int(made.scalar_one())
    tx.connection.execute(
        insert(account_state).values(
            account_id=account_id, failures=0, told=False, fetched=0, filed=0, position="{}"
        )
    )
    return account_id


def change(
    tx: Tx,
    account_id: int,
    name: str,
    name_key: str,
    active: bool,
    creator_id: int | None,
    logging_user_id: int | None,
    settings: Settings,
) -> None:
    tx.connection.execute(
        update(account)
        .where(account.c.id == account_id)
        .values(
            name=name,
            name_key=name_key,
            active=active,
            creator_id=creator_id,
            logging_user_id=logging_user_id,
            settings=json.dumps(settings),
        )
    )


def set_active(tx: Tx, account_id: int, active: bool) -> None:
    tx.connection.execute(update(account).where(account.c.id == account_id).values(active=active))


def remove(tx: Tx, account_id: int) -> None:
    """What it brought stays in the queue, of no account."""
    tx.connection.execute(
        update(incoming).where(incoming.c.account_id == account_id).values(account_id=None)
    )
    tx.connection.execute(delete(account_state).where(account_state.c.account_id == account_id))
    tx.connection.execute(delete(account).where(account.c.id == account_id))


def by_id(tx: Tx, account_id: int) -> AccountRow | None:
    row = tx.connection.execute(_ACCOUNT.where(account.c.id == account_id)).first()
    return None if row is None else _row(row)


def by_key(tx: Tx, segment_id: int, name_key: str) -> AccountRow | None:
    row = tx.connection.execute(
        _ACCOUNT.where(account.c.segment_id == segment_id, account.c.name_key == name_key)
    ).first()
    return None if row is None else _row(row)


def of_segment(tx: Tx, segment_id: int | None = None) -> list[AccountRow]:
    """In the order of their making; None: of all segments."""
    statement = _ACCOUNT.order_by(account.c.id)
    if segment_id is not None:
        statement = statement.where(account.c.segment_id == segment_id)
    return [_row(row) for row in tx.connection.execute(statement)]


def named_by(tx: Tx, creator_id: int) -> list[str]:
    """Names of the accounts whose creator it is."""
    found = tx.connection.execute(
        select(account.c.name).where(account.c.creator_id == creator_id).order_by(account.c.id)
    )
    return list(found.scalars())


def secrets(tx: Tx, account_id: int) -> bytes | None:
    """Encrypted."""
    found: bytes | None = tx.connection.execute(
        select(account.c.secrets).where(account.c.id == account_id)
    ).scalar()
    return found


def set_secrets(tx: Tx, account_id: int, encrypted: bytes | None) -> None:
    tx.connection.execute(
        update(account).where(account.c.id == account_id).values(secrets=encrypted)
    )


def state(tx: Tx, account_id: int) -> StateRow:
    row = tx.connection.execute(
        select(
            account_state.c.succeeded_at,
            account_state.c.failed_at,
            account_state.c.error,
            account_state.c.failures,
            account_state.c.told,
            account_state.c.fetched,
            account_state.c.filed,
            account_state.c.position,
        ).where(account_state.c.account_id == account_id)
    ).first()
    return StateRow() if row is None else StateRow(*row[:7], json.loads(row.position))


def succeeded(tx: Tx, account_id: int, fetched: int = 0, filed: int = 0) -> bool:
    """A round went well; messages that it brought or filed. True: the administrator had been told
    that the account fails (that is over now)."""
    was_told = state(tx, account_id).told
    _change_state(tx, account_id, succeeded_at=tx.now, failures=0, told=False)
    count(tx, account_id, fetched, filed)
    return was_told


def failed(tx: Tx, account_id: int, error: str) -> int:
    """A round failed. How many did so in a row."""
    failures = state(tx, account_id).failures + 1
    _change_state(tx, account_id, failed_at=tx.now, error=error, failures=failures)
    return failures


def set_told(tx: Tx, account_id: int) -> None:
    """The administrator knows that it fails."""
    _change_state(tx, account_id, told=True)


def count(tx: Tx, account_id: int, fetched: int = 0, filed: int = 0) -> None:
    """So many messages more."""
    _change_state(
        tx,
        account_id,
        fetched=account_state.c.fetched + fetched,
        filed=account_state.c.filed + filed,
    )


def set_position(tx: Tx, account_id: int, position: Mapping[str, Any]) -> None:
    _change_state(tx, account_id, position=json.dumps(dict(position)))


def queued(tx: Tx, segment_id: int | None = None) -> dict[int, dict[str, int]]:
    """Account -> state -> messages in the queue that are neither filed nor discarded."""
    statement = (
        select(incoming.c.account_id, incoming.c.state, func.count())
        .where(
            incoming.c.state.in_(("fetched", "failed", "held")), incoming.c.account_id.is_not(None)
        )
        .group_by(incoming.c.account_id, incoming.c.state)
    )
    if segment_id is not None:
        statement = statement.where(incoming.c.segment_id == segment_id)
    found: dict[int, dict[str, int]] = {}
    for account_id, name, messages in tx.connection.execute(statement):
        found.setdefault(account_id, {})[name] = messages
    return found


def defaults(tx: Tx, segment_id: int) -> dict[str, Any]:
    """What counts for a segment's accounts that don't say otherwise, as far as it was set."""
    found = tx.connection.execute(
        select(account_default.c.key, account_default.c.value)
        .where(account_default.c.segment_id == segment_id)
        .order_by(account_default.c.key)
    )
    return {row.key: json.loads(row.value) for row in found}


def set_defaults(tx: Tx, segment_id: int, values: Settings) -> None:
    """These and no others."""
    tx.connection.execute(delete(account_default).where(account_default.c.segment_id == segment_id))
    rows = [
        {"segment_id": segment_id, "key": name, "value": json.dumps(value)}
        for name, value in values.items()
    ]
    if rows:
        tx.connection.execute(insert(account_default), rows)


def _change_state(tx: Tx, account_id: int, **columns: Any) -> None:
    tx.connection.execute(
        update(account_state).where(account_state.c.account_id == account_id).values(**columns)
    )


def _row(row: Any) -> AccountRow:
    return AccountRow(
        row.id,
        row.segment_id,
        row.segment,
        row.name,
        row.kind,
        row.active,
        row.creator_id,
        row.creator,
        row.logging_user_id,
        row.logging_user,
        json.loads(row.settings),
        row.has_secrets,
        row.created_at,
    )
