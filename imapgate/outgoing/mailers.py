"""Mailers: making, finding and changing them, each change with a record of who did it.

Still missing: making, changing and removing."""

from __future__ import annotations

from imapgate.activities.names import Mistake, key
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.settings import flat
from imapgate.outgoing.token_holder import holder, secrets_of
from storage import Tx
from storage import mailers as rows

__all__ = [
    "built",
    "find_mailer",
    "holder",
    "list_mailers",
    "mailer_by_id",
    "secrets_of",
]


def list_mailers(tx: Tx, segment_id: int | None = None) -> list[Mailer]:
    """Those that a segment's mail may go out by: its own, then those for all segments, each in the
    order of their making; None: all of all."""
    if segment_id is None:
        return [built(row) for row in rows.rows(tx)]
    return [built(row) for of in (segment_id, None) for row in rows.of_segment(tx, of)]


def find_mailer(tx: Tx, segment_id: int | None, name: str) -> Mailer:
    """By name, case ignored: the segment's own, else one for all segments; None: of those alone.
    Raises Mistake."""
    row = None if segment_id is None else rows.by_key(tx, segment_id, key(name))
    row = row or rows.by_key(tx, None, key(name))
    if row is None:
        raise Mistake(f'There is no mailer "{name}".')
    return built(row)


def mailer_by_id(tx: Tx, mailer_id: int) -> Mailer | None:
    """None: it was removed."""
    row = rows.by_id(tx, mailer_id)
    return None if row is None else built(row)


def built(row: rows.MailerRow) -> Mailer:
    settings = {**row.settings, "account": row.account}
    return flat.built(
        row.id,
        row.segment_id,
        row.name,
        row.is_default,
        settings,
        row.account_id,
        row.account_settings,
    )
