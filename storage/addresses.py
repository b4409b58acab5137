"""The addresses of contacts that mails can be sent to, and other names that stand beside them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select, update

from storage.engine import Tx
from storage.schema import (
    activity,
    address_group_member,
    contact,
    email_address,
    email_recipient,
)

IS_MAILBOX = email_address.c.address.contains("@") & ~email_address.c.address.startswith("/")
"""Mail can be sent to it: no phone number, and no X.500 name."""


def mailbox_of(tx: Tx, contact_id: int) -> str | None:
    """The contact's first address that mail can be sent to, else its oldest; None: it has none."""
    row = _mailbox(tx, contact_id)
    return None if row is None else row[1]


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


def keep_first(tx: Tx, contact_id: int) -> None:
    """Where mail to the contact goes now, it goes as well once it has older addresses."""
    row = _mailbox(tx, contact_id)
    if row is not None:
        set_first(tx, contact_id, row[0])


def set_first(tx: Tx, contact_id: int, address_id: int) -> None:
    """That one and no other of the contact's."""
    tx.connection.execute(
        update(email_address)
        .where(email_address.c.contact_id == contact_id)
        .values(is_first=email_address.c.id == address_id)
    )


def move(tx: Tx, address_id: int, contact_id: int) -> None:
    """To a contact that hasn't got that address yet, where it isn't the first. Mails and groups
    that name it go along."""
    tx.connection.execute(
        update(email_address)
        .where(email_address.c.id == address_id)
        .values(contact_id=contact_id, is_first=False)
    )


def unite(tx: Tx, address_id: int, with_id: int) -> None:
    """It goes; what named it names the other one, which is the same address of another contact."""
    tx.connection.execute(
        update(email_recipient)
        .where(email_recipient.c.address_id == address_id)
        .values(address_id=with_id)
    )
    members = address_group_member.c
    there = select(members.group_id).where(members.address_id == with_id)
    tx.connection.execute(
        update(address_group_member)
        .where(members.address_id == address_id, members.group_id.not_in(there))
        .values(address_id=with_id)
    )
    remove(tx, address_id)


def _mailbox(tx: Tx, contact_id: int) -> tuple[int, str] | None:
    row = tx.connection.execute(
        select(email_address.c.id, email_address.c.address)
        .where(email_address.c.contact_id == contact_id, IS_MAILBOX)
        .order_by(email_address.c.is_first.desc(), email_address.c.id)
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])
