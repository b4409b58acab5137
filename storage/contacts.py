"""Rows of contacts and their e-mail addresses."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, select, update

from storage.engine import Tx
from storage.schema import contact, email_address, principal


@dataclass(frozen=True, slots=True)
class AddressRow:
    id: int
    contact_id: int
    address: str


# Built once: a drop runs it for every address of its mail.
_BY_KEY = (
    select(email_address.c.id, email_address.c.contact_id, email_address.c.address)
    .join_from(email_address, contact, contact.c.id == email_address.c.contact_id)
    .where(
        email_address.c.segment_id == bindparam("segment_id"),
        email_address.c.address_key == bindparam("address_key"),
    )
    .order_by(contact.c.created_at, contact.c.id)
    .limit(1)
)
_ADD = insert(contact).returning(contact.c.id)
_ADD_ADDRESS = insert(email_address).returning(email_address.c.id)


def add(tx: Tx, segment_id: int, name: str, owner_id: int | None) -> int:
    made = tx.connection.execute(
        _ADD,
        {"segment_id": segment_id, "name": name, "owner_id": owner_id, "created_at": tx.now},
    )
    return int(made.scalar_one())


def add_address(tx: Tx, segment_id: int, contact_id: int, address: str, address_key: str) -> int:
    made = tx.connection.execute(
        _ADD_ADDRESS,
        {
            "segment_id": segment_id,
            "contact_id": contact_id,
            "address": address,
            "address_key": address_key,
        },
    )
    return int(made.scalar_one())


def address_by_key(tx: Tx, segment_id: int, address_key: str) -> AddressRow | None:
    """Of the oldest contact that has it."""
    row = tx.connection.execute(
        _BY_KEY, {"segment_id": segment_id, "address_key": address_key}
    ).first()
    return None if row is None else AddressRow(*row)


def name(tx: Tx, contact_id: int) -> str:
    return str(
        tx.connection.execute(select(contact.c.name).where(contact.c.id == contact_id)).scalar_one()
    )


def by_name(tx: Tx, segment_id: int, wanted: str) -> list[int]:
    """Ids of contacts of exactly this name, oldest first."""
    found = tx.connection.execute(
        select(contact.c.id)
        .where(contact.c.segment_id == segment_id, contact.c.name == wanted)
        .order_by(contact.c.created_at, contact.c.id)
    )
    return list(found.scalars())


def of_segment(tx: Tx, segment_id: int) -> list[tuple[int, str, str | None]]:
    """(id, name, name of the owner), by name and age."""
    found = tx.connection.execute(
        select(contact.c.id, contact.c.name, principal.c.name)
        .outerjoin_from(contact, principal, principal.c.id == contact.c.owner_id)
        .where(contact.c.segment_id == segment_id)
        .order_by(func.lower(contact.c.name), contact.c.id)
    )
    return [(row[0], row[1], row[2]) for row in found]


def addresses_of_segment(tx: Tx, segment_id: int) -> list[AddressRow]:
    found = tx.connection.execute(
        select(email_address.c.id, email_address.c.contact_id, email_address.c.address)
        .where(email_address.c.segment_id == segment_id)
        .order_by(email_address.c.id)
    )
    return [AddressRow(*row) for row in found]


def set_owner(tx: Tx, contact_id: int, owner_id: int) -> None:
    tx.connection.execute(
        update(contact).where(contact.c.id == contact_id).values(owner_id=owner_id)
    )
