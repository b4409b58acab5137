"""A folder of an IMAP server as a source of mail.

What waits: before anything is known of the folder, what is unseen; from then on everything from the
noted UIDNEXT on, read by somebody or not, and what is unseen below it. What is flagged `\\Deleted`
never waits.
"""

from __future__ import annotations

import contextlib
import datetime
import re
from array import array
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import overload

from imapgate.incoming.mailboxes.imap_dialogue import (
    Each,
    ImapDialogue,
    Literal,
    Refused,
    Said,
    quoted,
    ranges,
)
from imapgate.incoming.source import Position, TooLarge, Unreadable, Waiting
from imapgate.mime.index import Content
from imapgate.servers.server import ServerError
from imapgate.servers.stream import LINE
from imapgate.wire import utf7

LISTED = 8 * 1024 * 1024
"""Octets of a list of UIDs: some 700,000 at least."""
BLOCK = 200
"""Messages whose sizes are asked for at a time."""
TOGETHER = 500
"""Messages that one command marks, moves or deletes."""
IDLE = 28 * 60.0
"""Seconds after which IDLE is renewed (RFC 2177: before 29 minutes)."""
KEPT = 100_000
"""UIDs that a position holds at most, of those that waited and weren't taken yet."""
NEVER_EXPUNGED = (
    "The server can't expunge single messages (UIDPLUS): what was read is flagged as deleted, and "
    "stays until somebody expunges it."
)
SIZES = 5_000
"""Messages whose sizes are kept."""
_LAST = 2**32 - 1
"""The highest UID there could be; no server has come so far."""
_NUMBER = re.compile(rb"\d{1,10}")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,18})", re.IGNORECASE)
_DATE = re.compile(rb'INTERNALDATE "([^"]{20,40})"', re.IGNORECASE)


class ImapSource:
    """On a dialogue that is logged in. `open` first."""

    def __init__(self, dialogue: ImapDialogue, folder: str, warnings: Iterable[str]) -> None:
        self._dialogue = dialogue
        self._stream = dialogue.stream
        self._folder = folder
        self._validity = 0
        self._next: int | None = None
        self._is_fresh = False
        self._is_read_only = False
        self._began: int | None = None
        self._waiting: Sequence[int] = ()
        self._everything = False
        self._sizes: dict[int, int] = {}
        self.warnings = [*warnings]

    def open(self) -> None:
        """Selects the folder."""
        self._validity, self._next = 0, None
        try:
            ended = self._dialogue.command(
                "folder", b"SELECT", quoted(utf7.encode(self._folder)), each=self._selected
            )
        except Refused as refused:
            raise self._stream.failed(
                f'There is no folder "{self._folder}", or it can\'t be opened.',
                refused.technical,
                "Check its name as the server spells it.",
                permanent=True,
            ) from refused
        if not self._validity:
            raise self._stream.failed("The server doesn't tell the folder's UIDVALIDITY.")
        if self._next is None:
            self._next = self._highest() + 1
        self._is_fresh = True
        self._is_read_only = ended.code == b"READ-ONLY"
        if self._is_read_only:
            self._warn(f'The folder "{self._folder}" is read-only: nothing is marked in it.')

    def waiting(self, position: Position) -> Sequence[Waiting]:
        """As Source says; a position of another UIDVALIDITY doesn't count."""
        if not self._is_fresh:
            self.open()
        self._is_fresh = False
        self._everything = bool(position.get("everything"))
        known = position.get("uidvalidity") == self._validity
        self._began = int(position["uidnext"]) if known else None
        assert self._next is not None
        if self._everything:
            found = self._search(b"UNDELETED")
        elif self._began is None:
            found = self._search(b"UNDELETED UNSEEN")
        else:
            found = self._search(b"UNDELETED OR UNSEEN UID %d:%d" % (self._began, _LAST))
            left = _unpacked(str(position.get("left", "")))
            if left:
                there = set(left).intersection(self._search(b"UNDELETED"))
                found = array("Q", sorted(there.union(found)))
        if self._began is not None and found:
            self._next = max(self._next, found[-1] + 1)
        self._waiting = found
        return _Waiting(self, found)

    def read(self, key: str, most: int) -> Content:
        """As Source says. At most one octet more than `most` is asked for."""
        uid = self._uid(key)
        if uid is None:
            raise KeyError(key)
        if uid not in self._sizes:
            self.described([uid])
        if uid not in self._sizes:
            raise KeyError(key)
        if self._sizes[uid] > most:
            raise TooLarge(self._sizes[uid])
        found: list[Said] = []

        def each(said: Said) -> None:
            if said.name == b"FETCH" and said.uid == uid and (said.size is not None or not found):
                found[:] = [said]

        asked = min(most + 1, _LAST)
        try:
            self._dialogue.command(
                "read",
                b"UID FETCH %d (UID BODY.PEEK[]<0.%d>)" % (uid, asked),
                each=each,
                body=asked,
            )
        except Refused as refused:
            raise Unreadable("The server doesn't give this message.", refused.technical) from None
        if not found:
            raise KeyError(key)
        content, size = found[0].body, found[0].size
        if content is None or size is None:
            raise Unreadable("The server doesn't give this message.", "FETCH without BODY[]")
        if size > most:
            raise TooLarge(size)
        return content

    def settle(self, keys: Collection[str], afterwards: str, move_to: str | None) -> None:
        """As Source says. Only these messages are expunged, never another's."""
        if afterwards == "keep" and self._is_read_only:
            return  # the position knows what was read
        uids = sorted(uid for uid in map(self._uid, keys) if uid is not None)
        for start in range(0, len(uids), TOGETHER):
            chosen = ranges(uids[start : start + TOGETHER])
            try:
                if afterwards == "delete":
                    self._delete(chosen)
                elif afterwards == "move":
                    assert move_to is not None
                    self._move(chosen, utf7.encode(move_to))
                else:
                    self._settling(b"UID STORE %b +FLAGS.SILENT (\\Seen)" % chosen)
            except Refused as refused:
                raise self._stream.failed(
                    "The server doesn't let what was read be marked, moved or deleted.",
                    refused.technical,
                    "Check the user's rights in the folder, and the name of the folder to move to.",
                ) from refused

    def position(self, whole: bool = True) -> Position:
        """As Source says."""
        if self._everything or self._next is None:
            return {}
        if whole:
            return {"uidvalidity": self._validity, "uidnext": self._next}
        began = self._next if self._began is None else self._began
        below = [*islice((uid for uid in self._waiting if uid < began), KEPT)]
        left = ranges(below).decode("ascii")
        return {"uidvalidity": self._validity, "uidnext": began, "left": left}

    def count(self) -> int:
        """As of what the server told last."""
        return self._dialogue.exists

    def newest(self) -> Waiting | None:
        """That of the highest sequence number."""
        highest = self._highest()
        return self.described([highest])[0] if highest else None

    def wait(self, seconds: float) -> bool:
        """By IDLE, renewed in time."""
        if "IDLE" not in self._dialogue.capabilities:
            return False
        while seconds > 0:
            now = min(seconds, IDLE)
            seconds -= now
            try:
                if self._dialogue.idle(now):
                    return True
            except Refused:
                return False
            except ServerError:
                if self._stream.is_interrupted:
                    return False
                raise
        return False

    def interrupt(self) -> None:
        """As Source says."""
        self._stream.interrupt()

    def close(self) -> None:
        """With LOGOUT."""
        with contextlib.suppress(ServerError):
            self._dialogue.logout()
        self._stream.close()

    def described(self, uids: Sequence[int]) -> list[Waiting]:
        """These with their sizes and dates; one that is gone has neither."""
        found: list[tuple[int, Said]] = []
        self._asked(b"UID FETCH %b (UID RFC822.SIZE INTERNALDATE)" % ranges(uids), found)
        told = dict(found)
        if len(self._sizes) > SIZES:
            self._sizes.clear()
        made = []
        for uid in uids:
            rest = told[uid].rest if uid in told else b""
            size = _SIZE.search(rest)
            at, zone = _date(rest)
            self._sizes.pop(uid, None)
            if size is not None:
                self._sizes[uid] = int(size[1])
            made.append(Waiting(f"{self._validity}.{uid}", self._sizes.get(uid, 0), at, zone))
        return made

    def _asked(self, command: bytes, found: list[tuple[int, Said]]) -> None:
        """FETCH responses by UID, of what was asked for alone."""

        def each(said: Said) -> None:
            uid = said.uid
            if said.name == b"FETCH" and uid is not None and len(found) < 2 * BLOCK:
                found.append((uid, said))

        self._must("read", command, each)

    def _must(self, step: str, command: bytes, each: Each, line: int = LINE) -> None:
        try:
            self._dialogue.command(step, command, each=each, line=line)
        except Refused as refused:
            raise self._stream.failed(
                "The server refuses to list the folder.", refused.technical
            ) from refused

    def _search(self, criteria: bytes) -> Sequence[int]:
        """UIDs, ascending."""
        found = array("Q")

        def each(said: Said) -> None:
            if said.name == b"SEARCH":
                numbers = (int(one[0]) for one in _NUMBER.finditer(said.rest))
                found.extend(uid for uid in numbers if 0 < uid < _LAST)

        self._must("read", b"UID SEARCH " + criteria, each, LISTED)
        if any(found[at] >= found[at + 1] for at in range(len(found) - 1)):
            found = array("Q", sorted(set(found)))
        return found

    def _highest(self) -> int:
        """UID; 0: the folder is empty."""
        found: list[tuple[int, Said]] = []
        if self._dialogue.exists:
            self._asked(b"FETCH * (UID)", found)
        return max((uid for uid, _ in found), default=0)

    def _selected(self, said: Said) -> None:
        if said.code == b"UIDVALIDITY" and said.argument.isdigit():
            self._validity = int(said.argument[:10])
        elif said.code == b"UIDNEXT" and said.argument.isdigit():
            self._next = int(said.argument[:10])

    def _uid(self, key: str) -> int | None:
        validity, _, uid = key.partition(".")
        is_ours = validity == str(self._validity) and uid.isascii() and uid.isdigit()
        return int(uid) if is_ours and len(uid) <= 10 else None

    def _settling(self, *parts: bytes | Literal) -> None:
        self._dialogue.command("settle", *parts)

    def _delete(self, chosen: bytes) -> None:
        self._settling(b"UID STORE %b +FLAGS.SILENT (\\Deleted \\Seen)" % chosen)
        if "UIDPLUS" in self._dialogue.capabilities:
            self._settling(b"UID EXPUNGE " + chosen)
        else:
            self._warn(NEVER_EXPUNGED)

    def _move(self, chosen: bytes, folder: bytes) -> None:
        """RFC 6851, else by a copy. A folder that is missing is made."""
        is_atomic = "MOVE" in self._dialogue.capabilities
        moving = (b"UID MOVE " if is_atomic else b"UID COPY ") + chosen
        try:
            self._settling(moving, quoted(folder))
        except Refused as refused:
            if refused.code not in (b"TRYCREATE", b"NONEXISTENT"):
                raise
            self._settling(b"CREATE", quoted(folder))
            with contextlib.suppress(Refused):
                self._settling(b"SUBSCRIBE", quoted(folder))  # webmail shows what is subscribed
            self._settling(moving, quoted(folder))
        if not is_atomic:
            self._delete(chosen)

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


class _Waiting(Sequence[Waiting]):
    """Asks for sizes and dates block by block."""

    def __init__(self, source: ImapSource, uids: Sequence[int]) -> None:
        self._source = source
        self._uids = uids
        self._block: tuple[int, list[Waiting]] = (-1, [])

    def __len__(self) -> int:
        return len(self._uids)

    @overload
    def __getitem__(self, at: int) -> Waiting: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Waiting]: ...
    def __getitem__(self, at: int | slice) -> Waiting | Sequence[Waiting]:
        if isinstance(at, slice):
            return _Waiting(self._source, self._uids[at])
        place = range(len(self._uids))[at]
        start = place - place % BLOCK
        if self._block[0] != start:
            self._block = (start, self._source.described(self._uids[start : start + BLOCK]))
        return self._block[1][place - start]


def _date(rest: bytes) -> tuple[int | None, int]:
    """Seconds since 1970 and minutes east of INTERNALDATE (RFC 3501 9, date-time)."""
    found = _DATE.search(rest)
    if found is None:
        return None, 0
    try:
        text = found[1].decode("ascii").strip()
        at = datetime.datetime.strptime(text, "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None, 0
    zone = at.utcoffset() or datetime.timedelta()
    return int(at.timestamp()), int(zone.total_seconds()) // 60


def _unpacked(text: str) -> Iterable[int]:
    """Of what `ranges` gave; at most KEPT."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        low, _, high = part.partition(":")
        found.extend(range(int(low), int(high or low) + 1)[: KEPT - len(found)])
    return found
