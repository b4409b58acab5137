"""The mails of a case: those linked to an activity, and what an address wrote."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select

from storage.engine import Tx
from storage.schema import (
    email_activity,
    email_address,
    email_recipient,
    link,
    outbox,
    outbox_recipient,
)


@dataclass(frozen=True, slots=True)
class CaseMail:
    """As of email_activity. message_id: without angle brackets. automatic: NULL also where nobody
    has told."""

    activity_id: int
    stored_message_id: int
    message_id: str | None
    automatic: str | None


_COLUMNS = (
    email_activity.c.activity_id,
    email_activity.c.stored_message_id,
    email_activity.c.message_id,
    email_activity.c.automatic,
)


def newest(tx: Tx, activity_id: int, address_keys: Collection[str]) -> CaseMail | None:
    """The mail that was filed last of those that are the activity, or are linked to it, and which
    each of these addresses wrote or got: a person's, as far as it is told who wrote it; else a
    machine's."""
    row = tx.connection.execute(
        select(*_COLUMNS)
        .where(_of_case(activity_id), *(_took_part(one) for one in address_keys))
        .order_by(email_activity.c.automatic.is_not(None), email_activity.c.activity_id.desc())
        .limit(1)
    ).first()
    return None if row is None else CaseMail(*row)


def wrote_last_from(tx: Tx, activity_id: int, contact_id: int) -> str | None:
    """The address that the contact's newest mail is from: of the mails of the case, else of all.
    None: the contact has written none."""
    written = (
        select(email_address.c.address)
        .join_from(
            email_recipient, email_address, email_address.c.id == email_recipient.c.address_id
        )
        .join(email_activity, email_activity.c.activity_id == email_recipient.c.activity_id)
        .where(
            email_recipient.c.kind == "from",
            email_address.c.contact_id == contact_id,
            email_address.c.address.contains("@"),
        )
        .order_by(email_activity.c.activity_id.desc())
        .limit(1)
    )
    for statement in (written.where(_of_case(activity_id)), written):
        found: str | None = tx.connection.execute(statement).scalar()
        if found is not None:
            return found
    return None


def wrote(tx: Tx, segment_id: int, address_key: str, most: int) -> list[CaseMail]:
    """The newest mails from an address, at most so many, the newest first."""
    found = tx.connection.execute(
        select(*_COLUMNS)
        .join_from(
            email_recipient, email_address, email_address.c.id == email_recipient.c.address_id
        )
        .join(email_activity, email_activity.c.activity_id == email_recipient.c.activity_id)
        .where(
            email_address.c.segment_id == segment_id,
            email_address.c.address_key == address_key,
            email_recipient.c.kind == "from",
        )
        .order_by(email_activity.c.activity_id.desc())
        .limit(most)
    )
    return [CaseMail(*row) for row in found]


def put_since(tx: Tx, segment_id: int, kind: str, address_key: str, at: int) -> int:
    """Mails of that kind to an address that were put into the outbox since then; at: seconds since
    1970."""
    found = tx.connection.execute(
        select(func.count())
        .select_from(outbox)
        .join(outbox_recipient, outbox_recipient.c.outbox_id == outbox.c.id)
        .where(
            outbox.c.segment_id == segment_id,
            outbox.c.created_at >= at,
            outbox.c.kind == kind,
            outbox_recipient.c.address_key == address_key,
        )
    )
    return int(found.scalar_one())


def _took_part(address_key: str) -> ColumnElement[bool]:
    there = (
        select(email_recipient.c.activity_id)
        .join(email_address, email_address.c.id == email_recipient.c.address_id)
        .where(
            email_recipient.c.activity_id == email_activity.c.activity_id,
            email_address.c.address_key == address_key,
        )
    )
    return there.exists()


def _of_case(activity_id: int) -> ColumnElement[bool]:
    linked: Select[tuple[int]] = select(link.c.from_id).where(link.c.to_id == activity_id)
    return or_(
        email_activity.c.activity_id == activity_id, email_activity.c.activity_id.in_(linked)
    )
