"""Rows of drop records (DESIGN rule 6): who dropped what where, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import bindparam, insert, select

from storage.engine import Tx
from storage.schema import drop_record

CHUNK = 500
"""Values of one IN list."""


@dataclass(frozen=True, slots=True)
class DropRow:
    """Columns of a drop record but for its id, segment, principal and time."""

    client: str
    command: str
    folder_id: int | None
    folder_name: str
    verdict: str
    code: str | None
    text: str
    subject: str = ""
    message_id: str | None = None
    sha256: bytes | None = None
    identity: bytes | None = None
    stored_message_id: int | None = None
    activity_id: int | None = None
    uid: int | None = None
    numbers: str = "[]"
    is_wrapper: bool = False


@dataclass(frozen=True, slots=True)
class WrapperRow:
    """An earlier drop of the same wrapper. activity_id: what it named or made."""

    folder_id: int | None
    uid: int | None
    activity_id: int | None


# Built once: every drop runs some of them.
_ADD = insert(drop_record)
_FILED_WRAPPERS = (
    select(drop_record.c.folder_id, drop_record.c.uid, drop_record.c.activity_id)
    .where(drop_record.c.is_wrapper, drop_record.c.verdict == "filed")
    .order_by(drop_record.c.id.desc())
)
_OWN_WRAPPERS = _FILED_WRAPPERS.where(
    drop_record.c.principal_id == bindparam("of_principal"),
    drop_record.c.identity == bindparam("same"),
)
_WRAPPERS_OF_MESSAGE = _FILED_WRAPPERS.where(
    drop_record.c.stored_message_id == bindparam("of_message")
)
_VERDICTS = (
    select(drop_record.c.stored_message_id, drop_record.c.verdict, drop_record.c.command)
    .where(
        drop_record.c.stored_message_id.in_(bindparam("messages", expanding=True)),
        drop_record.c.principal_id == bindparam("of_principal"),
        drop_record.c.at >= bindparam("since"),
    )
    .order_by(drop_record.c.id)
)
_CONCERNED = (
    select(drop_record.c.activity_id)
    .where(
        drop_record.c.principal_id == bindparam("of_principal"),
        drop_record.c.identity == bindparam("same"),
        drop_record.c.activity_id.is_not(None),
        ~drop_record.c.is_wrapper,
    )
    .order_by(drop_record.c.id)
)


def add(tx: Tx, segment_id: int, principal_id: int, rows: Sequence[DropRow]) -> None:
    if rows:
        tx.connection.execute(
            _ADD,
            [
                {
                    "segment_id": segment_id,
                    "principal_id": principal_id,
                    "at": tx.now,
                    **asdict(row),
                }
                for row in rows
            ],
        )


def wrappers(
    tx: Tx, principal_id: int, identity: bytes, stored_message_id: int
) -> list[WrapperRow]:
    """Earlier filed drops of the same wrapper, newest first: this person's by identity, then
    everybody's of the very same bytes."""
    own = tx.connection.execute(_OWN_WRAPPERS, {"of_principal": principal_id, "same": identity})
    found = [WrapperRow(*row) for row in own]
    others = tx.connection.execute(_WRAPPERS_OF_MESSAGE, {"of_message": stored_message_id})
    found.extend(WrapperRow(*row) for row in others)
    return found


def verdicts(
    tx: Tx,
    principal_id: int,
    stored_message_ids: Collection[int],
    commands: Sequence[str],
    since: int,
) -> Iterator[tuple[int, str]]:
    """(stored_message_id, verdict) of one person's drops since then, oldest first; commands: those
    that refusals count of."""
    ids = list(stored_message_ids)
    for start in range(0, len(ids), CHUNK):
        some = {"messages": ids[start : start + CHUNK], "of_principal": principal_id}
        rows = tx.connection.execute(_VERDICTS, {**some, "since": since})
        for stored_message_id, verdict, command in rows:
            if verdict == "filed" or command in commands:
                yield stored_message_id, verdict


def concerned(tx: Tx, principal_id: int, identity: bytes) -> list[int]:
    """Ids of the activities that this person has filed this mail into or taken it out of, oldest
    first."""
    own = {"of_principal": principal_id, "same": identity}
    return list(tx.connection.execute(_CONCERNED, own).scalars())
