"""Rows of a segment's own mail templates."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from storage.engine import Tx
from storage.schema import mail_template


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """html None: it is made of text. changed_at: seconds since 1970 UTC."""

    name: str
    subject: str
    text: str
    html: str | None
    changed_at: int


_TEMPLATE = select(
    mail_template.c.name,
    mail_template.c.subject,
    mail_template.c.text,
    mail_template.c.html,
    mail_template.c.changed_at,
).where(mail_template.c.segment_id == bindparam("of_segment"))
_BY_NAME = _TEMPLATE.where(mail_template.c.name == bindparam("wanted"))


def by_name(tx: Tx, segment_id: int, name: str) -> TemplateRow | None:
    row = tx.connection.execute(_BY_NAME, {"of_segment": segment_id, "wanted": name}).first()
    return None if row is None else TemplateRow(*row)


def of_segment(tx: Tx, segment_id: int) -> list[TemplateRow]:
    """By name."""
    found = tx.connection.execute(
        _TEMPLATE.order_by(mail_template.c.name), {"of_segment": segment_id}
    )
    return [TemplateRow(*row) for row in found]


def put(tx: Tx, segment_id: int, name: str, subject: str, text: str, html: str | None) -> None:
    """In place of the one of that name, if there is one."""
    columns = {"subject": subject, "text": text, "html": html, "changed_at": tx.now}
    changed = tx.connection.execute(
        update(mail_template)
        .where(mail_template.c.segment_id == segment_id, mail_template.c.name == name)
        .values(**columns)
    )
    if not changed.rowcount:
        tx.connection.execute(
            insert(mail_template).values(segment_id=segment_id, name=name, **columns)
        )


def remove(tx: Tx, segment_id: int, name: str) -> bool:
    """Whether there was one."""
    gone = tx.connection.execute(
        delete(mail_template).where(
            mail_template.c.segment_id == segment_id, mail_template.c.name == name
        )
    )
    return bool(gone.rowcount)
