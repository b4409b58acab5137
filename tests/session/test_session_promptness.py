"""No client waits for an acknowledgement that the system holds back."""

from __future__ import annotations

import socket

import pytest
from transcript import Stage

from imapgate.connections import promptness


class Watched(socket.socket):
    """Remembers the options that are set on it."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[int, int]] = []

    def setsockopt(self, level: int, name: int, value: int) -> None:  # type: ignore[override]
        assert level == socket.IPPROTO_TCP
        self.told.append((name, value))


@pytest.mark.skipif(promptness.QUICKACK is None, reason="needs TCP_QUICKACK (Linux)")
def test_what_has_come_of_a_command_is_acknowledged_at_once(stage: Stage) -> None:
    """imaplib sends the CRLF behind a literal only when the literal was acknowledged."""
    alice = stage.client("alice")
    with Watched() as connection:
        alice.wire.getHandle = lambda: connection  # type: ignore[attr-defined]
        alice.send(b"a NOOP\r\n")
        assert connection.told == [], "a whole command is answered, which acknowledges it"
        alice.send(b"b APPEND INBOX {5}\r\n")
        connection.told.clear()
        alice.send(b"Hello")
        assert connection.told == [(promptness.QUICKACK, 1)]
        alice.send(b"\r\n")
        assert alice.read()[-1].startswith("b OK")
