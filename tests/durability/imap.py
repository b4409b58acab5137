"""An IMAP client of a few lines: it knows what was acknowledged, and when the line went dead."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

HOST = "127.0.0.1"
PATIENCE = 60.0
"""Seconds that an answer may take."""
_LITERAL = re.compile(rb"\{(\d+)\}$")
_CODE = re.compile(r"\[(APPENDUID|COPYUID) (\d+) ([\d:,]+)(?: ([\d:,]+))?\]")


class Lost(Exception):
    """The connection is gone: whether the last command was done is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The tagged status and its text, and what came before it: lines whose literals stand apart."""

    status: str
    text: str
    untagged: tuple[tuple[str, tuple[bytes, ...]], ...]

    @property
    def uids(self) -> tuple[int, ...]:
        """Of APPENDUID, or the target's of COPYUID (MOVE sends it untagged)."""
        for line in (self.text, *(line for line, _ in self.untagged)):
            found = _CODE.search(line)
            if found:
                return _numbers(found[4] or found[3])
        return ()

    @property
    def uidvalidity(self) -> int:
        found = _CODE.search(self.text)
        assert found, self.text
        return int(found[2])


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as FETCH gives it."""

    uid: int
    content: bytes
    flags: frozenset[str]
    internal: str


class Client:
    """One session, signed in."""

    def __init__(self, port: int, user: str, name: str) -> None:
        """name: begins the tags. Raises Lost."""
        self._name = name
        self._number = 0
        self._buffer = b""
        try:
            self._socket = socket.create_connection((HOST, port), PATIENCE)
        except OSError as error:
            raise Lost from error
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._line()
            answer = self.command(f"LOGIN {user}@Standard demo")
            assert answer.status == "OK", answer.text
        except BaseException:
            self._socket.close()
            raise

    @property
    def tag(self) -> str:
        """Of the last command."""
        return f"{self._name}x{self._number}"

    @property
    def next_tag(self) -> str:
        return f"{self._name}x{self._number + 1}"

    def close(self) -> None:
        self._socket.close()

    def command(self, *parts: str | bytes, synchronising: bool = False) -> Answer:
        """A command: text as it is, octets as literals. Raises Lost, also after it was done."""
        self.send(*parts, synchronising=synchronising)
        return self.answer()

    def send(self, *parts: str | bytes, synchronising: bool = False) -> None:
        """Without waiting for what is said to it."""
        self._number += 1
        line = self.tag.encode() + b" "
        try:
            for part in parts:
                if isinstance(part, str):
                    line += part.encode()
                elif synchronising:
                    self._socket.sendall(line + b"{%d}\r\n" % len(part))
                    went_on = self._line()
                    if went_on.startswith(b"* BYE"):
                        raise Lost
                    assert went_on.startswith(b"+"), went_on
                    line = part
                else:
                    line += b"{%d+}\r\n" % len(part) + part
            self._socket.sendall(line + b"\r\n")
        except OSError as error:
            raise Lost from error

    def answer(self) -> Answer:
        """Up to the tagged status of the last command."""
        untagged = []
        tag = self.tag
        while True:
            line, literals = self._response()
            if line.startswith(tag + " "):
                status, _, text = line.removeprefix(tag + " ").partition(" ")
                return Answer(status, text, tuple(untagged))
            if line.startswith("* BYE"):
                raise Lost
            untagged.append((line, literals))

    def fetch(self, folder: str) -> tuple[list[Fetched], dict[str, int]]:
        """All messages of a folder, and what EXAMINE said of it (EXISTS, UIDNEXT, ...)."""
        opened = self.command(f'EXAMINE "{folder}"')
        assert opened.status == "OK", opened.text
        said = {}
        for line, _ in opened.untagged:
            if found := re.search(r"\[(UIDNEXT|UIDVALIDITY|HIGHESTMODSEQ) (\d+)\]", line):
                said[found[1]] = int(found[2])
            elif found := re.match(r"\* (\d+) EXISTS", line):
                said["EXISTS"] = int(found[1])
        answer = self.command("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])")
        assert answer.status == "OK", answer.text
        return [_fetched(line, literals) for line, literals in answer.untagged if literals], said

    def _response(self) -> tuple[str, tuple[bytes, ...]]:
        line, literals = self._line(), []
        while found := _LITERAL.search(line):
            literals.append(self._octets(int(found[1])))
            line = line[: found.start()] + self._line()
        return line.decode("utf-8", "backslashreplace"), tuple(literals)

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._receive()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _octets(self, size: int) -> bytes:
        pieces, have = [self._buffer], len(self._buffer)
        while have < size:
            self._buffer = b""
            self._receive()
            pieces.append(self._buffer)
            have += len(self._buffer)
        whole = b"".join(pieces)
        self._buffer = whole[size:]
        return whole[:size]

    def _receive(self) -> None:
        try:
            more = self._socket.recv(1 << 18)
        except TimeoutError:
            raise
        except OSError as error:
            raise Lost from error
        if not more:
            raise Lost
        self._buffer += more


def _fetched(line: str, literals: tuple[bytes, ...]) -> Fetched:
    uid = re.search(r"UID (\d+)", line)
    flags = re.search(r"FLAGS \(([^)]*)\)", line)
    internal = re.search(r'INTERNALDATE "([^"]*)"', line)
    assert uid
    assert flags
    assert internal
    return Fetched(int(uid[1]), literals[0], frozenset(flags[1].split()), internal[1])


def _numbers(text: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition(":")
        numbers.extend(range(int(first), int(last or first) + 1))
    return tuple(numbers)
