"""Rows that name a contact: counted, and made to name another one instead."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select, update

from storage.engine import Tx
from storage.schema import (
    activity,
    activity_type,
    address_group_member,
    contact,
    email_address,
    email_recipient,
    follow_up,
    principal,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What names some contacts. mails: whose sender or recipients they are; reported: activities;
    follow_ups: which they wrote; groups: in which they have an address."""

    mails: int
    reported: int
    follow_ups: int
    groups: int


@dataclass(frozen=True, slots=True)
class Traits:
    """What stands in a contact's row beside its name and its owner. created_at: seconds since
    1970."""

    id: int
    created_at: int
    is_customer: bool
    is_staff: bool
    mail_format: str | None


def counts(tx: Tx, contact_ids: Collection[int]) -> Counts:
    own = select(email_address.c.id).where(email_address.c.contact_id.in_(contact_ids))
    return Counts(
        _count(
            tx,
            select(func.count(email_recipient.c.activity_id.distinct())).where(
                email_recipient.c.address_id.in_(own)
            ),
        ),
        _count(
            tx,
            select(func.count()).where(activity.c.reporting_contact_id.in_(contact_ids)),
        ),
        _count(
            tx,
            select(func.count()).where(follow_up.c.author_contact_id.in_(contact_ids)),
        ),
        _count(
            tx,
            select(func.count(address_group_member.c.group_id.distinct())).where(
                address_group_member.c.address_id.in_(own)
            ),
        ),
    )


def users(tx: Tx, contact_ids: Collection[int]) -> list[str]:
    """Names of the users whose contacts they are, disabled ones too, in the order of their
    making."""
    found = tx.connection.execute(
        select(principal.c.name)
        .where(principal.c.contact_id.in_(contact_ids))
        .order_by(principal.c.id)
    )
    return list(found.scalars())


def traits(tx: Tx, contact_ids: Collection[int]) -> list[Traits]:
    """Oldest first."""
    found = tx.connection.execute(
        select(
            contact.c.id,
            contact.c.created_at,
            contact.c.is_customer,
            contact.c.is_staff,
            contact.c.mail_format,
        )
        .where(contact.c.id.in_(contact_ids))
        .order_by(contact.c.created_at, contact.c.id)
    )
    return [Traits(*row) for row in found]


def change(tx: Tx, contact_id: int, **columns: str | int | bool | None) -> None:
    """columns: of contact, by name."""
    tx.connection.execute(update(contact).where(contact.c.id == contact_id).values(**columns))


def told_of(tx: Tx, contact_ids: Collection[int], without_class: str) -> list[int]:
    """Ids of the activities that one of these contacts reports or wrote a follow-up on, but for
    those of a class."""
    reported = select(activity.c.id).where(activity.c.reporting_contact_id.in_(contact_ids))
    written = select(follow_up.c.activity_id).where(follow_up.c.author_contact_id.in_(contact_ids))
    found = tx.connection.execute(
        select(activity.c.id)
        .join_from(activity, activity_type, activity_type.c.id == activity.c.type_id)
        .where(
            activity.c.id.in_(reported.union(written)),
            activity_type.c.activity_class != without_class,
        )
        .order_by(activity.c.id)
    )
    return list(found.scalars())


def replace(tx: Tx, contact_ids: Collection[int], with_id: int) -> None:
    """Activities, follow-ups and users name the other contact instead."""
    for column in (
        activity.c.reporting_contact_id,
        follow_up.c.author_contact_id,
        principal.c.contact_id,
    ):
        tx.connection.execute(
            update(column.table).where(column.in_(contact_ids)).values({column.name: with_id})
        )


def remove(tx: Tx, contact_ids: Collection[int]) -> None:
    """Contacts that nothing names any more, and that have no address."""
    tx.connection.execute(delete(contact).where(contact.c.id.in_(contact_ids)))


def _count(tx: Tx, statement: Select[Any]) -> int:
    return int(tx.connection.execute(statement).scalar_one())
