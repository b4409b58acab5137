"""Dialogues as text against a server in this thread: no socket, no waiting, a clock by hand.

    stage.run('''
        C: a SELECT INBOX
        S: ~
        S: a OK [READ-WRITE] ...
        bob C: b NOOP
        bob S: b OK ...
    ''')

`C:` sends a line, `S:` expects one. A name before them is another session; alice, bob, ... (and
alice2, ...) have signed in, `new`, `new2`, ... have just connected; no name is alice. In `S:` lines
`...` stands for anything, `<name>` for a word that must stay the same wherever the name stands,
`S: ~` for any lines up to the next expected one, `S: closed` for the end of the connection. In
`C:` lines `{#name}`, `{#name+}` announce a literal of the given octets, `#name` sends them, and a
line that ends in `\\` has no CRLF. `-- 20` lets so many seconds pass, `-- lost` loses the
connection of the session named before it. Nothing may be left unread where a session speaks again,
nor at the end.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from world import PASSWORD, World

from imapgate.limits import Limits
from imapgate.session.connection import ImapProtocol
from imapgate.session.protocol import ImapFactory
from imapgate.session.server import Server

T = TypeVar("T")
_LINE = re.compile(r"(?:(\w+) )?(C:|S:|--)(?: (.*))?$")
_LITERAL = re.compile(r"\{#(\w+)(\+?)\}$")


class Wire(StringTransport):
    """A transport in memory that asks its producer for a pause when nobody reads (as TCP does)."""

    THRESHOLD = 64 * 1024

    def __init__(self, address: str) -> None:
        super().__init__(peerAddress=IPv4Address("TCP", address, 50000), lenient=True)
        self.unread = bytearray()
        self.most_unread = 0
        self.reads = True
        self.tls: list[object] = []

    def write(self, data: bytes) -> None:
        if self.disconnecting:
            return
        self.unread += data
        self.most_unread = max(self.most_unread, len(self.unread))
        if not self.reads and self.producer and len(self.unread) > self.THRESHOLD:
            self.producer.pauseProducing()

    def take(self) -> bytes:
        """What the client reads now: all that there is; the producer may go on."""
        data = bytes(self.unread)
        self.unread.clear()
        if self.producer:
            self.producer.resumeProducing()
        return data

    def startTLS(self, factory: object) -> None:  # noqa: N802
        self.tls.append(factory)


@dataclass
class Client:
    """One connection. closed: the server hung up."""

    protocol: ImapProtocol
    wire: Wire
    lines: deque[str] = field(default_factory=deque)
    half: bytes = b""
    lost: bool = False

    @property
    def closed(self) -> bool:
        return bool(self.wire.disconnecting)

    def send(self, data: bytes) -> None:
        self.protocol.dataReceived(data)

    def read(self) -> deque[str]:
        """Whole lines that came and weren't expected yet."""
        *whole, self.half = (self.half + self.wire.take()).split(b"\r\n")
        self.lines.extend(line.decode("utf-8", "backslashreplace") for line in whole)
        return self.lines

    def lose(self) -> None:
        if self.wire.producer:
            self.wire.producer.stopProducing()
        self.wire.disconnecting = self.lost = True
        self.protocol.connectionLost(Failure(ConnectionDone()))


class Stage:
    """A server on a world, and its clients by name. hold: works wait until `release`."""

    def __init__(self, world: World, limits: Limits | None = None, **settings: Any) -> None:
        """settings: further fields of session.server.Server."""
        self.world = world
        self.clock = Clock()
        self.clients: dict[str, Client] = {}
        self.hold = False
        self._held: deque[Callable[[], None]] = deque()
        self._news: deque[Callable[[], None]] = deque()
        self.server = Server(
            db=world.db,
            limits=limits or replace(Limits(), login_delay=0.0),
            call=self._call,
            to_reactor=self._news.append,
            clock=self.clock,
            version="1.0",
            **settings,
        )
        self.factory = ImapFactory(self.server)

    def close(self) -> None:
        """Every connection is lost; nothing may be left behind."""
        self.hold = False
        self.release()
        for client in self.clients.values():
            if not client.lost:
                client.lose()
        assert self.server.sessions.count == 0
        assert self.server.budget.left == self.server.limits.process_literals
        self.server.hub.close()
        left = [call for call in self.clock.getDelayedCalls() if call.active()]
        assert not left, left

    def connect(self, name: str, address: str = "127.0.0.1") -> Client:
        """A connection whose greeting is unread."""
        protocol = self.factory.buildProtocol(None)
        assert protocol is not None
        client = self.clients[name] = Client(protocol, Wire(address))
        protocol.makeConnection(client.wire)
        return client

    def client(self, name: str) -> Client:
        """The session of that name, made and signed in where it has to be."""
        if name not in self.clients:
            client = self.connect(name)
            person = name.rstrip("0123456789")
            if person != "new":
                client.send(f"login LOGIN {person}@Standard {PASSWORD}\r\n".encode())
                assert client.read()[-1].startswith("login OK"), client.lines
                client.lines.clear()
        return self.clients[name]

    @property
    def held(self) -> int:
        """Works that wait for `release`."""
        return len(self._held)

    def release(self, works: int = 1_000_000) -> None:
        """Runs works that were held, with what comes of them."""
        for _ in range(works):
            if not self._held:
                break
            self._held.popleft()()
        self.tell_news()

    def tell_news(self) -> None:
        while self._news:
            self._news.popleft()()

    def run(self, text: str, **octets: bytes) -> None:
        """Plays a dialogue; fails with the line in which it went astray."""
        __tracebackhide__ = True
        lines = [line.strip() for line in text.strip().splitlines()]
        known: dict[str, str] = {}
        for at, line in enumerate(lines):
            if line and not line.startswith("#"):
                problem = self._play(line, octets, known, lines[at + 1 :])
                if problem:
                    _fail(lines, at, problem)
        for name, client in self.clients.items():
            if client.read():
                _fail(lines, len(lines), f"{name}: unexpected {list(client.lines)[:20]}")

    def _play(
        self, line: str, octets: dict[str, bytes], known: dict[str, str], following: list[str]
    ) -> str | None:
        found = _LINE.match(line)
        assert found, f"no line of a dialogue: {line}"
        name, kind, said = found[1] or "alice", found[2], found[3] or ""
        if kind == "--":
            if said == "lost":
                self.client(name).lose()
            else:
                self.clock.advance(float(said))
            return None
        client = self.client(name)
        if kind == "C:":
            if client.read():
                return f"unexpected before this: {list(client.lines)[:20]}"
            client.send(_octets(said, octets))
            self.tell_news()
            return None
        return self._expect(client, said, known, following)

    def _expect(
        self, client: Client, said: str, known: dict[str, str], following: list[str]
    ) -> str | None:
        client.read()
        if said == "closed":
            return None if client.closed and not client.lines else f"still open: {client.lines}"
        if said == "~":
            next_line = _LINE.match(following[0]) if following else None
            wanted = _pattern(next_line[3] or "", known) if next_line else None
            while client.lines and wanted and not wanted.fullmatch(client.lines[0]):
                client.lines.popleft()
            return None
        if not client.lines:
            return "nothing came"
        got = client.lines.popleft()
        match = _pattern(said, known).fullmatch(got)
        if match is None:
            return f"got {got!r}, then {list(client.lines)[:20]}"
        known.update(match.groupdict())
        return None

    def _call(self, work: Callable[[], T]) -> Deferred[T]:
        if not self.hold:
            return self._now(work)
        held: Deferred[T] = Deferred()
        self._held.append(lambda: self._now(work).chainDeferred(held))
        return held

    def _now(self, work: Callable[[], T]) -> Deferred[T]:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 (handed on, as a thread pool does)
            return fail(error)
        finally:
            self.tell_news()
        return succeed(result)


def _octets(said: str, octets: dict[str, bytes]) -> bytes:
    if said.startswith("#"):
        return octets[said.split()[0][1:].rstrip("\\")] + (b"" if said.endswith("\\") else b"\r\n")
    literal = _LITERAL.search(said)
    if literal:
        said = f"{said[: literal.start()]}{{{len(octets[literal[1]])}{literal[2]}}}"
    if said.endswith("\\"):
        return said[:-1].encode()
    return said.encode() + b"\r\n"


def _pattern(said: str, known: dict[str, str]) -> re.Pattern[str]:
    pieces = []
    new: set[str] = set()
    for piece in re.split(r"(\.\.\.|<[a-z]\w*>)", said):
        if piece == "...":
            pieces.append(".*")
        elif piece.startswith("<") and piece.endswith(">") and len(piece) > 2:
            word = piece[1:-1]
            if word in known:
                pieces.append(re.escape(known[word]))
            elif word in new:
                pieces.append(f"(?P={word})")
            else:
                new.add(word)
                pieces.append(rf"(?P<{word}>[^\s\]\)]+)")
        else:
            pieces.append(re.escape(piece))
    return re.compile("".join(pieces))


def _fail(lines: list[str], at: int, problem: str) -> None:
    __tracebackhide__ = True
    shown = [f"{'>' if n == at else ' '} {line}" for n, line in enumerate(lines) if n > at - 15]
    raise AssertionError("\n".join([problem, *shown[: 15 + 3]]))
