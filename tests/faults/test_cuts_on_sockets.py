"""The same over the network: the connection is reset in the middle of a drop, and several clients
send one mail at the same moment."""

from __future__ import annotations

import imaplib
import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import mail

sys.path.insert(0, str(Path(__file__).parent.parent / "service"))
from running import HOST, Running, start

GROUP = "Trackers/Support"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("reset") / "demo", "demo")
    try:
        yield running
    finally:
        code, log = running.stop()
    assert code == 0, log
    assert "Traceback" not in log, log


class Line:
    """One connection of alice's, octet by octet."""

    def __init__(self, server: Running) -> None:
        self._socket = socket.create_connection((HOST, server.port), timeout=30)
        self._lines = self._socket.makefile("rb")
        self._lines.readline()
        self.ask(b"l LOGIN alice@Standard demo\r\n", b"l ")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def ask(self, data: bytes, until: bytes) -> bytes:
        """The first line that begins so."""
        self.send(data)
        for line in self._lines:
            if line.startswith(until):
                return line
        raise AssertionError(f"hung up before {until!r}")

    def reset(self) -> None:
        """RST in place of FIN, whatever is on its way."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


def append(content: bytes) -> bytes:
    return b"a APPEND %b {%d+}\r\n%b\r\n" % (GROUP.encode(), len(content), content)


def uid_of(answer: bytes) -> int:
    """Of `OK [APPENDUID validity uid]`."""
    assert answer.startswith(b"a OK [APPENDUID "), answer
    return int(answer.split(b"]")[0].split(b" ")[-1])


def uids_of(client: imaplib.IMAP4, n: str) -> list[int]:
    """Where the mail with that Message-ID stands in the group."""
    client.select(f'"{GROUP}"', readonly=True)
    _, found = client.uid("SEARCH", "HEADER", "Message-ID", f"<m{n}@example.com>")
    return [int(uid) for uid in found[0].split()]


def test_a_connection_that_is_reset_leaves_nothing_and_the_mail_can_be_sent_again(
    server: Running, figures: Counter[str]
) -> None:
    """At a dozen places within the APPEND; and behind it, when it may have been filed."""
    client, again = server.imap(), Line(server)
    places = [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 1.0, 1.0, 1.0]
    for number, share in enumerate(places):
        n = f"reset{number}"
        said = append(mail("Reset", n, "x" * 5000))
        line = Line(server)
        line.send(said[: int(len(said) * share)])
        line.reset()
        figures["connections cut"] += 1
        if share < 1.0:
            assert uids_of(client, n) == []
        uid = uid_of(again.ask(said, b"a "))
        client.noop()
        assert uids_of(client, n) == [uid]
    again.close()
    client.logout()


def test_one_mail_from_many_sessions_at_one_moment_is_one_entry_with_one_uid(
    server: Running,
) -> None:
    """As a client does that sends an APPEND again which it took for lost, while the first is still
    being filed."""
    client = server.imap()
    lines = [Line(server) for _ in range(6)]
    for number in range(5):
        n = f"moment{number}"
        said = append(mail("Moment", n, "y" * 2000))
        barrier = threading.Barrier(len(lines))
        answers: list[bytes] = []

        def drop(line: Line, said: bytes, barrier: threading.Barrier, answers: list[bytes]) -> None:
            barrier.wait(30)
            answers.append(line.ask(said, b"a "))

        threads = [
            threading.Thread(target=drop, args=(line, said, barrier, answers)) for line in lines
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(answers) == len(lines)
        (uid,) = {uid_of(answer) for answer in answers}
        client.noop()
        assert uids_of(client, n) == [uid]
    for line in lines:
        line.close()
    client.logout()
