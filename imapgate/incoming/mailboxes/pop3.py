"""A mailbox of a POP3 server as a source of mail (RFC 1939): all that it holds waits."""

from __future__ import annotations

import contextlib
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import overload

from imapgate.folders.octets import Octets
from imapgate.incoming.mailboxes.pop3_dialogue import Lines, Pop3Dialogue, Refused
from imapgate.incoming.source import Position, TooLarge, Unreadable, Waiting
from imapgate.mime.index import Content
from imapgate.servers.server import ServerError

MESSAGES = 1_000_000
"""In a mailbox; a server that lists more is given up."""
LISTED = 128 * 1024 * 1024
"""Octets of a list of messages."""
DRAINED = 64 * 1024 * 1024
"""Octets of a message beyond the limit that are read and dropped, since POP3 can't stop one."""


class Pop3Source:
    """On a dialogue that is logged in. `open` first. What is in the mailbox is what the server
    listed then; deletions count once `settle` has ended the session, which it does itself."""

    def __init__(self, dialogue: Pop3Dialogue, warnings: Iterable[str]) -> None:
        self._dialogue = dialogue
        self._stream = dialogue.stream
        self._count = 0
        self._names: _Names | None = None
        self._sizes = array("Q")
        self.warnings = [*warnings]

    def open(self) -> None:
        """Counts the messages."""
        try:
            words = self._dialogue.command("folder", b"STAT").split()
            self._count = min(int(words[0]), MESSAGES)
        except Refused as refused:
            raise self._stream.failed(
                "The server refuses to open the mailbox.", refused.technical
            ) from refused
        except (ValueError, IndexError) as error:
            raise self._stream.failed("The server doesn't keep to POP3.", str(error)) from error

    def waiting(self, position: Position) -> Sequence[Waiting]:  # noqa: ARG002  # all, always
        """As Source says. Two messages of the same UIDL (RFC 1939 7 allows it for equal ones) are
        told apart by their order."""
        return _Waiting(*self._listed())

    def read(self, key: str, most: int) -> Content:
        """As Source says."""
        names, sizes = self._listed()
        place = names.place(key)
        if place is None:
            raise KeyError(key)
        if sizes[place] > most:
            raise TooLarge(sizes[place])
        with Octets(most) as octets:
            try:
                self._dialogue.command("read", b"RETR %d" % names.numbers[place], most + DRAINED)
                self._stream.dotted(octets.add)
                if octets.size > most:
                    raise TooLarge(octets.size)
                return octets.content()
            except Refused as refused:
                raise Unreadable(
                    "The server doesn't give this message.", refused.technical
                ) from None
            except OSError as error:
                self._stream.close()
                raise self._stream.failed("The message can't be kept.", str(error)) from error

    def settle(self, keys: Collection[str], afterwards: str, move_to: str | None) -> None:  # noqa: ARG002
        """As Source says. With `delete` the session ends: only then the server deletes."""
        if afterwards == "move":
            raise self._stream.failed(
                "POP3 knows no folders: nothing can be moved.",
                hint="Choose keep or delete, or read the mailbox by IMAP.",
                permanent=True,
            )
        if afterwards != "delete" or not keys:
            return
        names, _ = self._listed()
        try:
            for key in keys:
                place = names.place(key)
                if place is not None:
                    self._dialogue.command("settle", b"DELE %d" % names.numbers[place])
            self._dialogue.command("settle", b"QUIT")
        except Refused as refused:
            raise self._stream.failed(
                "The server doesn't delete what was read.", refused.technical
            ) from refused
        self._stream.close()

    def position(self, whole: bool = True) -> Position:  # noqa: ARG002  # the keys are all
        """Empty: the server tells all that it holds."""
        return {}

    def count(self) -> int:
        """As of `open`."""
        return self._count

    def newest(self) -> Waiting | None:
        """The last in the list."""
        listed = _Waiting(*self._listed())
        return listed[-1] if listed else None

    def wait(self, seconds: float) -> bool:  # noqa: ARG002
        """POP3 can't."""
        return False

    def interrupt(self) -> None:
        """As Source says."""
        self._stream.interrupt()

    def close(self) -> None:
        """With QUIT, if the session hasn't ended."""
        with contextlib.suppress(ServerError, Refused):
            self._dialogue.command("close", b"QUIT")
        self._stream.close()

    def _listed(self) -> tuple[_Names, array[int]]:
        if self._names is None:
            names = _Names()
            try:
                self._dialogue.listing("read", b"UIDL", names.add, LISTED)
                names.end()
                sizes = array("Q", bytes(8 * len(names.numbers)))
                self._dialogue.listing("read", b"LIST", _sizing(names, sizes), LISTED)
            except Refused as refused:
                raise self._stream.failed(
                    "The server can't tell messages apart (UIDL).", refused.technical
                ) from refused
            except ValueError as error:
                raise self._stream.failed("The server doesn't keep to POP3.", str(error)) from error
            self._names, self._sizes = names, sizes
        return self._names, self._sizes


class _Names:
    """UIDLs in the mailbox's order, as one run of octets: an object for each of half a million
    would cost ten times as much. numbers: of the messages in this session."""

    def __init__(self) -> None:
        self._run = bytearray(b"\n")
        self._starts = array("Q")
        self.numbers = array("Q")

    def add(self, line: bytes) -> None:
        """`1 whqtswO00WBw418f9t5JxYwZ`. Raises ValueError."""
        number, _, name = line.partition(b" ")
        name = name.strip()
        if not number.isdigit() or not name or len(name) > 200 or len(number) > 10:
            raise ValueError("a line of UIDL that has no number and name")
        if len(self.numbers) >= MESSAGES:
            raise ValueError(f"more than {MESSAGES:,} messages")
        self._starts.append(len(self._run))
        self.numbers.append(int(number))
        self._run += name + b"\n"

    def end(self) -> None:
        """Names that stand twice get a number behind a blank, which no UIDL has in it."""
        names = bytes(self._run).split(b"\n")[1:-1]
        if len(set(names)) == len(names):
            return
        seen: dict[bytes, int] = {}
        numbers, self.numbers = self.numbers, array("Q")
        self._run, self._starts = bytearray(b"\n"), array("Q")
        for number, name in zip(numbers, names, strict=True):
            seen[name] = seen.get(name, 0) + 1
            again = b"" if seen[name] == 1 else b" %d" % seen[name]
            self._starts.append(len(self._run))
            self.numbers.append(number)
            self._run += name + again + b"\n"

    def name(self, place: int) -> str:
        start = self._starts[place]
        # ASCII by RFC 1939; whatever else comes, the queue can keep it.
        return self._run[start : self._run.index(b"\n", start)].decode("latin-1")

    def place(self, name: str) -> int | None:
        octets = name.encode("latin-1", "replace")
        found = self._run.find(b"\n" + octets + b"\n") if octets else -1
        return None if found < 0 else bisect_right(self._starts, found + 1) - 1


def _sizing(names: _Names, sizes: array[int]) -> Lines:
    """Takes LIST's lines, which come in the same order as UIDL's."""
    place = 0

    def add(line: bytes) -> None:
        nonlocal place
        number, _, size = line.partition(b" ")
        if not number.isdigit() or not size[:1].isdigit() or len(number) > 10:
            raise ValueError("a line of LIST that has no number and size")
        while place < len(names.numbers) and names.numbers[place] < int(number):
            place += 1
        if place < len(names.numbers) and names.numbers[place] == int(number):
            sizes[place] = int(size.split()[0][:18])

    return add


class _Waiting(Sequence[Waiting]):
    """Made as they are asked for."""

    def __init__(self, names: _Names, sizes: array[int], places: range | None = None) -> None:
        self._names = names
        self._sizes = sizes
        self._places = range(len(sizes)) if places is None else places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Waiting: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Waiting]: ...
    def __getitem__(self, at: int | slice) -> Waiting | Sequence[Waiting]:
        if isinstance(at, slice):
            return _Waiting(self._names, self._sizes, self._places[at])
        place = self._places[at]
        return Waiting(self._names.name(place), self._sizes[place])
