"""Rows of e-mail activities: the message that one was made from, its sender and recipients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from storage.engine import Tx
from storage.schema import (
    activity_in_group,
    contact,
    email_activity,
    email_address,
    email_recipient,
    membership,
    message,
    message_digest,
)

ENVELOPE = "envelope"
"""Kind of a recipient whom a journal's envelope told, and not the mail."""


@dataclass(frozen=True, slots=True)
class EmailRow:
    """message_id: without angle brackets. sent_at: seconds since 1970 UTC. sha256: of the stored
    bytes. direction, automatic, gateway, addressed: see schema.activities."""

    activity_id: int
    stored_message_id: int
    identity: bytes
    subject: str
    message_id: str | None
    sent_at: int | None
    body: str
    direction: str | None
    automatic: str | None
    gateway: str | None
    addressed: bool
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Recipient:
    """kind: from, to, cc, bcc, envelope."""

    kind: str
    address_id: int
    display_name: str


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """address and contact: as the CRM has them. address_kind: email, phone."""

    kind: str
    address: str
    contact: str
    contact_id: int
    display_name: str
    address_kind: str


_EMAIL = select(
    email_activity.c.activity_id,
    email_activity.c.stored_message_id,
    email_activity.c.identity,
    email_activity.c.subject,
    email_activity.c.message_id,
    email_activity.c.sent_at,
    email_activity.c.body,
    email_activity.c.direction,
    email_activity.c.automatic,
    email_activity.c.gateway,
    email_activity.c.addressed,
    message.c.sha256,
).join_from(email_activity, message, message.c.id == email_activity.c.stored_message_id)


# Built once: every drop runs them.
_ADD = insert(email_activity)
_ADD_RECIPIENT = insert(email_recipient)
_BY_IDENTITY = (
    select(email_activity.c.activity_id)
    .where(
        email_activity.c.segment_id == bindparam("segment_id"),
        email_activity.c.identity == bindparam("identity"),
    )
    .order_by(email_activity.c.activity_id)
)
_BY_MESSAGE_ID = (
    select(email_activity.c.activity_id, email_activity.c.stored_message_id)
    .where(
        email_activity.c.segment_id == bindparam("segment_id"),
        email_activity.c.message_id == bindparam("message_id"),
        exists().where(
            activity_in_group.c.activity_id == email_activity.c.activity_id,
            membership.c.group_id == activity_in_group.c.group_id,
            membership.c.principal_id == bindparam("principal_id"),
        ),
    )
    .order_by(email_activity.c.activity_id)
    .limit(bindparam("most"))
)


_ALL_BY_MESSAGE_ID = (
    select(email_activity.c.activity_id, email_activity.c.stored_message_id)
    .where(
        email_activity.c.segment_id == bindparam("segment_id"),
        email_activity.c.message_id == bindparam("message_id"),
    )
    .order_by(email_activity.c.activity_id)
    .limit(bindparam("most"))
)
_OF_ACTIVITY = _EMAIL.where(email_activity.c.activity_id == bindparam("of_activity"))
_REMOVE_RECIPIENTS = delete(email_recipient).where(
    email_recipient.c.activity_id == bindparam("of_activity")
)
_MATCHED = (
    select(email_recipient.c.kind, email_recipient.c.address_id, email_recipient.c.display_name)
    .where(email_recipient.c.activity_id == bindparam("of_activity"))
    .order_by(email_recipient.c.position)
)
_DIGEST = select(message_digest.c.mail).where(
    message_digest.c.stored_message_id == bindparam("of_message")
)


def add(
    tx: Tx,
    activity_id: int,
    segment_id: int,
    stored_message_id: int,
    identity: bytes,
    subject: str,
    message_id: str | None,
    sent_at: int | None,
    body: str,
    direction: str | None = None,
    automatic: str | None = None,
) -> None:
    tx.connection.execute(
        _ADD,
        {
            "activity_id": activity_id,
            "segment_id": segment_id,
            "stored_message_id": stored_message_id,
            "identity": identity,
            "subject": subject,
            "message_id": message_id,
            "sent_at": sent_at,
            "body": body,
            "direction": direction,
            "automatic": automatic,
        },
    )


def tell_origin(tx: Tx, activity_id: int, direction: str | None, automatic: str | None) -> None:
    """What nobody has told of it yet."""
    told = {"direction": direction, "automatic": automatic}
    tx.connection.execute(
        update(email_activity)
        .where(email_activity.c.activity_id == activity_id)
        .values(
            {name: func.coalesce(email_activity.c[name], value) for name, value in told.items()}
        )
    )


def of_activity(tx: Tx, activity_id: int) -> EmailRow | None:
    row = tx.connection.execute(_OF_ACTIVITY, {"of_activity": activity_id}).first()
    return None if row is None else EmailRow(**row._mapping)


def by_identity(tx: Tx, segment_id: int, identity: bytes) -> list[int]:
    """Ids of the activities of that mail, oldest first."""
    found = tx.connection.execute(_BY_IDENTITY, {"segment_id": segment_id, "identity": identity})
    return list(found.scalars())


def seen_by_message_id(
    tx: Tx, segment_id: int, principal_id: int | None, message_id: str, limit: int
) -> list[tuple[int, int]]:
    """(activity id, id of its stored message) of that Message-ID, of those that stand in a group of
    the principal (None: all); oldest first, at most limit."""
    wanted: dict[str, Any] = {"segment_id": segment_id, "message_id": message_id, "most": limit}
    if principal_id is None:
        found = tx.connection.execute(_ALL_BY_MESSAGE_ID, wanted)
    else:
        found = tx.connection.execute(_BY_MESSAGE_ID, {**wanted, "principal_id": principal_id})
    return [(row[0], row[1]) for row in found]


def set_recipients(tx: Tx, activity_id: int, recipients: Sequence[Recipient]) -> None:
    """These and no others, in this order."""
    tx.connection.execute(_REMOVE_RECIPIENTS, {"of_activity": activity_id})
    add_recipients(tx, activity_id, recipients)


def address(tx: Tx, activity_id: int, recipients: Sequence[Recipient], gateway: str | None) -> None:
    """Recipients and gateway by hand, from now on whatever the message names."""
    set_recipients(tx, activity_id, recipients)
    tx.connection.execute(
        update(email_activity)
        .where(email_activity.c.activity_id == activity_id)
        .values(gateway=gateway, addressed=True)
    )


def add_recipients(tx: Tx, activity_id: int, recipients: Sequence[Recipient]) -> None:
    """Of an activity that has none yet, in this order."""
    rows = [
        {
            "activity_id": activity_id,
            "position": position,
            "kind": one.kind,
            "address_id": one.address_id,
            "display_name": one.display_name,
        }
        for position, one in enumerate(recipients)
    ]
    if rows:
        tx.connection.execute(_ADD_RECIPIENT, rows)


def recipients(tx: Tx, activity_id: int) -> list[RecipientRow]:
    """In the mail's order."""
    found = tx.connection.execute(
        select(
            email_recipient.c.kind,
            email_address.c.address,
            contact.c.name,
            contact.c.id,
            email_recipient.c.display_name,
            email_address.c.kind,
        )
        .join_from(
            email_recipient, email_address, email_address.c.id == email_recipient.c.address_id
        )
        .join(contact, contact.c.id == email_address.c.contact_id)
        .where(email_recipient.c.activity_id == activity_id)
        .order_by(email_recipient.c.position)
    )
    return [RecipientRow(*row) for row in found]


def matched(tx: Tx, activity_id: int) -> list[Recipient]:
    """As `set_recipients` took them."""
    found = tx.connection.execute(_MATCHED, {"of_activity": activity_id})
    return [Recipient(*row) for row in found]


def digest(tx: Tx, stored_message_id: int) -> str | None:
    """The stored message's digest (JSON), as whoever stored it wrote it."""
    found: str | None = tx.connection.execute(_DIGEST, {"of_message": stored_message_id}).scalar()
    return found
