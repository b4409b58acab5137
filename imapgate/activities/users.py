"""Users: making them, their passwords, whether they may come in."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities.names import Mistake, checked, checked_email, key
from imapgate.activities.people import Person, person
from storage import Tx, contacts, mail_accounts
from storage import people as rows


@dataclass(frozen=True, slots=True)
class User:
    """login: `name@Segment`."""

    name: str
    login: str
    email: str | None
    is_admin: bool
    disabled: bool


def add_user(
    tx: Tx,
    segment_id: int,
    name: str,
    email: str | None,
    password_hash: str,
    is_admin: bool = False,
) -> Person:
    """A new user with a contact of their own. password_hash: from `passwords.hashed`.

    The e-mail address is an alias of the login, so it is unique in the database. An address that a
    contact already has stays there, and that contact becomes the user's. Raises Mistake. The caller
    makes the user's personal folders.
    """
    kept = checked(name, "user name")
    if "@" in kept:
        raise Mistake("A user's name has no @.")
    segment = rows.segment_by_id(tx, segment_id)
    login = f"{kept}@{segment.name}"
    if rows.principal_by_name(tx, key(segment.name), key(kept)) is not None:
        raise Mistake(f'There is already a user "{login}".')
    if rows.principal_by_email(tx, key(login)) is not None:
        raise Mistake(f'"{login}" is the e-mail address of another user.')
    address = None if email is None else checked_email(email)
    if address is not None:
        _check_alias(tx, segment_id, address)
    contact_id = _own_contact(tx, segment_id, kept, address)
    principal_id = rows.add_principal(
        tx,
        segment_id,
        kept,
        key(kept),
        address,
        None if address is None else key(address),
        password_hash,
        is_admin,
        contact_id,
    )
    if rows.administrator(tx, segment_id) == principal_id:
        contacts.set_owner(tx, contact_id, principal_id)
    tx.touch_people()
    return Person(principal_id, segment_id, kept, segment.name, address, is_admin)


def set_password(tx: Tx, login: str, password_hash: str) -> Person:
    """password_hash: from `passwords.hashed`. Raises Mistake if there is no such user."""
    found = person(tx, login)
    rows.set_password_hash(tx, found.id, password_hash)
    tx.touch_people()
    return found


def set_disabled(tx: Tx, login: str, disabled: bool = True) -> Person:
    """Who is disabled can't sign in; sessions end. Raises Mistake if there is no such user."""
    found = person(tx, login)
    rows.set_disabled(tx, found.id, disabled)
    tx.touch_people()
    return found


def list_users(tx: Tx, segment_id: int) -> list[User]:
    """In the order of their making."""
    return [
        User(row.name, f"{row.name}@{row.segment}", row.email, row.is_admin, row.disabled)
        for row in rows.principals(tx, segment_id)
    ]


def _check_alias(tx: Tx, segment_id: int, address: str) -> None:
    other = rows.principal_by_email(tx, key(address))
    if other is not None:
        raise Mistake(f'The e-mail address "{address}" belongs to {other.name}@{other.segment}.')
    name, _, segment = address.rpartition("@")
    if rows.principal_by_name(tx, key(segment), key(name)) is not None:
        raise Mistake(f'"{address}" is the login of another user.')
    # Their contact would become the new user's, too.
    for account in mail_accounts.with_address(tx, segment_id, key(address)):
        raise Mistake(
            f'"{address}" is a mail account of {account.principal}: take it from there first '
            "(`imapgate user mail remove`)."
        )


def _own_contact(tx: Tx, segment_id: int, name: str, address: str | None) -> int:
    if address is not None:
        known = contacts.address_by_key(tx, segment_id, key(address))
        if known is not None:
            contacts.change(tx, known.contact_id, is_staff=True)
            return known.contact_id
    owner_id = rows.administrator(tx, segment_id)
    contact_id = contacts.add(tx, segment_id, name, owner_id, is_customer=False, is_staff=True)
    if address is not None:
        contacts.add_address(tx, segment_id, contact_id, address, key(address))
    return contact_id
