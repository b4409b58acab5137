"""Rows of entries that stand in a folder: what COPY, MOVE and a repeated drop look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import BindParameter, bindparam, func, insert, select, update

from storage.engine import Tx
from storage.schema import entry, entry_dropper, folder, message, message_digest

CHUNK = 500
"""Values of one IN list."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Standing:
    """identity: the message's, wherever the entry stands. rendered: it is an activity's message."""

    uid: int
    stored_message_id: int
    activity_id: int | None
    identity: bytes
    size: int
    flags: int
    keywords: str
    internal_at: int
    internal_zone: int
    sha256: bytes
    rendered: bool


@dataclass(frozen=True, slots=True)
class Present:
    """An entry of a group's folder, found by its identity."""

    uid: int
    keywords: str


# Built once: every drop runs some of them.
_IN_FOLDER = entry.c.folder_id == bindparam("of_folder")
_SOME: BindParameter[Any] = bindparam("some", expanding=True)
_LOAD = (
    select(
        entry.c.uid,
        entry.c.stored_message_id,
        entry.c.activity_id,
        message.c.identity,
        entry.c.size,
        entry.c.flags,
        entry.c.keywords,
        entry.c.internal_at,
        entry.c.internal_zone,
        message.c.sha256,
        entry.c.rendered,
    )
    .join_from(entry, message, message.c.id == entry.c.stored_message_id)
    .where(_IN_FOLDER, entry.c.uid.in_(_SOME))
    .order_by(entry.c.uid)
)
_DIGESTS = select(message_digest.c.stored_message_id, message_digest.c.mail).where(
    message_digest.c.stored_message_id.in_(_SOME)
)
_BY_IDENTITY = select(entry.c.identity, entry.c.uid, entry.c.keywords).where(
    _IN_FOLDER, entry.c.identity.in_(_SOME)
)
_BY_STORED_MESSAGE = (
    select(entry.c.stored_message_id, entry.c.uid)
    .where(_IN_FOLDER, entry.c.stored_message_id.in_(_SOME))
    .order_by(entry.c.uid)
)
_BY_ACTIVITY = select(entry.c.activity_id, entry.c.uid).where(
    entry.c.activity_id.in_(_SOME), _IN_FOLDER
)
_KEYWORDS = select(entry.c.uid, entry.c.keywords).where(_IN_FOLDER, entry.c.uid.in_(_SOME))
_RENDERED = select(entry.c.uid).where(_IN_FOLDER, entry.c.uid.in_(_SOME), entry.c.rendered)
_GROUP_DROPPERS = (
    select(entry.c.activity_id, folder.c.group_id, entry.c.uid, entry_dropper.c.principal_id)
    .join_from(entry, folder, folder.c.id == entry.c.folder_id)
    .outerjoin(
        entry_dropper,
        (entry_dropper.c.folder_id == entry.c.folder_id) & (entry_dropper.c.uid == entry.c.uid),
    )
    .where(
        entry.c.activity_id.in_(_SOME), entry.c.rendered.is_(False), folder.c.group_id.is_not(None)
    )
    .order_by(entry.c.activity_id, entry.c.folder_id, entry.c.uid)
)
_OWNED_ELSEWHERE = (
    select(entry.c.stored_message_id)
    .distinct()
    .join_from(entry, folder, folder.c.id == entry.c.folder_id)
    .where(
        entry.c.stored_message_id.in_(_SOME),
        folder.c.owner_id == bindparam("of_principal"),
        folder.c.place.is_(None),
        folder.c.id.not_in(bindparam("without", expanding=True)),
    )
)
_OCTETS = select(func.coalesce(func.sum(entry.c.size), 0)).where(_IN_FOLDER)
_SIZES = select(message.c.id, message.c.size).where(message.c.id.in_(_SOME))
_KNOWN_HASHES = select(message.c.sha256, message.c.id).where(
    message.c.segment_id == bindparam("of_segment"), message.c.sha256.in_(_SOME)
)
_DROPPERS = (
    select(entry_dropper.c.uid, entry_dropper.c.principal_id)
    .where(entry_dropper.c.folder_id == bindparam("of_folder"), entry_dropper.c.uid.in_(_SOME))
    .order_by(entry_dropper.c.principal_id)
)
_ADD_DROPPERS = insert(entry_dropper)


def load(tx: Tx, folder_id: int, uids: Sequence[int]) -> list[Standing]:
    """Those of uids that are there, ascending."""
    found: list[Standing] = []
    for some in _chunks(sorted(set(uids))):
        rows = tx.connection.execute(_LOAD, {"of_folder": folder_id, "some": some})
        found.extend(map(_standing, rows))
    return found


def uids(tx: Tx, folder_id: int) -> list[int]:
    """All, ascending."""
    found = tx.connection.execute(
        select(entry.c.uid).where(entry.c.folder_id == folder_id).order_by(entry.c.uid)
    )
    return list(found.scalars())


def stored_messages(tx: Tx, folder_id: int) -> list[int]:
    """Row ids of the messages that stand in a folder, once each."""
    found = tx.connection.execute(
        select(entry.c.stored_message_id).distinct().where(entry.c.folder_id == folder_id)
    )
    return list(found.scalars())


def digests(tx: Tx, stored_message_ids: Sequence[int]) -> dict[int, str]:
    """stored_message_id -> its mail as JSON."""
    found: dict[int, str] = {}
    for some in _chunks(list(dict.fromkeys(stored_message_ids))):
        rows = tx.connection.execute(_DIGESTS, {"some": some})
        found.update((row[0], row[1]) for row in rows)
    return found


def by_identity(tx: Tx, folder_id: int, identities: Collection[bytes]) -> dict[bytes, Present]:
    """Of a group's folder."""
    found: dict[bytes, Present] = {}
    for some in _chunks(list(identities)):
        rows = tx.connection.execute(_BY_IDENTITY, {"of_folder": folder_id, "some": some})
        found.update((row[0], Present(row[1], row[2])) for row in rows)
    return found


def by_stored_message(
    tx: Tx, folder_id: int, stored_message_ids: Collection[int]
) -> dict[int, list[int]]:
    """stored_message_id -> UIDs of its entries in the folder, ascending."""
    found: dict[int, list[int]] = {}
    for some in _chunks(list(stored_message_ids)):
        rows = tx.connection.execute(_BY_STORED_MESSAGE, {"of_folder": folder_id, "some": some})
        for row in rows:
            found.setdefault(row[0], []).append(row[1])
    return found


def activities_elsewhere(
    tx: Tx, folder_id: int, activity_ids: Collection[int], without: Collection[int]
) -> set[int]:
    """Those of the activities that have an entry in the folder under another UID than `without`."""
    leaving = set(without)
    found: set[int] = set()
    for some in _chunks(list(activity_ids)):
        rows = tx.connection.execute(_BY_ACTIVITY, {"of_folder": folder_id, "some": some})
        found.update(row[0] for row in rows if row[1] not in leaving)
    return found


def by_activity(tx: Tx, folder_id: int, activity_ids: Collection[int]) -> dict[int, list[int]]:
    """activity id -> UIDs of its entries in the folder, ascending."""
    found: dict[int, list[int]] = {}
    for some in _chunks(list(activity_ids)):
        for row in tx.connection.execute(_BY_ACTIVITY, {"of_folder": folder_id, "some": some}):
            found.setdefault(row[0], []).append(row[1])
    return {activity_id: sorted(uids) for activity_id, uids in found.items()}


def rendered(tx: Tx, folder_id: int, uids: Sequence[int]) -> frozenset[int]:
    """Those of uids that are activities' messages."""
    return frozenset(
        uid
        for some in _chunks(list(uids))
        for uid in tx.connection.execute(
            _RENDERED, {"of_folder": folder_id, "some": some}
        ).scalars()
    )


def group_droppers(
    tx: Tx, activity_ids: Collection[int]
) -> dict[int, dict[tuple[int, int], list[int]]]:
    """activity id -> (group id, UID) of each mail of it that stands in a group -> ids of the
    principals whose drop it was."""
    found: dict[int, dict[tuple[int, int], list[int]]] = {}
    for some in _chunks(list(activity_ids)):
        for row in tx.connection.execute(_GROUP_DROPPERS, {"some": some}):
            whose = found.setdefault(row[0], {}).setdefault((row[1], row[2]), [])
            if row[3] is not None:
                whose.append(row[3])
    return found


def owned_elsewhere(
    tx: Tx,
    principal_id: int,
    stored_message_ids: Collection[int],
    without_folders: Collection[int],
) -> set[int]:
    """Those of the messages that stand in another folder of that person's own (not in those of
    activities, which show what stands in groups)."""
    found: set[int] = set()
    for some in _chunks(list(stored_message_ids)):
        rows = tx.connection.execute(
            _OWNED_ELSEWHERE,
            {"of_principal": principal_id, "some": some, "without": list(without_folders)},
        )
        found.update(rows.scalars())
    return found


def octets(tx: Tx, folder_id: int) -> int:
    """What a folder's messages come to."""
    return int(tx.connection.execute(_OCTETS, {"of_folder": folder_id}).scalar_one())


def sizes(tx: Tx, stored_message_ids: Collection[int]) -> dict[int, int]:
    """stored_message_id -> octets."""
    found: dict[int, int] = {}
    for some in _chunks(list(stored_message_ids)):
        rows = tx.connection.execute(_SIZES, {"some": some})
        found.update((row[0], row[1]) for row in rows)
    return found


def known_hashes(tx: Tx, segment_id: int, hashes: Collection[bytes]) -> dict[bytes, int]:
    """SHA-256 -> stored_message_id, of those that the segment has."""
    found: dict[bytes, int] = {}
    for some in _chunks(list(hashes)):
        rows = tx.connection.execute(_KNOWN_HASHES, {"of_segment": segment_id, "some": some})
        found.update((row[0], row[1]) for row in rows)
    return found


def keywords(tx: Tx, folder_id: int, uids: Sequence[int]) -> dict[int, str]:
    """uid -> the column, of those that are there."""
    found: dict[int, str] = {}
    for some in _chunks(list(uids)):
        rows = tx.connection.execute(_KEYWORDS, {"of_folder": folder_id, "some": some})
        found.update((row[0], row[1]) for row in rows)
    return found


def set_keywords(tx: Tx, folder_id: int, uid: int, keywords: str, modseq: int) -> None:
    tx.connection.execute(
        update(entry)
        .where(entry.c.folder_id == folder_id, entry.c.uid == uid)
        .values(keywords=keywords, modseq=modseq)
    )


def droppers(tx: Tx, folder_id: int, uids: Sequence[int]) -> dict[int, list[int]]:
    """uid -> ids of the principals whose drop it was."""
    found: dict[int, list[int]] = {}
    for some in _chunks(list(uids)):
        rows = tx.connection.execute(_DROPPERS, {"of_folder": folder_id, "some": some})
        for row in rows:
            found.setdefault(row[0], []).append(row[1])
    return found


def add_droppers(tx: Tx, folder_id: int, pairs: Collection[tuple[int, int]]) -> None:
    """pairs: (uid, principal id), none of them known yet."""
    rows = [
        {"folder_id": folder_id, "uid": uid, "principal_id": principal_id}
        for uid, principal_id in sorted(set(pairs))
    ]
    if rows:
        tx.connection.execute(_ADD_DROPPERS, rows)


def _standing(row: Sequence[Any]) -> Standing:
    return Standing(*row)


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
