"""Dialogues of mail clients that submit mail, in this thread, against a scripted mailer's server.

    post.run('''
        C: MAIL FROM:<alice@example.org>
        S: 250 2.1.0 OK
    ''')

As in transcript.py; a line `C: #name` sends those octets. alice, bob, ... have said EHLO and signed
in, `new` has just connected.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from posting import Relay
from transcript import Client, Stage, Wire
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from world import PASSWORD, World

from imapgate.connections.budget import Budget
from imapgate.connections.entrance import Entrance
from imapgate.incoming import filing
from imapgate.limits import Limits
from imapgate.submission.protocol import SubmissionFactory
from imapgate.submission.server import Server
from storage import outbox
from storage.outbox import OutboxRow

ALICE, BOB = "alice@example.org", "bob@example.org"
CUSTOMER = "erika@example.com"


def plain(login: str, password: str = PASSWORD) -> str:
    """AUTH PLAIN's message."""
    return base64.b64encode(f"\0{login}\0{password}".encode()).decode("ascii")


def letter(
    subject: str = "Hello",
    sender: str = ALICE,
    to: str = CUSTOMER,
    extra: str = "",
    body: str = "Good morning.",
    n: int = 1,
) -> bytes:
    """A mail as a client writes it, and the dot behind it."""
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n{extra}"
        f"Date: Mon, 06 Jan 2025 10:00:00 +0000\r\nMessage-ID: <s{n}@example.org>\r\n\r\n"
        f"{body}\r\n.\r\n"
    ).encode()


def octets_of(written: bytes) -> bytes:
    """What was submitted: without the dot."""
    assert written.endswith(b"\r\n.\r\n")
    return written[:-3]


class Post(Stage):
    """hold: hops wait until `release`; hold_sending: those in which mail is handed over."""

    def __init__(  # pylint: disable=super-init-not-called
        self, world: World, limits: Limits | None = None, tls: object | None = None
    ) -> None:
        self.world = world
        self.clock = Clock()
        self.clients: dict[str, Client] = {}
        self.hold = self.hold_sending = False
        self._held: deque[Callable[[], None]] = deque()
        self._news: deque[Callable[[], None]] = deque()
        self.relay = Relay()
        self.limits = limits or replace(Limits(), login_delay=0.0)
        self.came: list[filing.Came] = []
        self.post = Server(
            db=world.db,
            limits=self.limits,
            call=self._call,
            send=self._send,
            clock=self.clock,
            entrance=Entrance(world.db, self.clock, self.limits.login_delay),
            budget=Budget(self.limits.process_literals),
            open_mailer=self.relay,
            file=self._file,
            tls=tls,
            name="mail.example.org",
        )
        self.factory: Any = SubmissionFactory(self.post)

    def close(self) -> None:
        """Every connection is lost; nothing may be left behind."""
        self.hold = self.hold_sending = False
        self.release()
        for client in self.clients.values():
            if not client.lost:
                client.lose()
        assert self.post.sessions.count == 0
        assert self.post.budget.left == self.limits.process_literals
        left = [call for call in self.clock.getDelayedCalls() if call.active()]
        assert not left, left

    def connect(self, name: str, address: str = "127.0.0.1") -> Client:
        """A connection whose greeting is unread."""
        protocol = self.factory.buildProtocol(None)
        client = self.clients[name] = Client(protocol, Wire(address))
        protocol.makeConnection(client.wire)
        return client

    def client(self, name: str) -> Client:
        if name not in self.clients:
            client = self.connect(name)
            person = name.rstrip("0123456789")
            if person != "new":
                client.send(f"EHLO x\r\nAUTH PLAIN {plain(f'{person}@Standard')}\r\n".encode())
                assert client.read()[-1].startswith("235 "), client.lines
                client.lines.clear()
        return self.clients[name]

    def submit(
        self, content: bytes, *to: str, who: str = "alice", sender: str | None = None
    ) -> str:
        """The answer to the whole mail (or to what was refused before it)."""
        client = self.client(who)
        client.read()
        client.lines.clear()
        said = [f"MAIL FROM:<{f'{who}@example.org' if sender is None else sender}>"]
        said += [f"RCPT TO:<{one}>" for one in to or (CUSTOMER,)]
        for line in (*said, "DATA"):
            client.send(f"{line}\r\n".encode())
            answer = client.read().popleft()
            if answer[0] not in "23":
                client.send(b"RSET\r\n")
                client.read().clear()
                return answer
        client.send(content)
        self.tell_news()
        return client.read().popleft() if client.read() else ""

    def rows(self) -> list[OutboxRow]:
        """All of the outbox, in their order."""

        def work(tx: Any) -> list[OutboxRow]:
            found = (outbox.by_id(tx, n) for n in range(1, 100))
            return [one for one in found if one is not None]

        return self.world.db.read(work)

    def _send(self, work: Callable[[], Any]) -> Deferred[Any]:
        if not self.hold_sending:
            return self._call(work)
        self.hold, before = True, self.hold
        try:
            return self._call(work)
        finally:
            self.hold = before

    def _file(self, row_id: int) -> None:
        self.came.append(filing.file_one(self.world.db, row_id, self.limits))
