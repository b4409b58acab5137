"""Rows of mailers, by which mail goes out, and of how they fare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from storage.engine import Tx
from storage.outbox import UNDER_WAY, WAITING
from storage.schema import account, mailer, mailer_state, outbox, segment

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MailerRow:
    """segment: its name; None, as segment_id: for all segments. account: the name of the account
    whose OAuth application it uses, account_settings: that one's. settings: what isn't a column."""

    id: int
    segment_id: int | None
    segment: str | None
    name: str
    is_default: bool
    account_id: int | None
    account: str | None
    account_settings: Settings | None
    settings: Settings
    has_secrets: bool
    created_at: int


@dataclass(frozen=True, slots=True)
class MailerState:
    """error: of the last attempt that failed; failures: in a row."""

    succeeded_at: int | None = None
    failed_at: int | None = None
    error: str | None = None
    failures: int = 0


_MAILER = (
    select(
        mailer.c.id,
        mailer.c.segment_id,
        segment.c.name.label("segment"),
        mailer.c.name,
        mailer.c.is_default,
        mailer.c.account_id,
        account.c.name.label("account"),
        account.c.settings.label("account_settings"),
        mailer.c.settings,
        mailer.c.secrets.is_not(None).label("has_secrets"),
        mailer.c.created_at,
    )
    .outerjoin_from(mailer, segment, segment.c.id == mailer.c.segment_id)
    .outerjoin(account, account.c.id == mailer.c.account_id)
)


def add(
    tx: Tx,
    segment_id: int | None,
    name: str,
    name_key: str,
    account_id: int | None,
    settings: Settings,
) -> int:
    """The row id of a new mailer, which isn't the default. That a name stands once among those for
    all segments is looked after by the caller (in SQL two NULLs aren't the same)."""
    made = tx.connection.execute(
        insert(mailer)
        .values(
            segment_id=segment_id,
            name=name,
            name_key=name_key,
            is_default=False,
            account_id=account_id,
            settings=json.dumps(settings),
            created_at=tx.now,
        )
        .returning(mailer.c.id)
    )
    mailer_id = int(made.scalar_one())
    tx.connection.execute(insert(mailer_state).values(mailer_id=mailer_id, failures=0))
    return mailer_id


def change(
    tx: Tx,
    mailer_id: int,
    name: str,
    name_key: str,
    account_id: int | None,
    settings: Settings,
) -> None:
    tx.connection.execute(
        update(mailer)
        .where(mailer.c.id == mailer_id)
        .values(name=name, name_key=name_key, account_id=account_id, settings=json.dumps(settings))
    )


def remove(tx: Tx, mailer_id: int) -> None:
    """Nothing may refer to it any more."""
    tx.connection.execute(delete(mailer_state).where(mailer_state.c.mailer_id == mailer_id))
    tx.connection.execute(delete(mailer).where(mailer.c.id == mailer_id))


def is_sending(tx: Tx, mailer_id: int) -> bool:
    """Whether somebody sends a mail by it just now."""
    found = select(outbox.c.id).where(
        outbox.c.mailer_id == mailer_id, outbox.c.state.in_(UNDER_WAY)
    )
    return tx.connection.execute(found.limit(1)).first() is not None


def leave(tx: Tx, mailer_id: int) -> int:
    """What it sent names it no more, nor what was to be sent by it: how many of the latter wait."""
    of = outbox.c.mailer_id == mailer_id
    waiting = tx.connection.execute(
        select(func.count()).select_from(outbox).where(of, outbox.c.state == WAITING)
    ).scalar_one()
    tx.connection.execute(update(outbox).where(of).values(mailer_id=None))
    return int(waiting)


def by_id(tx: Tx, mailer_id: int) -> MailerRow | None:
    return _one(tx, mailer.c.id == mailer_id)


def by_key(tx: Tx, segment_id: int | None, name_key: str) -> MailerRow | None:
    """segment_id None: of those for all segments."""
    return _one(tx, _of(segment_id), mailer.c.name_key == name_key)


def default(tx: Tx, segment_id: int | None) -> MailerRow | None:
    """The segment's own default; None: that for all segments."""
    return _one(tx, _of(segment_id), mailer.c.is_default)


def rows(tx: Tx) -> list[MailerRow]:
    """All, in the order of their making."""
    return [_row(row) for row in tx.connection.execute(_MAILER.order_by(mailer.c.id))]


def of_segment(tx: Tx, segment_id: int | None) -> list[MailerRow]:
    """The segment's own, in the order of their making; None: those for all segments."""
    found = tx.connection.execute(_MAILER.where(_of(segment_id)).order_by(mailer.c.id))
    return [_row(row) for row in found]


def using_account(tx: Tx, account_id: int) -> list[str]:
    """Names of the mailers that use this account's OAuth application."""
    found = tx.connection.execute(
        select(mailer.c.name).where(mailer.c.account_id == account_id).order_by(mailer.c.id)
    )
    return list(found.scalars())


def set_default(tx: Tx, segment_id: int | None, mailer_id: int | None) -> None:
    """That one and no other of the segment's (None: of those for all segments)."""
    tx.connection.execute(update(mailer).where(_of(segment_id)).values(is_default=False))
    if mailer_id is not None:
        tx.connection.execute(
            update(mailer).where(mailer.c.id == mailer_id).values(is_default=True)
        )


def secrets(tx: Tx, mailer_id: int) -> bytes | None:
    """Encrypted."""
    found: bytes | None = tx.connection.execute(
        select(mailer.c.secrets).where(mailer.c.id == mailer_id)
    ).scalar()
    return found


def set_secrets(tx: Tx, mailer_id: int, encrypted: bytes | None) -> None:
    tx.connection.execute(update(mailer).where(mailer.c.id == mailer_id).values(secrets=encrypted))


def state(tx: Tx, mailer_id: int) -> MailerState:
    row = tx.connection.execute(
        select(
            mailer_state.c.succeeded_at,
            mailer_state.c.failed_at,
            mailer_state.c.error,
            mailer_state.c.failures,
        ).where(mailer_state.c.mailer_id == mailer_id)
    ).first()
    return MailerState() if row is None else MailerState(*row)


def succeeded(tx: Tx, mailer_id: int) -> None:
    """Its server took a mail."""
    _change_state(tx, mailer_id, succeeded_at=tx.now, failures=0)


def failed(tx: Tx, mailer_id: int, error: str) -> int:
    """Its server could not be used. How often in a row."""
    failures = state(tx, mailer_id).failures + 1
    _change_state(tx, mailer_id, failed_at=tx.now, error=error, failures=failures)
    return failures


def _change_state(tx: Tx, mailer_id: int, **columns: Any) -> None:
    tx.connection.execute(
        update(mailer_state).where(mailer_state.c.mailer_id == mailer_id).values(**columns)
    )


def _of(segment_id: int | None) -> ColumnElement[bool]:
    return (
        mailer.c.segment_id.is_(None) if segment_id is None else mailer.c.segment_id == segment_id
    )


def _one(tx: Tx, *conditions: ColumnElement[bool]) -> MailerRow | None:
    row = tx.connection.execute(_MAILER.where(*conditions)).first()
    return None if row is None else _row(row)


def _row(row: Any) -> MailerRow:
    return MailerRow(
        row.id,
        row.segment_id,
        row.segment,
        row.name,
        row.is_default,
        row.account_id,
        row.account,
        None if row.account_settings is None else json.loads(row.account_settings),
        json.loads(row.settings),
        row.has_secrets,
        row.created_at,
    )
