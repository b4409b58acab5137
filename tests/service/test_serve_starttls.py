"""STARTTLS over a real socket: nothing from before the handshake counts after it."""

from __future__ import annotations

import contextlib
import socket
import ssl

from running import HOST, Running

INJECTED = b"b LOGIN alice@Standard demo\r\nc CREATE Injected\r\n"


class Client:
    """TLS in memory over a plain socket, so that each segment is ours to choose."""

    def __init__(self, running: Running) -> None:
        self.socket = socket.create_connection((HOST, running.port), timeout=30)
        assert self.socket.recv(4096).startswith(b"* OK [CAPABILITY ")
        self._context = ssl.create_default_context(cafile=running.data / "certs" / "authority.pem")
        self.hello()

    def hello(self) -> bytes:
        """A new handshake's first octets."""
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = self._context.wrap_bio(self._in, self._out, server_hostname="localhost")
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        return self._out.read()

    def shake(self) -> None:
        """To the handshake's end."""
        while True:
            self._in.write(self.socket.recv(65536))
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.socket.sendall(self._out.read())
            else:
                self.socket.sendall(self._out.read())
                return

    def say(self, octets: bytes) -> bytes:
        """What is answered, up to the tag `z`."""
        self._tls.write(octets)
        self.socket.sendall(self._out.read())
        told = b""
        while b"z OK" not in told:
            with contextlib.suppress(ssl.SSLWantReadError):
                told += self._tls.read(65536)
                continue
            piece = self.socket.recv(65536)
            assert piece, told
            self._in.write(piece)
        return told


def _folders(running: Running) -> bytes:
    client = running.imap()
    listed = b"".join(line for line in client.list()[1] if isinstance(line, bytes))
    client.logout()
    return listed


def test_commands_in_starttls_s_own_segment_never_run(demo: Running) -> None:
    """Neither in plain text nor, after the handshake, as if they were the client's."""
    client = Client(demo)
    client.socket.sendall(b"a STARTTLS\r\n" + INJECTED)
    assert client.socket.recv(4096) == b"a OK Begin TLS now.\r\n"
    client.socket.sendall(client.hello())
    client.shake()
    told = client.say(b"d CAPABILITY\r\nz NOOP\r\n")
    assert [line.partition(b" ")[0] for line in told.splitlines()] == [b"*", b"d", b"z"]
    assert b"AUTH=PLAIN" in told
    client.socket.close()
    assert b"Injected" not in _folders(demo)


def test_a_hello_in_starttls_s_own_segment_is_dropped_with_the_rest(demo: Running) -> None:
    """Who begins TLS before the answer has to begin again; who injects gains nothing."""
    client = Client(demo)
    client.socket.sendall(b"a STARTTLS\r\n" + INJECTED + client.hello())
    assert client.socket.recv(4096) == b"a OK Begin TLS now.\r\n"
    client.socket.sendall(client.hello())
    client.shake()
    assert client.say(b"z NOOP\r\n").startswith(b"z OK")
    client.socket.close()
    assert b"Injected" not in _folders(demo)


def test_commands_in_the_hello_s_segment_break_the_handshake(demo: Running) -> None:
    """They are no TLS: the connection ends, and nothing was run."""
    client = Client(demo)
    client.socket.sendall(b"a STARTTLS\r\n")
    assert client.socket.recv(4096) == b"a OK Begin TLS now.\r\n"
    client.socket.sendall(INJECTED + client.hello())
    told = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := client.socket.recv(65536):
            told += piece
    assert b"OK" not in told
    client.socket.close()
    assert b"Injected" not in _folders(demo)
