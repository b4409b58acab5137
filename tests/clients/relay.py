"""Stands between a client and the server, without encryption, and loses answers."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
_APPEND = re.compile(rb"^(\S+) append ", re.IGNORECASE | re.MULTILINE)


@dataclass
class Relay:
    """port: where it listens. lose: how many OKs of APPEND still never reach the client, whose
    connection ends instead. appends: how many APPENDs clients have begun."""

    port: int
    lose: int = 0
    appends: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what both say until one of them ends, or an OK is lost."""
        waiting: set[bytes] = set()
        upward = threading.Thread(target=self._up, args=(client, server, waiting))
        upward.start()
        rest = b""
        while octets := _received(server):
            *lines, rest = (rest + octets).split(b"\r\n")
            for line in lines:
                tag, _, answer = line.partition(b" ")
                if tag in waiting and answer.startswith(b"OK") and self._loses():
                    octets = b""
            if not octets or not _sent(client, octets):
                break
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        upward.join()
        client.close()
        server.close()

    def _up(self, client: socket.socket, server: socket.socket, waiting: set[bytes]) -> None:
        while octets := _received(client):
            for found in _APPEND.finditer(octets):
                waiting.add(found[1])
                with self._lock:
                    self.appends += 1
            if not _sent(server, octets):
                break
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _loses(self) -> bool:
        with self._lock:
            if self.lose == 0:
                return False
            self.lose -= 1
            return True


def _received(source: socket.socket) -> bytes:
    """Empty at the end."""
    try:
        return source.recv(1 << 16)
    except OSError:
        return b""


def _sent(target: socket.socket, octets: bytes) -> bool:
    try:
        target.sendall(octets)
    except OSError:
        return False
    return True


@contextmanager
def relaying(server_port: int) -> Iterator[Relay]:
    """A relay to a server on this machine, until the end."""
    with socket.create_server((HOST, 0)) as listener:
        relay = Relay(listener.getsockname()[1])
        carriers: list[threading.Thread] = []
        ends: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                server = socket.create_connection((HOST, server_port))
                ends.extend((client, server))
                carriers.append(threading.Thread(target=relay.carry, args=(client, server)))
                carriers[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield relay
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for end in ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            for carrier in carriers:
                carrier.join()
