"""Rows of drop records (docs/rules.md 6): who dropped what where, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import JSON, bindparam, exists, func, insert, select, type_coerce, update

from storage.engine import Tx
from storage.schema import drop_record, message_digest, principal, rendering

CHUNK = 500
"""Values of one IN list."""
COUNTED_FOR = 24 * 60 * 60
"""Seconds in which the same drop with the same outcome again is counted, not added."""


@dataclass(frozen=True, slots=True)
class DropRow:
    """Columns of a drop record but for its id, segment and principal. at None: now."""

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
    at: int | None = None
    times: int = 1
    first_at: int | None = None


@dataclass(frozen=True, slots=True)
class WrapperRow:
    """An earlier drop of a wrapper. activity_id: the first that it named or made; numbers: JSON,
    see schema."""

    folder_id: int | None
    uid: int | None
    activity_id: int | None
    numbers: str


_ALIKE = (
    *("verdict", "code", "command", "folder_name", "sha256", "activity_id", "uid", "numbers"),
    "is_wrapper",
)
"""Columns that agree in a drop and its repeat."""

# Built once: every drop runs some of them.
_ADD = insert(drop_record)
_LAST = select(
    drop_record.c.id,
    drop_record.c.identity,
    drop_record.c.folder_id,
    drop_record.c.at,
    func.coalesce(drop_record.c.first_at, drop_record.c.at).label("first_at"),
    *(drop_record.c[name] for name in _ALIKE),
)
_LAST_OF_MAILS = _LAST.where(
    drop_record.c.id.in_(
        select(func.max(drop_record.c.id))
        .where(
            drop_record.c.principal_id == bindparam("of_principal"),
            drop_record.c.identity.in_(bindparam("mails", expanding=True)),
        )
        .group_by(drop_record.c.identity)
    )
)
_LAST_OF_MAIL = (
    _LAST.where(
        drop_record.c.principal_id == bindparam("of_principal"),
        drop_record.c.identity.is_not_distinct_from(bindparam("mail")),
    )
    .order_by(drop_record.c.id.desc())
    .limit(1)
)
_COUNT = (
    update(drop_record)
    .where(drop_record.c.id == bindparam("of_record"))
    .values(
        times=drop_record.c.times + bindparam("more"),
        first_at=bindparam("first"),
        at=bindparam("now"),
        client=bindparam("new_client"),
        text=bindparam("new_text"),
        stored_message_id=func.coalesce(drop_record.c.stored_message_id, bindparam("of_message")),
    )
)
_MAIL = type_coerce(message_digest.c.mail, JSON)
_HEADLINES = select(
    message_digest.c.stored_message_id,
    _MAIL["subject"].as_string(),
    _MAIL["message_id"].as_string(),
).where(message_digest.c.stored_message_id.in_(bindparam("messages", expanding=True)))
_WRAPPER = select(
    drop_record.c.folder_id,
    drop_record.c.uid,
    drop_record.c.activity_id,
    drop_record.c.numbers,
)
_WRAPPERS = _WRAPPER.where(
    # By people, since the index of identities begins with them.
    drop_record.c.principal_id.in_(
        select(principal.c.id).where(principal.c.segment_id == bindparam("of_segment"))
    ),
    drop_record.c.identity == bindparam("same"),
    drop_record.c.is_wrapper,
    drop_record.c.verdict == "filed",
).order_by(drop_record.c.principal_id != bindparam("of_principal"), drop_record.c.id.desc())
_WRAPPERS_OF_ID = (
    _WRAPPER.where(
        drop_record.c.segment_id == bindparam("of_segment"),
        drop_record.c.message_id == bindparam("of_message_id"),
        drop_record.c.is_wrapper,
        drop_record.c.verdict == "filed",
    )
    .order_by(drop_record.c.id.desc())
    .limit(bindparam("most"))
)
_NUMBERS_OF_WRAPPERS = select(
    drop_record.c.id, drop_record.c.stored_message_id, drop_record.c.numbers
).where(drop_record.c.segment_id == bindparam("of_segment"), drop_record.c.is_wrapper)
_VERDICTS = (
    select(
        drop_record.c.stored_message_id,
        drop_record.c.verdict,
        drop_record.c.command,
        drop_record.c.at,
    )
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
    """What repeats this person's last record of the same mail, within a day, is counted there: a
    client that tries for ever makes one record a day."""
    last = _last(tx, principal_id, {row.identity for row in rows})
    new = []
    for row in rows:
        if not _counted(tx, row, last.get(row.identity)):
            last.pop(row.identity, None)
            new.append(row)
    if new:
        tx.connection.execute(
            _ADD,
            [
                {
                    "segment_id": segment_id,
                    "principal_id": principal_id,
                    **asdict(row),
                    "at": tx.now if row.at is None else row.at,
                }
                for row in new
            ],
        )


def headlines(tx: Tx, stored_message_ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """stored_message_id -> (subject, Message-ID)."""
    found: dict[int, tuple[str, str | None]] = {}
    for start in range(0, len(stored_message_ids), CHUNK):
        some = {"messages": stored_message_ids[start : start + CHUNK]}
        rows = tx.connection.execute(_HEADLINES, some)
        found.update((row[0], (row[1] or "", row[2])) for row in rows)
    return found


def wrappers(tx: Tx, segment_id: int, principal_id: int, identity: bytes) -> list[WrapperRow]:
    """Earlier filed drops of the same wrapper in this segment: this person's, then the others';
    newest first."""
    same = {"of_segment": segment_id, "of_principal": principal_id, "same": identity}
    return [WrapperRow(*row) for row in tx.connection.execute(_WRAPPERS, same)]


def wrappers_by_message_id(tx: Tx, segment_id: int, message_id: str, most: int) -> list[WrapperRow]:
    """Filed drops of wrappers with that Message-ID, whoever's; newest first."""
    wanted = {"of_segment": segment_id, "of_message_id": message_id, "most": most}
    return [WrapperRow(*row) for row in tx.connection.execute(_WRAPPERS_OF_ID, wanted)]


def numbers_of_wrappers(tx: Tx, segment_id: int) -> Iterator[tuple[int, int | None, str]]:
    """(record's id, stored message, numbers as JSON) of every wrapper of the segment."""
    for row in tx.connection.execute(_NUMBERS_OF_WRAPPERS, {"of_segment": segment_id}):
        yield row[0], row[1], row[2]


def recognised(tx: Tx, activity_ids: Collection[int]) -> set[int]:
    """Stored messages that were recognised as these activities' own, though their octets aren't
    those that were written here. Looks at every record."""
    found = tx.connection.execute(
        select(drop_record.c.stored_message_id).where(
            drop_record.c.activity_id.in_(activity_ids),
            ~drop_record.c.is_wrapper,
            drop_record.c.stored_message_id.is_not(None),
            ~exists().where(rendering.c.stored_message_id == drop_record.c.stored_message_id),
        )
    )
    return set(found.scalars())


def verdicts(
    tx: Tx,
    principal_id: int,
    stored_message_ids: Collection[int],
    commands: Sequence[str],
    since: int,
) -> Iterator[tuple[int, str, int]]:
    """(stored_message_id, verdict, seconds since 1970) of one person's drops since then, oldest
    first; commands: those that refusals count of."""
    ids = list(stored_message_ids)
    for start in range(0, len(ids), CHUNK):
        some = {"messages": ids[start : start + CHUNK], "of_principal": principal_id}
        rows = tx.connection.execute(_VERDICTS, {**some, "since": since})
        for stored_message_id, verdict, command, at in rows:
            if verdict == "filed" or command in commands:
                yield stored_message_id, verdict, at


def concerned(tx: Tx, principal_id: int, identity: bytes) -> list[int]:
    """Ids of the activities that this person has filed this mail into or taken it out of, oldest
    first."""
    own = {"of_principal": principal_id, "same": identity}
    return list(tx.connection.execute(_CONCERNED, own).scalars())


def copied(
    tx: Tx, principal_id: int, identities: Collection[bytes], since: int
) -> dict[bytes, tuple[int, int]]:
    """identity -> (the target's id, seconds since 1970), of mails of which this person's newest
    record is a COPY that was filed, since then."""
    return {
        row.identity: (row.folder_id, row.at)
        for row in _last(tx, principal_id, identities).values()
        if row is not None
        and (row.command, row.verdict) == ("COPY", "filed")
        and row.at >= since
        and row.folder_id is not None
    }


def _last(
    tx: Tx, principal_id: int, identities: Collection[bytes | None]
) -> dict[bytes | None, Any]:
    """This person's newest record of each mail; None: of what was never read."""
    found: dict[bytes | None, Any] = {}
    several = [one for one in identities if one is not None] if len(identities) > 1 else []
    for start in range(0, len(several), CHUNK):
        some = {"of_principal": principal_id, "mails": several[start : start + CHUNK]}
        found.update((row.identity, row) for row in tx.connection.execute(_LAST_OF_MAILS, some))
    # One alone is the usual case, and asked for without a list in half the time.
    for one in identities if not several else {None}.intersection(identities):
        only = {"of_principal": principal_id, "mail": one}
        found[one] = tx.connection.execute(_LAST_OF_MAIL, only).first()
    return found


def _counted(tx: Tx, row: DropRow, last: Any) -> bool:
    """Whether the row repeats the last record of its mail, and was counted there.

    Only the newest can be meant: which verdict was the last one decides whether a mail is kept when
    it is expunged.
    """
    if last is None or last.first_at <= tx.now - COUNTED_FOR:
        return False
    if any(getattr(last, name) != getattr(row, name) for name in _ALIKE):
        return False
    at = tx.now if row.at is None else row.at
    tx.connection.execute(
        _COUNT,
        {
            "of_record": last.id,
            "first": min(last.first_at, row.first_at or at),
            "now": max(last.at, at),
            "more": row.times,
            "new_client": row.client,
            "new_text": row.text,
            "of_message": row.stored_message_id,
        },
    )
    return True
