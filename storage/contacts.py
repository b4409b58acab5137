"""Rows of contacts, their e-mail addresses and phone numbers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, or_, select, update

from storage import addresses
from storage.engine import Tx
from storage.schema import contact, email_address, email_recipient, link, principal


@dataclass(frozen=True, slots=True)
class ContactRow:
    """owner: the name of a principal."""

    id: int
    name: str
    owner: str | None
    is_customer: bool
    is_staff: bool


@dataclass(frozen=True, slots=True)
class AddressRow:
    """kind: email, phone. contact: its name."""

    id: int
    contact_id: int
    address: str
    kind: str
    contact: str


# Built once: a drop runs them for every address of its mail.
_ADDRESS = select(
    email_address.c.id,
    email_address.c.contact_id,
    email_address.c.address,
    email_address.c.kind,
    contact.c.name,
).join_from(email_address, contact, contact.c.id == email_address.c.contact_id)
_HAS_KEY = (
    email_address.c.segment_id == bindparam("segment_id"),
    email_address.c.address_key == bindparam("address_key"),
)
_ALL_BY_KEY = _ADDRESS.where(*_HAS_KEY).order_by(contact.c.created_at, contact.c.id)
_BY_KEY = _ALL_BY_KEY.limit(1)
_MAILBOX_BESIDE = (
    _ADDRESS.where(
        email_address.c.contact_id.in_(select(email_address.c.contact_id).where(*_HAS_KEY)),
        addresses.IS_MAILBOX,
    )
    .order_by(
        contact.c.created_at, contact.c.id, email_address.c.is_first.desc(), email_address.c.id
    )
    .limit(1)
)
_HOLDERS = select(func.count(email_address.c.contact_id.distinct())).where(*_HAS_KEY)
_CONTACT = select(
    contact.c.id, contact.c.name, principal.c.name, contact.c.is_customer, contact.c.is_staff
).outerjoin_from(contact, principal, principal.c.id == contact.c.owner_id)
_BY_ID = _CONTACT.where(contact.c.id == bindparam("of_contact"))
_WHOSE = (
    select(email_address.c.address_key, contact.c.is_staff)
    .join_from(email_address, contact, contact.c.id == email_address.c.contact_id)
    .where(email_address.c.id.in_(bindparam("some", expanding=True)))
    .order_by(email_address.c.id)
)
_WROTE_OR_GOT = (
    select(email_recipient.c.activity_id)
    .join_from(email_recipient, email_address, email_address.c.id == email_recipient.c.address_id)
    .where(
        or_(
            email_recipient.c.activity_id == bindparam("of_activity"),
            email_recipient.c.activity_id.in_(
                select(link.c.from_id).where(link.c.to_id == bindparam("of_activity"))
            ),
        ),
        email_address.c.contact_id.in_(bindparam("some", expanding=True)),
    )
    .limit(1)
)
_ADD = insert(contact).returning(contact.c.id)
_ADD_ADDRESS = insert(email_address).returning(email_address.c.id)


def add(
    tx: Tx,
    segment_id: int,
    name: str,
    owner_id: int | None,
    is_customer: bool = True,
    is_staff: bool = False,
    by_hand: bool = False,
) -> int:
    """by_hand: see schema.people."""
    made = tx.connection.execute(
        _ADD,
        {
            "segment_id": segment_id,
            "name": name,
            "owner_id": owner_id,
            "created_at": tx.now,
            "is_customer": is_customer,
            "is_staff": is_staff,
            "by_hand": by_hand,
        },
    )
    return int(made.scalar_one())


def add_address(
    tx: Tx, segment_id: int, contact_id: int, address: str, address_key: str, kind: str = "email"
) -> int:
    """kind: email, phone (its key: activities.phones)."""
    made = tx.connection.execute(
        _ADD_ADDRESS,
        {
            "segment_id": segment_id,
            "contact_id": contact_id,
            "address": address,
            "address_key": address_key,
            "kind": kind,
        },
    )
    return int(made.scalar_one())


def address_by_key(tx: Tx, segment_id: int, address_key: str) -> AddressRow | None:
    """Of the oldest contact that has it."""
    row = tx.connection.execute(
        _BY_KEY, {"segment_id": segment_id, "address_key": address_key}
    ).first()
    return None if row is None else AddressRow(*row)


def by_key(tx: Tx, segment_id: int, address_key: str) -> list[AddressRow]:
    """Of every contact that has it, oldest first."""
    wanted = {"segment_id": segment_id, "address_key": address_key}
    return [AddressRow(*row) for row in tx.connection.execute(_ALL_BY_KEY, wanted)]


def mailbox_beside(tx: Tx, segment_id: int, address_key: str) -> AddressRow | None:
    """The first address with an `@` of the oldest contact that has both one and the address of that
    key; None: there is none."""
    wanted = {"segment_id": segment_id, "address_key": address_key}
    row = tx.connection.execute(_MAILBOX_BESIDE, wanted).first()
    return None if row is None else AddressRow(*row)


def holders(tx: Tx, segment_id: int, address_key: str) -> int:
    """How many contacts have the address."""
    wanted = {"segment_id": segment_id, "address_key": address_key}
    return int(tx.connection.execute(_HOLDERS, wanted).scalar_one())


def whose(tx: Tx, address_ids: Collection[int]) -> list[tuple[str, bool]]:
    """(key, whether its contact is staff) of each address, in the order of their making."""
    found = tx.connection.execute(_WHOSE, {"some": list(address_ids)})
    return [(row[0], row[1]) for row in found]


def wrote_or_got(tx: Tx, activity_id: int, contact_ids: Collection[int]) -> bool:
    """Whether one of these contacts sent or got a mail that is this activity, or is linked to
    it."""
    wanted = {"of_activity": activity_id, "some": list(contact_ids)}
    return tx.connection.execute(_WROTE_OR_GOT, wanted).first() is not None


def by_id(tx: Tx, contact_id: int) -> ContactRow:
    return ContactRow(*tx.connection.execute(_BY_ID, {"of_contact": contact_id}).one())


def is_of(tx: Tx, segment_id: int, contact_id: int) -> bool:
    """Whether the segment has a contact of that id."""
    wanted = select(contact.c.id).where(
        contact.c.segment_id == segment_id, contact.c.id == contact_id
    )
    return tx.connection.execute(wanted).first() is not None


def change(tx: Tx, contact_id: int, **columns: str | bool) -> None:
    """columns: of contact, by name."""
    tx.connection.execute(update(contact).where(contact.c.id == contact_id).values(**columns))


def addresses_of(tx: Tx, contact_id: int) -> list[AddressRow]:
    """Phone numbers among them: the first, then in the order of their making."""
    found = tx.connection.execute(
        _ADDRESS.where(email_address.c.contact_id == contact_id).order_by(
            email_address.c.is_first.desc(), email_address.c.id
        )
    )
    return [AddressRow(*row) for row in found]


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


def of_segment(tx: Tx, segment_id: int) -> list[ContactRow]:
    """By name and age."""
    found = tx.connection.execute(
        _CONTACT.where(contact.c.segment_id == segment_id).order_by(
            func.lower(contact.c.name), contact.c.id
        )
    )
    return [ContactRow(*row) for row in found]


def addresses_of_segment(tx: Tx, segment_id: int) -> list[AddressRow]:
    """Phone numbers among them, each contact's first before its others."""
    found = tx.connection.execute(
        _ADDRESS.where(email_address.c.segment_id == segment_id).order_by(
            email_address.c.is_first.desc(), email_address.c.id
        )
    )
    return [AddressRow(*row) for row in found]


def set_owner(tx: Tx, contact_id: int, owner_id: int) -> None:
    tx.connection.execute(
        update(contact).where(contact.c.id == contact_id).values(owner_id=owner_id)
    )
