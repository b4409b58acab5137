"""Addresses that stand in activities, transitions and notifications rather than in settings."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import func, select

from storage.engine import Tx
from storage.schema import activity, email_activity, notification, process, process_transition


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """process, transition: names. approvers: who is asked by mail; told: whom its template goes
    to."""

    process: str
    transition: str
    approvers: tuple[str, ...]
    told: tuple[str, ...]


def gateways(tx: Tx, segment_id: int) -> list[tuple[str, int]]:
    """(a gateway's address, how many e-mail activities name it)."""
    found = tx.connection.execute(
        select(email_activity.c.gateway, func.count())
        .join_from(email_activity, activity, activity.c.id == email_activity.c.activity_id)
        .where(activity.c.segment_id == segment_id, email_activity.c.gateway.is_not(None))
        .group_by(email_activity.c.gateway)
        .order_by(email_activity.c.gateway)
    )
    return [(row[0], row[1]) for row in found]


def notified(tx: Tx, segment_id: int) -> set[int]:
    """Users who get mail of what happens to activities."""
    found = tx.connection.execute(
        select(notification.c.principal_id)
        .distinct()
        .where(notification.c.segment_id == segment_id, notification.c.by_mail)
    )
    return set(found.scalars())


def of_transitions(tx: Tx, segment_id: int) -> list[TransitionRow]:
    """Those that ask or tell anybody, in the order of their processes."""
    found = tx.connection.execute(
        select(
            process.c.name.label("process"),
            process_transition.c.name.label("transition"),
            process_transition.c.approvers,
            process_transition.c.template_to,
        )
        .join_from(process_transition, process, process.c.id == process_transition.c.process_id)
        .where(process.c.segment_id == segment_id)
        .order_by(process.c.id, process_transition.c.id)
    )
    rows = [
        TransitionRow(
            row.process,
            row.transition,
            tuple(json.loads(row.approvers or "[]")),
            tuple(json.loads(row.template_to or "[]")),
        )
        for row in found
    ]
    return [one for one in rows if one.approvers or one.told]
