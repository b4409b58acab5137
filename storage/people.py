"""Rows of segments and principals. Keys (NFC, case folded) are made by the caller."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from storage.engine import Tx
from storage.schema import meta, principal, segment

FLOOR = "number_floor"
"""In `meta`: the least activity number of a segment that is made after a restore, since one of its
name may be among what was lost."""

CHUNK = 500
"""Values of one IN list."""


@dataclass(frozen=True, slots=True)
class SegmentRow:
    id: int
    name: str
    next_number: int
    subject_pattern: str | None
    default_creator_id: int | None
    subject_template: str | None
    activity_url: str | None


@dataclass(frozen=True, slots=True)
class PrincipalRow:
    """segment: the name of its segment."""

    id: int
    segment_id: int
    segment: str
    name: str
    email: str | None
    password_hash: str
    is_admin: bool
    disabled: bool
    contact_id: int | None


_SEGMENT = select(
    segment.c.id,
    segment.c.name,
    segment.c.next_number,
    segment.c.subject_pattern,
    segment.c.default_creator_id,
    segment.c.subject_template,
    segment.c.activity_url,
)
_DOMAINS = select(segment.c.domains).where(segment.c.id == bindparam("of_segment"))
_OBJECT_KEY = select(segment.c.object_key).where(segment.c.id == bindparam("of_segment"))
_PRINCIPAL = select(
    principal.c.id,
    principal.c.segment_id,
    segment.c.name.label("segment"),
    principal.c.name,
    principal.c.email,
    principal.c.password_hash,
    principal.c.is_admin,
    principal.c.disabled,
    principal.c.contact_id,
).join_from(principal, segment, segment.c.id == principal.c.segment_id)


# Built once: every drop or sign-in runs some of them.
_PRINCIPAL_BY_ID = _PRINCIPAL.where(principal.c.id == bindparam("of_principal"))
_PRINCIPAL_BY_NAME = _PRINCIPAL.where(
    segment.c.name_key == bindparam("segment_key"), principal.c.name_key == bindparam("key")
)
_PRINCIPAL_BY_EMAIL = _PRINCIPAL.where(principal.c.email_key == bindparam("key"))
_WELCOME = select(principal.c.id, principal.c.password_hash).where(
    principal.c.id.in_(bindparam("principals", expanding=True)), principal.c.disabled.is_(False)
)
_ADMINISTRATOR = (
    select(principal.c.id)
    .where(principal.c.segment_id == bindparam("of_segment"), principal.c.is_admin)
    .order_by(principal.c.id)
    .limit(1)
)
_USER_OF_CONTACT = (
    _PRINCIPAL.where(
        principal.c.contact_id == bindparam("of_contact"), principal.c.disabled.is_(False)
    )
    .order_by(principal.c.id)
    .limit(1)
)
_EMAIL_KEYS = select(principal.c.email_key).where(
    principal.c.segment_id == bindparam("of_segment"), principal.c.email_key.is_not(None)
)
_SEGMENT_BY_ID = _SEGMENT.where(segment.c.id == bindparam("of_segment"))
_TAKE_NUMBER = (
    update(segment)
    .where(segment.c.id == bindparam("of_segment"))
    .values(next_number=segment.c.next_number + 1)
    .returning(segment.c.next_number)
)


def add_segment(tx: Tx, name: str, name_key: str, next_number: int) -> int:
    """The row id of a new segment. next_number: where its numbers begin, or further on where a
    restore says so (`FLOOR`)."""
    floor = tx.connection.execute(select(meta.c.value).where(meta.c.key == FLOOR)).scalar()
    first = max(next_number, int(floor or 0))
    made = tx.connection.execute(
        insert(segment)
        .values(
            name=name,
            name_key=name_key,
            next_number=first,
            created_at=tx.now,
            object_key=os.urandom(32),
        )
        .returning(segment.c.id)
    )
    return int(made.scalar_one())


def object_key(tx: Tx, segment_id: int) -> bytes:
    """A segment's secret: 32 octets."""
    return bytes(tx.connection.execute(_OBJECT_KEY, {"of_segment": segment_id}).scalar_one())


def segments(tx: Tx) -> list[SegmentRow]:
    """All, in the order of their making."""
    return [SegmentRow(*row) for row in tx.connection.execute(_SEGMENT.order_by(segment.c.id))]


def segment_by_key(tx: Tx, name_key: str) -> SegmentRow | None:
    row = tx.connection.execute(_SEGMENT.where(segment.c.name_key == name_key)).first()
    return None if row is None else SegmentRow(*row)


def segment_by_id(tx: Tx, segment_id: int) -> SegmentRow:
    return SegmentRow(*tx.connection.execute(_SEGMENT_BY_ID, {"of_segment": segment_id}).one())


def take_number(tx: Tx, segment_id: int) -> int:
    """The next activity number of the segment; it is never given out again."""
    taken = tx.connection.execute(_TAKE_NUMBER, {"of_segment": segment_id}).scalar_one()
    return int(taken) - 1


def set_subjects(tx: Tx, segment_id: int, pattern: str | None, template: str | None) -> None:
    tx.connection.execute(
        update(segment)
        .where(segment.c.id == segment_id)
        .values(subject_pattern=pattern, subject_template=template)
    )


def set_activity_url(tx: Tx, segment_id: int, pattern: str | None) -> None:
    """pattern: with `{number}`; None: an activity stands nowhere on the web."""
    tx.connection.execute(
        update(segment).where(segment.c.id == segment_id).values(activity_url=pattern)
    )


def domains(tx: Tx, segment_id: int) -> list[str]:
    """The segment's own, in lower case."""
    found = tx.connection.execute(_DOMAINS, {"of_segment": segment_id}).scalar_one()
    return [str(one) for one in json.loads(found)]


def set_domains(tx: Tx, segment_id: int, domains: Sequence[str]) -> None:
    tx.connection.execute(
        update(segment).where(segment.c.id == segment_id).values(domains=json.dumps(list(domains)))
    )


def set_default_creator(tx: Tx, segment_id: int, creator_id: int | None) -> None:
    tx.connection.execute(
        update(segment).where(segment.c.id == segment_id).values(default_creator_id=creator_id)
    )


def add_principal(
    tx: Tx,
    segment_id: int,
    name: str,
    name_key: str,
    email: str | None,
    email_key: str | None,
    password_hash: str,
    is_admin: bool,
    contact_id: int | None,
) -> int:
    """The row id of a new principal."""
    made = tx.connection.execute(
        insert(principal)
        .values(
            segment_id=segment_id,
            name=name,
            name_key=name_key,
            email=email,
            email_key=email_key,
            password_hash=password_hash,
            is_admin=is_admin,
            disabled=False,
            contact_id=contact_id,
            created_at=tx.now,
        )
        .returning(principal.c.id)
    )
    return int(made.scalar_one())


def principal_by_id(tx: Tx, principal_id: int) -> PrincipalRow | None:
    return _one(tx, _PRINCIPAL_BY_ID, {"of_principal": principal_id})


def principal_by_name(tx: Tx, segment_key: str, name_key: str) -> PrincipalRow | None:
    return _one(tx, _PRINCIPAL_BY_NAME, {"segment_key": segment_key, "key": name_key})


def principal_by_email(tx: Tx, email_key: str) -> PrincipalRow | None:
    """E-mail aliases are unique in the whole database."""
    return _one(tx, _PRINCIPAL_BY_EMAIL, {"key": email_key})


def principals(tx: Tx, segment_id: int) -> list[PrincipalRow]:
    """All of a segment, in the order of their making."""
    found = tx.connection.execute(
        _PRINCIPAL.where(principal.c.segment_id == segment_id).order_by(principal.c.id)
    )
    return [PrincipalRow(*row) for row in found]


def administrator(tx: Tx, segment_id: int) -> int | None:
    """The segment's oldest administrator."""
    found: int | None = tx.connection.execute(_ADMINISTRATOR, {"of_segment": segment_id}).scalar()
    return found


def user_of_contact(tx: Tx, contact_id: int) -> PrincipalRow | None:
    """The oldest principal whose contact it is, of those that aren't disabled."""
    return _one(tx, _USER_OF_CONTACT, {"of_contact": contact_id})


def email_keys(tx: Tx, segment_id: int) -> list[str]:
    """The keys of a segment's users' e-mail addresses."""
    return list(tx.connection.execute(_EMAIL_KEYS, {"of_segment": segment_id}).scalars())


def enabled(tx: Tx, principal_ids: Sequence[int]) -> dict[int, str]:
    """Principal -> password hash, of those among them who are there and not disabled."""
    found: dict[int, str] = {}
    for start in range(0, len(principal_ids), CHUNK):
        wanted = {"principals": principal_ids[start : start + CHUNK]}
        found.update((row[0], row[1]) for row in tx.connection.execute(_WELCOME, wanted))
    return found


def set_password_hash(tx: Tx, principal_id: int, password_hash: str) -> None:
    tx.connection.execute(
        update(principal).where(principal.c.id == principal_id).values(password_hash=password_hash)
    )


def set_disabled(tx: Tx, principal_id: int, disabled: bool) -> None:
    tx.connection.execute(
        update(principal).where(principal.c.id == principal_id).values(disabled=disabled)
    )


def _one(tx: Tx, statement: Select[Any], wanted: dict[str, Any]) -> PrincipalRow | None:
    row = tx.connection.execute(statement, wanted).first()
    return None if row is None else PrincipalRow(*row)
