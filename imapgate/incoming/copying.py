"""A mailbox is copied once: all that it holds goes through the queue, and there nothing changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from imapgate.folders import ready
from imapgate.incoming import filing, queue
from imapgate.incoming.account import Place
from imapgate.incoming.queue import Fetched, Origin, Taken, Wanted
from imapgate.incoming.rounds import LOOKED, OCTETS, TOGETHER, mailbox
from imapgate.incoming.source import EVERYTHING, Source, TooLarge, Unreadable, Waiting
from imapgate.limits import Limits
from imapgate.servers.server import ServerError
from storage import Database, incoming
from storage.incoming import IncomingRow

KNOWN = "known"
"""State of what an earlier copy has brought into the queue."""
NEW = "new"
"""State of what would be fetched."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One message of the mailbox. key: as its source calls it. state: KNOWN, NEW, or one of
    storage.incoming.STATES; text: why it isn't filed, or what it became; number: of its activity.
    subject, sender: empty of what was not read."""

    key: str
    state: str
    text: str = ""
    number: int | None = None
    subject: str = ""
    sender: str = ""


def origin_of(segment_id: int, place: Place, wanted: Wanted) -> Origin:
    """By the mailbox alone, so that the same one is known whoever copies it."""
    return Origin(segment_id, mailbox(place), wanted=wanted)


def look(
    db: Database, origin: Origin, source: Source, limits: Limits, most: int | None = None
) -> Iterator[Copied]:
    """What `copy` would bring: nothing is written anywhere. Raises as it does."""
    for one, row in _all(db, origin, source):
        if row is not None:
            yield Copied(one.key, KNOWN)
            continue
        if most is not None:
            if most == 0:
                return
            most -= 1
        read = _read(source, one, limits)
        if read is None:
            continue
        if isinstance(read, Fetched):
            yield _told(one.key, NEW, ready.prepare(read.content))
        else:
            yield Copied(one.key, incoming.FAILED, read.text)


def copy(
    db: Database,
    origin: Origin,
    source: Source,
    limits: Limits,
    most: int | None = None,
) -> Iterator[Copied]:
    """Every message of the mailbox in its order, each as soon as it is in the queue and filed.
    most: how many new ones are fetched. What isn't in the queue when the iterator ends early is
    brought by the next copy.

    Raises ServerError when the mailbox can't be read on (what had come is filed before), and
    Unavailable."""
    batch = _Batch(db, origin, limits)
    try:
        for one, row in _all(db, origin, source):
            if row is not None:
                if row.state == incoming.FETCHED:
                    yield _came(one.key, filing.file_one(db, row.id, limits))
                else:
                    yield Copied(one.key, KNOWN)
                continue
            if most is not None:
                if most == 0:
                    break
                most -= 1
            read = _read(source, one, limits)
            if isinstance(read, Fetched):
                batch.add(read)
                if batch.full:
                    yield from batch.filed()
            elif read is not None:
                yield read.refused(db, origin)
    except ServerError:
        yield from batch.filed()
        raise
    yield from batch.filed()


def _all(
    db: Database, origin: Origin, source: Source
) -> Iterator[tuple[Waiting, IncomingRow | None]]:
    """With the row of what is in the queue; None: its bytes aren't."""
    waiting = iter(source.waiting(EVERYTHING))
    while some := list(islice(waiting, LOOKED)):
        rows = _rows(db, origin, [one.key for one in some])
        for one in some:
            row = rows.get(one.key)
            yield one, None if row is None or row.is_unread else row


def _rows(db: Database, origin: Origin, keys: Sequence[str]) -> dict[str, IncomingRow]:
    return db.read(lambda tx: incoming.by_keys(tx, origin.segment_id, origin.name, keys))


@dataclass(frozen=True, slots=True)
class _Refused:
    key: str
    size: int
    code: str
    text: str

    def refused(self, db: Database, origin: Origin) -> Copied:
        """With its failed row."""
        one = Waiting(self.key, self.size)
        queue.refuse(db, origin, one, self.size, self.code, self.text, retries=0)
        return Copied(self.key, incoming.FAILED, self.text)


def _read(source: Source, one: Waiting, limits: Limits) -> Fetched | _Refused | None:
    """None: it is gone."""
    size = one.size
    try:
        if size <= limits.message:
            content = source.read(one.key, limits.message)
            return Fetched(one.key, content, one.internal_at, one.internal_zone)
    except KeyError:
        return None
    except TooLarge as error:
        size = error.size
    except Unreadable as error:
        return _Refused(one.key, size, queue.UNREADABLE, error.text)
    text = f"The message has {size:,} octets, more than the {limits.message:,} that are taken."
    return _Refused(one.key, size, queue.TOO_LARGE, text)


class _Batch:
    """Messages that one transaction takes."""

    def __init__(self, db: Database, origin: Origin, limits: Limits) -> None:
        self._db, self._origin, self._limits = db, origin, limits
        self._fetched: list[Fetched] = []

    def add(self, fetched: Fetched) -> None:
        self._fetched.append(fetched)

    @property
    def full(self) -> bool:
        octets = sum(len(one.content) for one in self._fetched)
        return len(self._fetched) >= TOGETHER or octets >= OCTETS

    def filed(self) -> Iterator[Copied]:
        """All of them, and it is empty again."""
        fetched, self._fetched = self._fetched, []
        all_taken = list(self._taken(fetched))
        rows = [
            (one.row_id, one.prepared)
            for _, one in all_taken
            if isinstance(one, Taken) and one.is_new
        ]
        cames = {came.row_id: came for came in filing.file_together(self._db, rows, self._limits)}
        for one, taken in all_taken:
            key = str(one.key)
            if isinstance(taken, _Refused):
                yield taken.refused(self._db, self._origin)
            elif taken.is_new:
                yield _came(key, cames[taken.row_id], taken.prepared)
            else:
                yield Copied(key, KNOWN)

    def _taken(self, fetched: Sequence[Fetched]) -> Iterator[tuple[Fetched, Taken | _Refused]]:
        if not fetched:
            return
        try:
            same = _same(self._origin, fetched[0])
            taken = queue.take(self._db, self._origin, fetched, self._limits, same)
        except OSError as error:
            if len(fetched) == 1:
                one = fetched[0]
                text = f"It can't be unpacked: {error.strerror}."
                yield one, _Refused(str(one.key), len(one.content), queue.UNREADABLE, text)
                return
            for one in fetched:
                yield from self._taken([one])
            return
        yield from zip(fetched, taken, strict=True)


def _same(origin: Origin, fetched: Fetched) -> queue.Same | None:
    """Under a new UIDVALIDITY the same bytes are the same message (RFC 3501 2.3.1.1)."""
    if not origin.name.startswith("imap"):
        return None
    validity = _validity(fetched.key)
    return lambda row, _: _validity(row.origin_key) not in (None, validity)


def _validity(key: str | None) -> str | None:
    return None if key is None else key.partition(".")[0]


def _came(key: str, came: filing.Came, prepared: ready.Prepared | None = None) -> Copied:
    if prepared is None:
        return Copied(key, came.state, came.text, came.number)
    return _told(key, came.state, prepared, came)


def _told(
    key: str, state: str, prepared: ready.Prepared, came: filing.Came | None = None
) -> Copied:
    mail = prepared.mail
    return Copied(
        key,
        state,
        "" if came is None else came.text,
        None if came is None else came.number,
        mail.subject,
        mail.from_[0].address if mail.from_ else "",
    )
