"""The addresses of contacts that mails can be sent to, and other names that stand beside them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from storage.engine import Tx
from storage.schema import (
    activity,
    address_group_member,
    contact,
    email_address,
    email_recipient,
)


def mailbox_of(tx: Tx, contact_id: int) -> str | None:
    """The contact's first address with an `@`, else the oldest one; None: it has none."""
    found: str | None = tx.connection.execute(
        select(email_address.c.address)
        .where(email_address.c.contact_id == contact_id, email_address.c.address.contains("@"))
        .order_by(email_address.c.is_first.desc(), email_address.c.id)
        .limit(1)
    ).scalar()
    return found


def holders(tx: Tx, segment_id: int, address_key: str) -> list[int]:
    """Ids of the contacts that have the address, oldest first."""
    found = tx.connection.execute(
        select(contact.c.id)
        .join_from(email_address, contact, contact.c.id == email_address.c.contact_id)
        .where(
            email_address.c.segment_id == segment_id,
            email_address.c.address_key == address_key,
        )
        .order_by(contact.c.created_at, contact.c.id)
    )
    return list(dict.fromkeys(found.scalars()))


def keys_of(tx: Tx, address_ids: Collection[int]) -> dict[int, str]:
    """The key of each."""
    found = tx.connection.execute(
        select(email_address.c.id, email_address.c.address_key).where(
            email_address.c.id.in_(address_ids)
        )
    )
    return {row[0]: row[1] for row in found}


def got_by(tx: Tx, address_id: int) -> int | None:
    """The number of an activity that has the address among its recipients; None: there is none."""
    found: int | None = tx.connection.execute(
        select(activity.c.number)
        .join_from(email_recipient, activity, activity.c.id == email_recipient.c.activity_id)
        .where(email_recipient.c.address_id == address_id)
        .order_by(activity.c.number)
        .limit(1)
    ).scalar()
    return found


def remove(tx: Tx, address_id: int) -> None:
    """No activity has it among its recipients; it is no group's member any more."""
    tx.connection.execute(
        delete(address_group_member).where(address_group_member.c.address_id == address_id)
    )
    tx.connection.execute(delete(email_address).where(email_address.c.id == address_id))
