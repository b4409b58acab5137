"""The selected folder as this session has been told of it: numbers, UIDs, what is still untold."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

from imapgate.folders.opening import Opened
from imapgate.folders.tree import Folder
from imapgate.wire.numbers import MAX_NUMBER, NumberSet

RECENT = b"\\Recent"
NEVER = MAX_NUMBER + 1
"""recent_from of who isn't told what is \\Recent (RFC 9051)."""
LOOKED_UP = 16
"""Looking up one UID costs as much as passing over so many."""


class Selected:
    """Sequence numbers are positions in `uids`, from 1 (RFC 3501 2.3.1.2).

    What others expunged stays in `uids`, under its number, until `take_expunged` is called, where
    RFC 3501 7.4.1 lets the client be told; the number of messages falls in no other way.
    """

    __slots__ = (
        "_before_pending",
        "_held",
        "_pending",
        "folder",
        "keywords",
        "modseq",
        "most_keywords",
        "recent_from",
        "saved",
        "uidnext",
        "uids",
        "writable",
    )

    def __init__(
        self, opened: Opened, writable: bool, recent: bool = True, most_keywords: int | None = None
    ) -> None:
        """writable: False for EXAMINE and where not even \\Seen can be kept. recent: whether the
        client is told what is \\Recent. most_keywords: that the folder may have, None: any."""
        self.folder: Folder = opened.folder
        self.writable = writable
        self.uids: array[int] = opened.uids
        self.recent_from = opened.recent_from if recent else NEVER
        self.keywords = opened.keywords
        self.most_keywords = most_keywords
        self.modseq = opened.modseq
        self.uidnext = opened.uidnext
        self.saved: Sequence[int] = ()
        """UIDs that the last SEARCH RETURN (SAVE) found, `$` (RFC 5182); of those that have been
        told as expunged it names nothing any more."""
        self._pending: set[int] = set()
        self._before_pending: int | None = None
        self._held: int | None = None

    def __len__(self) -> int:
        """What EXISTS says."""
        return len(self.uids)

    @property
    def recent(self) -> int | None:
        """What RECENT says; None if it isn't told."""
        if self.recent_from == NEVER:
            return None
        return len(self.uids) - bisect_left(self.uids, self.recent_from)

    @property
    def told(self) -> int:
        """Up to this modseq the client has been told of everything. Behind `modseq` while something
        expunged is held back: a client that loses its connection then must ask from here on (RFC
        7162 3.2)."""
        behind = [one for one in (self._before_pending, self._held) if one is not None]
        return min(behind, default=self.modseq)

    def hold_back(self) -> None:
        """From here on there are changes that the client is not told of, as it wishes."""
        if self._held is None:
            self._held = self.modseq

    @property
    def has_expunged(self) -> bool:
        """Something was expunged that the client hasn't been told of."""
        return bool(self._pending)

    def number(self, uid: int) -> int | None:
        """The sequence number of a UID; None if the session doesn't know it."""
        at = bisect_left(self.uids, uid)
        return at + 1 if at < len(self.uids) and self.uids[at] == uid else None

    def numbered(self, uids: Iterable[int]) -> list[tuple[int, int]]:
        """(sequence number, UID) of those that the session knows, in the given order. For off the
        reactor: each one is looked up."""
        return [(number, uid) for uid in uids if (number := self.number(uid)) is not None]

    def resolve(self, numbers: NumberSet, by_uid: bool) -> list[int] | None:
        """The UIDs that a client's set names, ascending; None if it names a sequence number that
        isn't there (BAD)."""
        named = numbers.among_uids(self.uids) if by_uid else numbers.at_positions(self.uids)
        if named is None or not numbers.saved:
            return named
        return sorted(frozenset(self.saved).intersection(self.uids).union(named))

    def with_recent(self, uid: int, flags: bytes) -> bytes:
        """flags: without \\Recent, joined by blanks."""
        if uid < self.recent_from:
            return flags
        return flags + b" " + RECENT if flags else RECENT

    def expunge(self, uids: Collection[int]) -> None:
        """These have gone; the client isn't told yet. Unknown ones are passed over."""
        if len(uids) * LOOKED_UP < len(self.uids):
            self._pending.update(uid for uid in uids if self.number(uid) is not None)
        else:
            self._pending.update(frozenset(uids).intersection(self.uids))
        if self._pending and self._before_pending is None:
            self._before_pending = self.modseq

    def is_expunged(self, uid: int) -> bool:
        return uid in self._pending

    def take_expunged(self) -> list[int]:
        """The sequence numbers to tell as EXPUNGE, in this order; they are gone from now on.

        Descending, so that each is right when it is told and none shifts another."""
        if not self._pending:
            return []
        gone = self._pending
        told = [number for number, uid in enumerate(self.uids, start=1) if uid in gone]
        self.take_vanished()
        return told[::-1]

    def take_vanished(self) -> list[int]:
        """The same as UIDs, ascending, to tell as VANISHED."""
        gone, self._pending, self._before_pending = self._pending, set(), None
        if gone:
            self.uids = array(self.uids.typecode, [uid for uid in self.uids if uid not in gone])
        return sorted(gone)

    def arrive(self, uids: Sequence[int]) -> int:
        """New messages, ascending, appended behind the others; how many were new."""
        last = self.uids[-1] if self.uids else 0
        new = [uid for uid in uids if uid > last]
        self.uids.extend(new)
        if new:
            self.uidnext = max(self.uidnext, new[-1] + 1)
        return len(new)

    def moved_on(self, before: int, after: int) -> None:
        """This session's own change took the folder from one modseq to the next, and the client
        knows what it was; if others changed it in between, their news are still to be read."""
        if self.modseq == before:
            self.modseq = max(self.modseq, after)
