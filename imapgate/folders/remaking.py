"""What FETCH, filing and SEARCH use of a message: whether it is what the message's bytes give, and
making it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from imapgate.folders import ready
from imapgate.folders.contents import PIECE, stored_content
from imapgate.folders.ready import Prepared
from storage import Database, Tx, remaking
from storage.remaking import Made

BATCH = 500
"""Messages that one transaction looks at."""
TOGETHER = 100
"""Messages that one transaction makes anew after an upgrade."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One message. octets: of all looked at by now. fault: None, or a sentence; mended: whether it
    was made anew."""

    octets: int
    fault: str | None
    mended: bool = False


def check(db: Database, full: bool, mend: bool) -> Iterator[Looked]:
    """Whether it is there and of today's version; full: and equal to what is made anew now. mend:
    make what is wrong anew, message by message, beside a running server."""
    after, octets = 0, 0
    while True:
        page = db.read(partial(_page, after))
        for one in page:
            octets += one.size
            fault = _fault(db, one, full)
            mended = mend and fault is not None and _mend(db, one)
            yield Looked(octets, fault, mended)
        if len(page) < BATCH:
            return
        after = page[-1].id


def bring_up(db: Database, move: Callable[[int], None]) -> tuple[int, int]:
    """After an upgrade, nobody else at work: makes anew what is missing or of an older version, in
    steps; cut short, the next call goes on. move: told the octets of what was looked at so far.
    (how many were made anew, how many can't be, since their bytes aren't what came)."""
    after, octets, mended, left = 0, 0, 0, 0
    waiting: list[Made] = []
    while True:
        page = db.read(partial(_page, after))
        for one in page:
            octets += one.size
            if _fault(db, one, full=False) is not None:
                waiting.append(one)
            if len(waiting) == TOGETHER or sum(made.size for made in waiting) > PIECE:
                done = _mend_all(db, waiting)
                mended, left, waiting = mended + done, left + len(waiting) - done, []
                move(octets)
        if len(page) < BATCH:
            done = _mend_all(db, waiting)
            move(octets)
            return mended + done, left + len(waiting) - done
        after = page[-1].id


def _mend_all(db: Database, made: Sequence[Made]) -> int:
    """How many of them could be made anew."""
    found = [(one.id, anew) for one in made if (anew := _anew(db, one)) is not None]

    def work(tx: Tx) -> int:
        return sum(_replace(message_id, anew, tx) for message_id, anew in found)

    return db.write(work) if found else 0


def _page(after: int, tx: Tx) -> list[Made]:
    return remaking.page(tx, after, BATCH)


def _fault(db: Database, made: Made, full: bool) -> str | None:
    what = f"Message {made.id}"
    if made.version is None or not made.complete:
        return f"{what} has no ready-made bytes, digest or text."
    if made.version != ready.VERSION:
        return f"{what} has ready-made bytes of version {made.version}, not {ready.VERSION}."
    if full:
        stored = db.read(lambda tx: remaking.load(tx, made.id))
        anew = _anew(db, made)
        if anew is not None and stored != ready.beside(anew):
            return f"{what} has other ready-made bytes, digest or text than its bytes give."
    return None


def _mend(db: Database, made: Made) -> bool:
    anew = _anew(db, made)
    return anew is not None and db.write(partial(_replace, made.id, anew))


def _replace(stored_message_id: int, anew: Prepared, tx: Tx) -> bool:
    segment_id = remaking.segment_of(tx, stored_message_id)
    if segment_id is None:
        return False
    ids = ready.object_ids_of(tx, segment_id, anew)
    return remaking.replace(tx, stored_message_id, ready.beside(anew), ids.thread)


def _anew(db: Database, made: Made) -> Prepared | None:
    """None if the bytes aren't what came any more (that is another fault, and what was made of them
    is all that is left), or the message is just being erased."""
    with stored_content(db, made.id, made.size) as content:
        if content is None:
            return None
        prepared = ready.prepare(content)
        return prepared if prepared.sha256 == made.sha256 else None
