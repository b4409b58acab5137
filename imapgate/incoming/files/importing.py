"""Files of mails are imported: each mail goes through the queue and is filed, once, however often
the import is started."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from imapgate.activities.names import storable
from imapgate.folders import ready
from imapgate.incoming import filing, queue
from imapgate.incoming.files import maildir, reading, walking
from imapgate.incoming.files.found import Finding, Found, Unreadable
from imapgate.incoming.files.msg.read import Addresses
from imapgate.incoming.files.walking import File
from imapgate.incoming.queue import Fetched, Origin, Taken
from imapgate.limits import Limits
from imapgate.mime import dates, header
from imapgate.mime.index import Content
from storage import Database, Tx, activities, incoming
from storage.incoming import IncomingRow

TOGETHER = 32
OCTETS = 4 * 1024 * 1024
"""Messages, and their octets, that one transaction takes; a larger message has one to itself."""

KNOWN = "known"
"""State of what was imported before."""
NEW = "new"
"""State of what would be imported."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One mail. place: its file, and where in it. state: KNOWN, NEW, or one of
    storage.incoming.STATES; a file that holds no mail is failed. text: why it isn't filed, or what
    became of it, for people; number: of its activity. passed: octets of all files up to its end."""

    place: str
    state: str
    passed: int
    text: str = ""
    number: int | None = None
    subject: str = ""


def files_of(paths: list[Path]) -> list[File | Unreadable]:
    """What is there to be read, in order; a file that is named twice, once."""
    found: dict[Path, File | Unreadable] = {}
    for path in paths:
        for one in walking.files_in(path):
            place = one.path if isinstance(one, File) else Path(one.place)
            found.setdefault(place.absolute(), one)
    return list(found.values())


def octets_of(files: list[File | Unreadable]) -> int:
    """Of all of them."""
    return sum(one.size for one in files if isinstance(one, File))


def import_files(
    db: Database,
    origin: Origin,
    files: list[File | Unreadable],
    limits: Limits,
    addresses: Addresses,
) -> Iterator[Imported]:
    """Every mail of the files in their order, as soon as it is filed. origin: its name is put
    before each file's. What isn't in the queue when the iterator ends early is brought by the next
    import; what is there and not yet filed is filed by it.

    Raises Unavailable: what had come is in the queue.
    """
    batch = _Batch(db, origin, limits)
    for one in _mails(origin, files, limits, addresses):
        if batch.is_full_with(one):
            yield from batch.filed()
        batch.add(one)
    yield from batch.filed()


def look(
    db: Database,
    origin: Origin,
    files: list[File | Unreadable],
    limits: Limits,
    addresses: Addresses,
) -> Iterator[Imported]:
    """What `import_files` would bring: nothing is written anywhere."""
    for one in _mails(origin, files, limits, addresses):
        if isinstance(one.found, Unreadable):
            yield _unreadable(one.found, one)
            continue
        state = KNOWN if db.read(partial(_rows, origin, [one])) else NEW
        subject = ready.prepare(one.found.content).mail.subject
        yield Imported(one.found.place, state, one.passed, subject=subject)


@dataclass(frozen=True, slots=True)
class _Mail:
    """origin: its file's name in the queue; key: what it is called there. passed: octets of all
    files up to its end."""

    found: Finding
    origin: str
    key: str
    passed: int


def _mails(
    origin: Origin, files: list[File | Unreadable], limits: Limits, addresses: Addresses
) -> Iterator[_Mail]:
    before = 0
    for file in files:
        if isinstance(file, Unreadable):
            yield _Mail(file, "", "", before)
            continue
        name = storable(f"{origin.name}{os.path.abspath(_lasting(file))}")
        for found in reading.read(file, limits.message, addresses):
            key = _key(origin, found) if isinstance(found, Found) else ""
            yield _Mail(found, name, key, before + min(found.passed, file.size))
        before += file.size


def _lasting(file: File) -> Path:
    """A Maildir's messages change their names with their flags, and their directory when somebody
    has seen them come."""
    if not file.is_maildir:
        return file.path
    return file.path.parent.parent / maildir.unique(file.path.name)


def _key(origin: Origin, found: Found) -> str:
    """By its octets in the file (the message that is made of a .msg depends on the addresses that
    are known), and where it is to be filed: elsewhere it is filed once more."""
    digest = hashlib.sha256()
    octets: Content = found.content if found.original is None else found.original
    with memoryview(octets) as view:
        digest.update(view)
    asked = origin.wanted
    places = (f"group {asked.group_id}" if asked.group_id else "", asked.creator or "")
    return " ".join(filter(None, (digest.hexdigest(), *places)))


def _rows(origin: Origin, mails: list[_Mail], tx: Tx) -> dict[tuple[str, str], IncomingRow]:
    """Of those that are in the queue, by origin and key."""
    keys: dict[str, list[str]] = {}
    for one in mails:
        if one.key:
            keys.setdefault(one.origin, []).append(one.key)
    return {
        (name, key): row
        for name, some in keys.items()
        for key, row in incoming.by_keys(tx, origin.segment_id, name, some).items()
    }


def _unreadable(found: Unreadable, mail: _Mail) -> Imported:
    return Imported(found.place, incoming.FAILED, mail.passed, found.text)


class _Batch:
    """Mails that one transaction takes and another one files."""

    def __init__(self, db: Database, origin: Origin, limits: Limits) -> None:
        self._db, self._origin, self._limits = db, origin, limits
        self._mails: list[_Mail] = []
        self._octets = 0

    def add(self, mail: _Mail) -> None:
        self._mails.append(mail)
        self._octets += _size(mail)

    def is_full_with(self, mail: _Mail) -> bool:
        """Whether it must be filed before that one."""
        too_much = bool(self._mails) and self._octets + _size(mail) > OCTETS
        return too_much or len(self._mails) >= TOGETHER

    def filed(self) -> Iterator[Imported]:
        """All of them, and it is empty again."""
        mails, self._mails, self._octets = self._mails, [], 0
        rows = self._db.read(partial(_rows, self._origin, mails))
        new = [one for one in mails if one.key and (one.origin, one.key) not in rows]
        came = iter(self._taken(new)) if new else iter(())
        for one in mails:
            row = rows.get((one.origin, one.key))
            if isinstance(one.found, Unreadable):
                yield _unreadable(one.found, one)
            elif row is None:
                yield next(came)
            else:
                yield self._again(one, row)

    def _taken(self, mails: list[_Mail]) -> list[Imported]:
        fetched = [_fetched(one) for one in mails]
        try:
            taken = queue.take(self._db, self._origin, fetched, self._limits)
        except OSError as error:
            if len(mails) > 1:
                return [one for mail in mails for one in self._taken([mail])]
            text = f"can't be unpacked: {error.strerror}"
            return [Imported(mails[0].found.place, incoming.FAILED, mails[0].passed, text)]
        return self._filed(mails, taken)

    def _filed(self, mails: list[_Mail], taken: list[Taken]) -> list[Imported]:
        prepared = {one.row_id: one.prepared for one in taken}
        came = filing.file_together(self._db, list(prepared.items()), self._limits)
        by_row = {one.row_id: one for one in came}
        found = []
        for mail, one in zip(mails, taken, strict=True):
            what = by_row[one.row_id]
            # The same octets once more in the same file are the same mail.
            state = what.state if one.is_new else KNOWN
            subject = one.prepared.mail.subject
            found.append(
                Imported(mail.found.place, state, mail.passed, what.text, what.number, subject)
            )
        return found

    def _again(self, mail: _Mail, row: IncomingRow) -> Imported:
        """What an earlier import has brought: what waits is tried once more."""
        place, passed, subject = mail.found.place, mail.passed, row.subject
        if row.state in (incoming.FETCHED, *incoming.OPEN):
            came = filing.file_one(self._db, row.id, self._limits, by_hand=True)
            return Imported(place, came.state, passed, came.text, came.number, subject)
        number = self._db.read(partial(_number, row))
        return Imported(place, KNOWN, passed, row.text, number, subject)


def _fetched(mail: _Mail) -> Fetched:
    found = mail.found
    assert isinstance(found, Found)
    at = found.internal_at
    if at is None:
        # The file's own date is that of its last copy.
        at = _sent_at(found.content)
    return Fetched(
        mail.key,
        found.content,
        at,
        found.internal_zone,
        origin=mail.origin,
        flags=found.flags,
    )


def _sent_at(content: Content) -> int | None:
    fields, _ = header.header_fields(content, 0, len(content))
    (written, *_) = (*header.values(content, fields, b"Date"), b"")
    sent = dates.sent(written.decode("ascii", "replace"))
    return None if sent is None else sent[0]


def _number(row: IncomingRow, tx: Tx) -> int | None:
    return None if row.activity_id is None else activities.by_id(tx, row.activity_id).number


def _size(mail: _Mail) -> int:
    return len(mail.found.content) if isinstance(mail.found, Found) else 0
