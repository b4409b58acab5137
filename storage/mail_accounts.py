"""Rows of users' mail accounts: the addresses that they send from and are written to."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, union, update

from storage.engine import Tx
from storage.schema import mailer, principal, user_mail_account


@dataclass(frozen=True, slots=True)
class MailAccountRow:
    """principal, mailer: names. reply_address: None: the address."""

    id: int
    principal_id: int
    principal: str
    address: str
    reply_address: str | None
    is_default: bool
    mailer_id: int | None
    mailer: str | None
    subject_prefix: str
    link_pattern: str | None


_ACCOUNT = (
    select(
        user_mail_account.c.id,
        user_mail_account.c.principal_id,
        principal.c.name.label("principal"),
        user_mail_account.c.address,
        user_mail_account.c.reply_address,
        user_mail_account.c.is_default,
        user_mail_account.c.mailer_id,
        mailer.c.name.label("mailer"),
        user_mail_account.c.subject_prefix,
        user_mail_account.c.link_pattern,
    )
    .join_from(user_mail_account, principal, principal.c.id == user_mail_account.c.principal_id)
    .outerjoin(mailer, mailer.c.id == user_mail_account.c.mailer_id)
    .order_by(user_mail_account.c.is_default.desc(), user_mail_account.c.id)
)

# Built once: a mail that comes in runs it, each half by an index.
_WELCOME = principal.c.segment_id == bindparam("of_segment"), principal.c.disabled.is_(False)
_OWNERS = union(
    select(principal.c.id).where(principal.c.email_key == bindparam("key"), *_WELCOME),
    select(principal.c.id)
    .join_from(user_mail_account, principal, principal.c.id == user_mail_account.c.principal_id)
    .where(user_mail_account.c.address_key == bindparam("key"), *_WELCOME),
)

_OWNING = union(
    select(principal.c.id, principal.c.contact_id).where(
        principal.c.contact_id == bindparam("of_contact"), *_WELCOME
    ),
    select(principal.c.id, principal.c.contact_id).where(
        principal.c.email_key == bindparam("key"), *_WELCOME
    ),
    select(principal.c.id, principal.c.contact_id)
    .join_from(user_mail_account, principal, principal.c.id == user_mail_account.c.principal_id)
    .where(user_mail_account.c.address_key == bindparam("key"), *_WELCOME),
)


def add(tx: Tx, principal_id: int, address: str, address_key: str, **columns: Any) -> int:
    """The row id of a new one, which isn't the default. columns: reply_address, mailer_id,
    subject_prefix, link_pattern."""
    made = tx.connection.execute(
        insert(user_mail_account)
        .values(
            principal_id=principal_id,
            address=address,
            address_key=address_key,
            is_default=False,
            created_at=tx.now,
            **columns,
        )
        .returning(user_mail_account.c.id)
    )
    return int(made.scalar_one())


def change(tx: Tx, mail_account_id: int, **columns: Any) -> None:
    """columns: as `add` takes them, and address with address_key."""
    tx.connection.execute(
        update(user_mail_account).where(user_mail_account.c.id == mail_account_id).values(**columns)
    )


def remove(tx: Tx, mail_account_id: int) -> None:
    tx.connection.execute(
        delete(user_mail_account).where(user_mail_account.c.id == mail_account_id)
    )


def set_default(tx: Tx, principal_id: int, mail_account_id: int) -> None:
    """That one and no other of the user's."""
    tx.connection.execute(
        update(user_mail_account)
        .where(user_mail_account.c.principal_id == principal_id)
        .values(is_default=user_mail_account.c.id == mail_account_id)
    )


def of_principal(tx: Tx, principal_id: int) -> list[MailAccountRow]:
    """The default first, then in the order of their making."""
    return _rows(tx, user_mail_account.c.principal_id == principal_id)


def of_segment(tx: Tx, segment_id: int) -> list[MailAccountRow]:
    """Of all its users, each one's default first."""
    found = _rows(tx, principal.c.segment_id == segment_id)
    return sorted(found, key=lambda one: one.principal_id)


def with_address(tx: Tx, segment_id: int, address_key: str) -> list[MailAccountRow]:
    """Of any user of the segment."""
    return _rows(
        tx,
        principal.c.segment_id == segment_id,
        user_mail_account.c.address_key == address_key,
    )


def owner_ids(tx: Tx, segment_id: int, address_key: str) -> list[int]:
    """The segment's users who have the address in a mail account, or as their own e-mail address;
    those who are disabled don't count."""
    wanted = {"of_segment": segment_id, "key": address_key}
    return sorted(tx.connection.execute(_OWNERS, wanted).scalars())


def contacts_of_owners(
    tx: Tx, segment_id: int, address_key: str, contact_id: int
) -> list[int | None]:
    """As `owner_ids`, and whose own contact that is: each one's contact, None: they have none."""
    wanted = {"of_segment": segment_id, "key": address_key, "of_contact": contact_id}
    return [row[1] for row in sorted(tx.connection.execute(_OWNING, wanted), key=itemgetter(0))]


def of_mailer(tx: Tx, mailer_id: int) -> list[MailAccountRow]:
    """Those that go out by this mailer."""
    return _rows(tx, user_mail_account.c.mailer_id == mailer_id)


def _rows(tx: Tx, *conditions: Any) -> list[MailAccountRow]:
    return [_row(row) for row in tx.connection.execute(_ACCOUNT.where(*conditions))]


def _row(row: Any) -> MailAccountRow:
    return MailAccountRow(*row)
