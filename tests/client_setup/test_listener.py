"""The HTTP listener: one file, the same for everybody, and nothing of what was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transcript import Wire
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from imapgate.client_setup.autoconfig import PATHS
from imapgate.client_setup.listener import FileFactory, FileProtocol
from imapgate.limits import Limits

CONTENT = b"<clientConfig/>\n"


class Listener:
    """Connections in memory."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.factory = FileFactory(PATHS, Limits(), self.clock)
        self.factory.content = CONTENT
        self.opened: list[FileProtocol] = []

    def connect(self) -> tuple[FileProtocol, Wire]:
        protocol = self.factory.buildProtocol(None)
        assert protocol is not None
        self.opened.append(protocol)
        wire = Wire("192.0.2.7")
        protocol.makeConnection(wire)
        return protocol, wire

    def ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """(status, header fields, content); the server must have closed."""
        protocol, wire = self.connect()
        protocol.dataReceived(request)
        assert wire.disconnecting
        head, _, content = bytes(wire.unread).partition(b"\r\n\r\n")
        first, *rest = head.decode("ascii").split("\r\n")
        assert first.startswith("HTTP/1.1 ")
        return int(first.split()[1]), dict(line.split(": ", 1) for line in rest), content


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    for one in made.opened:
        one.connectionLost(Failure(ConnectionDone()))
    assert not made.clock.getDelayedCalls()


@pytest.mark.parametrize(
    "target",
    [
        *PATHS,
        PATHS[0] + "?emailaddress=alice%40example.org",
        PATHS[1] + "?emailaddress=nobody%40example.org",
        PATHS[1] + "?emailaddress=" + "x" * 7000,
        PATHS[0] + "?<script>",
        "http://autoconfig.acme.example" + PATHS[1] + "?emailaddress=a",
        "HTTPS://acme.example" + PATHS[0],
    ],
)
def test_everybody_gets_the_same_answer(listener: Listener, target: str) -> None:
    """Whoever is asked about, and whether there is such a user or not."""
    status, fields, content = listener.ask(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (status, content) == (200, CONTENT)
    assert fields.pop("Date").endswith(" GMT")
    assert fields == {
        "Content-Length": str(len(CONTENT)),
        "Connection": "close",
        "Content-Type": "application/xml; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
    }


def test_head_is_told_the_length_alone(listener: Listener) -> None:
    """RFC 9110 9.3.2."""
    status, fields, content = listener.ask(f"HEAD {PATHS[0]} HTTP/1.0\r\n\r\n".encode())
    assert (status, fields["Content-Length"], content) == (200, str(len(CONTENT)), b"")
    status, fields, content = listener.ask(b"HEAD /other HTTP/1.1\r\n\r\n")
    assert (status, content) == (404, b"")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET / HTTP/1.1", 404),
        ("GET /mail/ HTTP/1.1", 404),
        ("GET /mail/config-v1.1.xml/ HTTP/1.1", 404),
        ("GET /mail/../mail/config-v1.1.xml HTTP/1.1", 404),
        ("GET /Mail/config-v1.1.xml HTTP/1.1", 404),
        ("GET http://x HTTP/1.1", 404),
        ("GET Zq7 HTTP/1.1", 404),
        (f"POST {PATHS[0]} HTTP/1.1", 405),
        (f"OPTIONS {PATHS[0]} HTTP/1.1", 405),
        ("CONNECT Zq7:25 HTTP/1.1", 405),
        (f"GET {PATHS[0]}", 400),
        (f"GET  {PATHS[0]} HTTP/1.1", 400),
        (f"GET {PATHS[0]} HTTP/2.0", 400),
        (f" GET {PATHS[0]} HTTP/1.1", 400),
        ("Zq7", 400),
        ("", 400),
        ("\x16\x03\x01\x02", 400),
    ],
)
def test_what_isn_t_that_file_is_refused(
    listener: Listener, request_line: str, status: int
) -> None:
    """In a line of its own, in which nothing stands of what was asked."""
    got, fields, content = listener.ask(request_line.encode() + b"\r\nX: Zq7\r\n\r\n")
    assert got == status
    assert b"Zq7" not in content
    assert "Zq7" not in str(fields)
    assert fields["Content-Length"] == str(len(content))
    assert (fields.get("Allow") == "GET, HEAD") == (status == 405)
    assert parsedate_to_datetime(fields["Date"])


def test_a_request_in_pieces_is_answered_once(listener: Listener) -> None:
    """What comes behind it isn't looked at: every connection has one answer."""
    protocol, wire = listener.connect()
    for octet in f"GET {PATHS[0]} HTTP/1.1\r\nHost: x\r\n\r".encode():
        protocol.dataReceived(bytes([octet]))
    assert not wire.unread
    protocol.dataReceived(b"\nGET / HTTP/1.1\r\n\r\n")
    answer = bytes(wire.unread)
    protocol.dataReceived(b"x" * 100_000)
    assert answer.count(b"HTTP/1.1") == 1
    assert bytes(wire.unread) == answer


def test_a_body_isn_t_taken_in(listener: Listener) -> None:
    """It is refused with its header fields, whatever length they tell."""
    request = f"PUT {PATHS[0]} HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n".encode()
    assert listener.ask(request + b"x" * 8000)[0] == 405


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.sampled_from([b"GET ", b"HEAD ", PATHS[1].encode(), b" HTTP/1.1", b"\r\n", b"\n\n"]),
        ),
        max_size=12,
    )
)
def test_whatever_comes_there_is_one_answer_or_none_yet(pieces: list[bytes]) -> None:
    """In any pieces: a whole head is answered, an unfinished one waits for its time to be over."""
    listener = Listener()
    protocol, wire = listener.connect()
    for piece in pieces:
        protocol.dataReceived(piece)
    answer, came = bytes(wire.unread), b"".join(pieces)
    assert wire.disconnecting == bool(answer)
    assert answer.count(b"HTTP/1.1 ") == bool(answer)
    assert bool(answer) == bool(re.search(rb"\r?\n\r?\n", came))
    assert not answer or answer.split()[1] in (b"200", b"400", b"404", b"405")
    if not answer:
        listener.clock.advance(listener.factory.limits.http_time)
        assert wire.disconnected
    protocol.connectionLost(Failure(ConnectionDone()))
    assert not listener.clock.getDelayedCalls()


def test_closing_cuts_off_whoever_is_there(listener: Listener) -> None:
    """The service's end doesn't wait for strangers."""
    _, wire = listener.connect()
    listener.factory.close()
    assert wire.disconnected
