"""Rows of test_limits_table: the listener that tells clients how to set themselves up."""

from __future__ import annotations

from dataclasses import dataclass

from limit_rows import row
from transcript import Stage, Wire
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from imapgate.client_setup.listener import FileFactory, FileProtocol

REQUEST = b"GET /x HTTP/1.1\r\n\r\n"


@dataclass
class Browser:
    """A connection to the listener."""

    protocol: FileProtocol
    wire: Wire

    def status(self, request: bytes) -> bytes:
        self.protocol.dataReceived(request)
        assert self.wire.disconnecting
        return bytes(self.wire.unread).split()[1]

    def lose(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))


def _listener(stage: Stage) -> FileFactory:
    made = FileFactory(("/x",), stage.server.limits, stage.clock)
    made.content = b"<x/>"
    return made


def _connected(listener: FileFactory) -> Browser:
    protocol = listener.buildProtocol(None)
    assert protocol is not None
    browser = Browser(protocol, Wire("127.0.0.1"))
    protocol.makeConnection(browser.wire)
    return browser


@row(http_connections=1)
def _(stage: Stage) -> None:
    listener = _listener(stage)
    first = _connected(listener)
    assert listener.buildProtocol(None) is None
    assert first.status(REQUEST) == b"200"
    first.lose()
    _connected(listener).lose()


@row(http_request=len(REQUEST) + 10)
def _(stage: Stage) -> None:
    listener = _listener(stage)
    for more, status in ((b"A: 345678\r\n", b"431"), (b"A: 34567\r\n", b"200")):
        browser = _connected(listener)
        assert browser.status(REQUEST[:-2] + more + b"\r\n") == status
        browser.lose()
    endless = _connected(listener)
    endless.protocol.dataReceived(b"GET /x HTTP/1.1\r\nA: ")
    assert not endless.wire.disconnecting
    assert endless.status(b"x" * 10) == b"431"
    endless.lose()


@row(http_time=7.0)
def _(stage: Stage) -> None:
    listener = _listener(stage)
    for said in (b"", REQUEST[:-2], REQUEST):
        slow = _connected(listener)
        slow.protocol.dataReceived(said)
        stage.clock.advance(6.9)
        assert not slow.wire.disconnected
        stage.clock.advance(0.2)
        assert slow.wire.disconnected
        slow.lose()
