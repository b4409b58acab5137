"""Mail servers that behave as badly as tests want, in threads on loopback."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from imapgate.incoming.account import Place
from imapgate.servers.server import Login, Tls

HOST = "127.0.0.1"
HANG = b"(hang)"
"""As an answer: nothing more is said, the connection stays."""
Answer = bytes | Callable[[bytes], bytes]


class Server:
    """Answers each command's verb from `answers`, in which `$` at a line's beginning stands for the
    command's tag. cut: octets after which the connection is closed; trickle: seconds between two
    octets. context: of TLS, from the start, or after STARTTLS or STLS. said: lines that came.
    """

    verbs = re.compile(rb"\S+")
    greeting = b""
    answers: dict[bytes, Answer] = {}  # noqa: RUF012  # each kind of server has its own

    def __init__(
        self,
        more: dict[bytes, Answer] | None = None,
        *,
        greeting: bytes | None = None,
        cut: int | None = None,
        trickle: float = 0.0,
        context: ssl.SSLContext | None = None,
        at_once: bool = False,
    ) -> None:
        self.said: list[bytes] = []
        self.sent = 0
        self._answers = {**self.answers, **(more or {})}
        self._greeting = self.greeting if greeting is None else greeting
        self._cut = cut
        self._trickle = trickle
        self._context = context
        self._at_once = at_once
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def place(self, protocol: str, timeout: float = 20.0, **more: object) -> Place:
        login = more.pop("login", Login(user="u"))
        tls = more.pop("tls", Tls())
        assert isinstance(login, Login)
        assert isinstance(tls, Tls)
        host = str(more.pop("host", HOST))
        return Place(protocol, host, self.port, tls=tls, login=login, timeout=timeout)

    def __enter__(self) -> Self:
        self._listening = socket.create_server((HOST, 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                connection.settimeout(20)
                with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
                    stack.callback(lambda: self._connection.close())
                    self._connection: socket.socket = connection
                    self._talk()

    def _talk(self) -> None:
        self._buffer = b""
        if self._at_once:
            self._encrypt()
        if not self._send(self._greeting):
            return
        while (line := self._line()) is not None:
            self.said.append(line)
            if not self._send(self._answer(line)):
                return

    def _answer(self, line: bytes) -> bytes:
        tag, verb = self.named(line)
        found = self._answers.get(verb, b"$ BAD what?\r\n")
        text = found(line) if callable(found) else found
        return re.sub(rb"^\$ ", tag + b" ", text, flags=re.MULTILINE)

    def named(self, line: bytes) -> tuple[bytes, bytes]:
        """The command's tag and verb."""
        raise NotImplementedError

    def _line(self) -> bytes | None:
        while b"\r\n" not in self._buffer:
            came = self._connection.recv(4096)
            if not came:
                return None
            self._buffer += came
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _send(self, text: bytes) -> bool:
        """False: that was all."""
        if text == HANG:
            while not self._is_over.wait(0.01) and self._still_there():
                pass
            return False
        is_cut = self._cut is not None and self.sent + len(text) >= self._cut
        if is_cut:
            assert self._cut is not None
            text = text[: self._cut - self.sent]
        self.sent += len(text)
        if self._trickle:
            for at in range(len(text)):
                self._connection.sendall(text[at : at + 1])
                time.sleep(self._trickle)
        else:
            self._connection.sendall(text)
        if is_cut:
            return False
        last = self.said[-1].upper() if self.said else b""
        if b"STARTTLS" in last or last == b"STLS":
            self._encrypt()
        return True

    def _still_there(self) -> bool:
        self._connection.settimeout(0.01)
        with contextlib.suppress(TimeoutError):
            return self._connection.recv(4096) != b""
        return True

    def _encrypt(self) -> None:
        if self._context is not None:
            self._connection = self._context.wrap_socket(
                self._connection, server_side=True, suppress_ragged_eofs=True
            )


MESSAGES = {1: b"Subject: one\r\n\r\nHello\r\n", 2: b"Subject: two\r\n\r\n.\r\n"}


def fetch(line: bytes) -> bytes:
    """What a good IMAP server says to UID FETCH."""
    found = b""
    low, _, high = line.split()[3].partition(b":")
    for uid in range(int(low), int(high or low) + 1):
        message = MESSAGES.get(uid)
        if message is None:
            continue
        if b"BODY" in line:
            body = b"BODY[]<0> {%d}\r\n%b" % (len(message), message)
            found += b"* %d FETCH (UID %d %b)\r\n" % (uid, uid, body)
        else:
            found += b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, uid, len(message))
    return found + b"$ OK fetched\r\n"


class Imap(Server):
    """A mailbox of two messages."""

    greeting = b"* OK ready\r\n"
    capabilities = b"IMAP4rev1 UIDPLUS MOVE IDLE"
    answers = {  # noqa: RUF012
        b"CAPABILITY": b"* CAPABILITY " + capabilities + b"\r\n$ OK done\r\n",
        b"LOGIN": b"$ OK in\r\n",
        b"SELECT": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 3] next\r\n"
        b"$ OK [READ-WRITE] selected\r\n",
        b"UID SEARCH": b"* SEARCH 1 2\r\n$ OK searched\r\n",
        b"UID FETCH": fetch,
        b"UID STORE": b"$ OK stored\r\n",
        b"UID EXPUNGE": b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n$ OK expunged\r\n",
        b"LOGOUT": b"* BYE\r\n$ OK bye\r\n",
    }

    def named(self, line: bytes) -> tuple[bytes, bytes]:
        tag, _, rest = line.partition(b" ")
        words = rest.upper().split()
        is_uid = words[:1] == [b"UID"]
        return tag, b" ".join(words[: 2 if is_uid else 1])


def retrieve(line: bytes) -> bytes:
    """What a good POP3 server says to RETR."""
    message = (b"\r\n" + MESSAGES[int(line.split()[1])]).replace(b"\r\n.", b"\r\n..")[2:]
    return b"+OK here\r\n" + message + b".\r\n"


class Pop3(Server):
    """A mailbox of two messages."""

    greeting = b"+OK ready\r\n"
    answers = {  # noqa: RUF012
        b"CAPA": b"+OK\r\nUSER\r\nUIDL\r\nSTLS\r\n.\r\n",
        b"STLS": b"+OK begin\r\n",
        b"USER": b"+OK\r\n",
        b"PASS": b"+OK in\r\n",
        b"STAT": b"+OK 2 45\r\n",
        b"UIDL": b"+OK\r\n1 one\r\n2 two\r\n.\r\n",
        b"LIST": b"+OK\r\n1 23\r\n2 19\r\n.\r\n",
        b"RETR": retrieve,
        b"DELE": b"+OK\r\n",
        b"QUIT": b"+OK bye\r\n",
    }

    def named(self, line: bytes) -> tuple[bytes, bytes]:
        return b"", line.upper().split()[0] if line.split() else b""
