"""The mail format that a user or a contact has of their own; None: none."""

from __future__ import annotations

from sqlalchemy import select, update

from storage.engine import Tx
from storage.schema import contact, principal


def of_principal(tx: Tx, principal_id: int) -> str | None:
    found: str | None = tx.connection.execute(
        select(principal.c.mail_format).where(principal.c.id == principal_id)
    ).scalar()
    return found


def of_contact(tx: Tx, contact_id: int) -> str | None:
    found: str | None = tx.connection.execute(
        select(contact.c.mail_format).where(contact.c.id == contact_id)
    ).scalar()
    return found


def set_of_principal(tx: Tx, principal_id: int, mail_format: str | None) -> None:
    tx.connection.execute(
        update(principal).where(principal.c.id == principal_id).values(mail_format=mail_format)
    )


def set_of_contact(tx: Tx, contact_id: int, mail_format: str | None) -> None:
    tx.connection.execute(
        update(contact).where(contact.c.id == contact_id).values(mail_format=mail_format)
    )
