"""Rows of requests for approval."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, bindparam, insert, select, update

from storage.engine import Tx
from storage.schema import activity, approval


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """number: the activity's. approvers: address keys. decision: see schema.incoming; None: open.
    asked_by_id: a principal's. Times: seconds since 1970; expires_at None: never."""

    id: int
    segment_id: int
    activity_id: int
    number: int
    transition: str
    token: str
    approvers: tuple[str, ...]
    made_at: int
    decided_at: int | None
    decision: str | None
    decided_by: str | None
    expires_at: int | None
    asked_by_id: int | None


_SELECT = select(
    approval.c.id,
    approval.c.segment_id,
    approval.c.activity_id,
    activity.c.number,
    approval.c.transition,
    approval.c.token,
    approval.c.approvers,
    approval.c.made_at,
    approval.c.decided_at,
    approval.c.decision,
    approval.c.decided_by,
    approval.c.expires_at,
    approval.c.asked_by_id,
).join_from(approval, activity, activity.c.id == approval.c.activity_id)

# Built once: every link that is taken back runs it.
_ENDED = select(approval.c.decision, approval.c.transition).where(
    approval.c.activity_id == bindparam("of_activity"), approval.c.decision.is_not(None)
)


def add(
    tx: Tx,
    segment_id: int,
    activity_id: int,
    transition: str,
    token: str,
    approvers: Sequence[str],
    expires_at: int | None = None,
    asked_by_id: int | None = None,
) -> int:
    """The row id of a new request, made now."""
    made = tx.connection.execute(
        insert(approval)
        .values(
            segment_id=segment_id,
            activity_id=activity_id,
            transition=transition,
            token=token,
            approvers=json.dumps(list(approvers)),
            made_at=tx.now,
            expires_at=expires_at,
            asked_by_id=asked_by_id,
        )
        .returning(approval.c.id)
    )
    return int(made.scalar_one())


def by_id(tx: Tx, segment_id: int, approval_id: int) -> ApprovalRow | None:
    row = tx.connection.execute(
        _SELECT.where(approval.c.id == approval_id, approval.c.segment_id == segment_id)
    ).first()
    return None if row is None else _row(row._mapping)


def by_token(tx: Tx, segment_id: int, token: str) -> ApprovalRow | None:
    row = tx.connection.execute(
        _SELECT.where(approval.c.token == token, approval.c.segment_id == segment_id)
    ).first()
    return None if row is None else _row(row._mapping)


def of_segment(
    tx: Tx, segment_id: int, open_only: bool = False, activity_id: int | None = None
) -> list[ApprovalRow]:
    """In the order of their making."""
    wanted = _SELECT.where(approval.c.segment_id == segment_id)
    if open_only:
        wanted = wanted.where(approval.c.decided_at.is_(None))
    if activity_id is not None:
        wanted = wanted.where(approval.c.activity_id == activity_id)
    return [_row(row._mapping) for row in tx.connection.execute(wanted.order_by(approval.c.id))]


def ended(tx: Tx, activity_id: int) -> list[tuple[str, str]]:
    """(decision, transition) of those about the activity that are open no longer."""
    found = tx.connection.execute(_ENDED, {"of_activity": activity_id})
    return [(row[0], row[1]) for row in found]


def due(tx: Tx, most: int) -> list[ApprovalRow]:
    """Open ones of all segments whose time is over, in the order of their making."""
    wanted = _SELECT.where(approval.c.decided_at.is_(None), approval.c.expires_at <= tx.now)
    found = tx.connection.execute(wanted.order_by(approval.c.id).limit(most))
    return [_row(row._mapping) for row in found]


def close(tx: Tx, approval_id: int, decision: str, decided_by: str) -> bool:
    """Whether it was open until now."""
    changed = tx.connection.execute(
        update(approval)
        .where(approval.c.id == approval_id, approval.c.decided_at.is_(None))
        .values(decided_at=tx.now, decision=decision, decided_by=decided_by)
        .returning(approval.c.id)
    )
    return changed.first() is not None


def _row(row: RowMapping) -> ApprovalRow:
    return ApprovalRow(**{**row, "approvers": tuple(json.loads(row["approvers"]))})
