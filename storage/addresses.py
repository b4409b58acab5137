"""The addresses of contacts that mails can be sent to, and other names that stand beside them."""

from __future__ import annotations

from sqlalchemy import select

from storage.engine import Tx
from storage.schema import contact, email_address


def mailbox_of(tx: Tx, contact_id: int) -> str | None:
    """The contact's first address with an `@`."""
    found: str | None = tx.connection.execute(
        select(email_address.c.address)
        .where(email_address.c.contact_id == contact_id, email_address.c.address.contains("@"))
        .order_by(email_address.c.id)
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
