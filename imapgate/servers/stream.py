"""A connection to a mail server as lines and octets. Whatever the server does, each wait ends and
memory is bounded."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Sequence

from imapgate.servers.server import Server, ServerError

LINE = 64 * 1024
"""Octets of one line, lists of numbers apart."""
ANSWER = 16 * 1024 * 1024
"""Octets of all that answers one command, messages apart."""
SLOWEST = 1024
"""Octets a second: what a server that trickles must reach, after the first `timeout` seconds."""
ADDRESSES = 10
"""Of one host that are tried."""
SHOWN = 1_000
"""Octets of a line that the dialogue shows."""

_PIECE = 64 * 1024

Address = tuple[socket.AddressFamily, tuple[str, int]]


class Stream:
    """Not connected yet. Each step of the dialogue is begun with `begin`, which sets what it may
    take: a silence of at most `timeout` seconds, the same in all and the time that its octets need
    at SLOWEST. `hide` names what the dialogue and errors must not show. called: whose it is, as the
    command line has it: account, mailer.

    All methods raise ServerError of that step."""

    def __init__(
        self,
        server: Server,
        dialogue: Callable[[str], None] | None = None,
        called: str = "account",
    ) -> None:
        self.called = called
        self.timeout = server.timeout
        self._host = server.host
        self._port = server.port
        self._dialogue = dialogue
        self._socket: socket.socket | None = None
        self._buffer = bytearray()
        self._hidden: list[bytes] = []
        self._is_interrupted = False
        self._has_spoken = False
        self.peer = ""
        """The address that was connected to."""
        self.begin("name")

    def begin(self, step: str, most: int = ANSWER) -> None:
        """step: as in ServerError; most: octets that may come in it."""
        self._step = step
        self._most = most
        self._moved = 0
        self._came = 0
        self._began = time.monotonic()

    def hide(self, *secrets: bytes) -> None:
        """Secrets, the longest first where one is in another."""
        self._hidden += (secret for secret in secrets if secret)
        self._hidden.sort(key=len, reverse=True)

    @property
    def tls(self) -> ssl.SSLSocket | None:
        """The encrypted connection; None: it isn't."""
        return self._socket if isinstance(self._socket, ssl.SSLSocket) else None

    @property
    def is_local(self) -> bool:
        """Nobody but this machine hears what is said."""
        return self.peer == "::1" or self.peer.startswith(("127.", "::ffff:127."))

    @property
    def local(self) -> str:
        """This end's address."""
        return str(self._connected().getsockname()[0])

    @property
    def has_unread(self) -> bool:
        """Something came that nobody has read."""
        return bool(self._buffer)

    @property
    def is_interrupted(self) -> bool:
        return self._is_interrupted

    def look_up(self) -> list[Address]:
        """The host's addresses."""
        self.begin("name")
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise self.failed(
                f"The name {self._host} isn't known.",
                str(error),
                "Check the host's name, and whether this machine's name service answers.",
            ) from error
        return [(family, address[:2]) for family, _, _, _, address in found[:ADDRESSES]]  # type: ignore[misc]

    def connect(self, addresses: Sequence[Address]) -> None:
        """To the first that answers; each may take its share of the time."""
        self.begin("connect")
        trouble = "no address"
        for n, (family, address) in enumerate(addresses):
            connecting = socket.socket(family, socket.SOCK_STREAM)
            try:
                connecting.settimeout(self._left() / (len(addresses) - n))
                connecting.connect(address)
                connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # IDLE says nothing for half an hour, in which the other side may vanish.
                connecting.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            except OSError as error:
                connecting.close()
                trouble = f"{address[0]}: {error}"
            except BaseException:
                connecting.close()
                raise
            else:
                self._socket = connecting
                self.peer = address[0]
                self._check()
                return
        raise self.failed(
            f"Nothing answers at {self._host}, port {self._port}.",
            trouble,
            "Check host and port, and whether a firewall stands between.",
        )

    def encrypt(self, context: ssl.SSLContext) -> None:
        """TLS from here on; what the server sent before it is dropped (RFC 2595 4). Raises
        ssl.SSLError, which certificates.fault explains."""
        connected = self._connected()
        if self._buffer:
            self.note(f"({len(self._buffer)} octets that came before TLS are dropped)")
            self._buffer.clear()
        connected.settimeout(self._left())
        try:
            encrypted = context.wrap_socket(
                connected, server_hostname=self._host, do_handshake_on_connect=False
            )
            self._socket = encrypted
            encrypted.do_handshake()
        except TimeoutError as error:
            raise self._silent() from error
        except ssl.SSLError:
            self._check()
            raise
        except ValueError as error:
            raise self.failed(f"{self._host} is no name for TLS.", str(error)) from error
        except OSError as error:
            raise self._broken(error) from error

    def send(self, octets: bytes, shown: bytes | None = None, quiet: bool = False) -> None:
        """shown: what the dialogue shows instead; quiet: nothing."""
        if not quiet:
            self.note("C: ", octets if shown is None else shown)
        connected = self._connected()
        try:
            connected.settimeout(min(self.timeout, self._left()))
            connected.sendall(octets)
            self._moved += len(octets)
        except TimeoutError as error:
            raise self._silent() from error
        except OSError as error:
            raise self._broken(error) from error

    def line(self, most: int = LINE, quiet: bool = False) -> bytes:
        """Without its end. quiet: the dialogue doesn't show it."""
        start = 0
        while (end := self._buffer.find(b"\n", start)) < 0:
            start = len(self._buffer)
            if start > most:
                break
            self._fill()
        if end < 0 or end > most:
            raise self.failed(f"The server sends a line of more than {most:,} octets.")
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        if not quiet:
            self.note("S: ", line)
        return line

    def octets(self, count: int, sink: Callable[[bytes], None]) -> None:
        """So many, in pieces."""
        left = count
        while left:
            if not self._buffer:
                self._fill()
            piece = bytes(self._buffer[:left])
            del self._buffer[: len(piece)]
            left -= len(piece)
            sink(piece)
        self.note(f"S: ({count} octets)")

    def dotted(self, sink: Callable[[bytes], None]) -> None:
        """What ends with a line of a single dot (RFC 1939 3), in pieces, its dots unstuffed."""
        window = b"\r\n"  # before the first line, so that all lines are alike
        opening = len(window)
        count = 0
        while True:
            if not self._buffer:
                self._fill()
            window += self._buffer
            self._buffer.clear()
            end = window.find(b"\r\n.\r\n")
            if end >= 0:
                self._buffer += window[end + 5 :]
                whole = window[: end + 2]
            else:
                tail = window.find(b"\r", max(0, len(window) - 4))
                cut = len(window) if tail < 0 else tail
                whole, window = window[:cut], window[cut:]
            piece = whole.replace(b"\r\n..", b"\r\n.")
            skipped = min(opening, len(piece))
            opening -= skipped
            count += len(piece) - skipped
            sink(piece[skipped:])
            if end >= 0:
                self.note(f"S: ({count} octets)")
                return

    def wait(self, seconds: float) -> bool:
        """Whether something comes within that time, which then is there to be read."""
        if self._buffer:
            return True
        connected = self._connected()
        try:
            connected.settimeout(max(seconds, 0.001))
            came = connected.recv(_PIECE)
        except TimeoutError:
            return False
        except OSError as error:
            raise self._broken(error) from error
        if not came:
            raise self._broken(None)
        self._take(came)
        return True

    def note(self, what: str, octets: bytes = b"") -> None:
        """A line of the dialogue."""
        if self._dialogue is not None:
            self._dialogue(what + self.masked(octets))

    def masked(self, octets: bytes) -> str:
        """For people: secrets and control characters taken out, not too long."""
        for secret in self._hidden:
            octets = octets.replace(secret, b"***")
        cut = octets.rstrip(b"\r\n")[:SHOWN]
        text = cut.decode("utf-8", "replace")
        return "".join(one if one.isprintable() else "?" for one in text)

    def failed(
        self, text: str, technical: str | bytes = "", hint: str = "", permanent: bool = False
    ) -> ServerError:
        """The error of the present step."""
        octets = technical if isinstance(technical, bytes) else technical.encode("utf-8", "replace")
        return ServerError(self._step, text, self.masked(octets), hint, permanent)

    def interrupt(self) -> None:
        """From another thread: whoever waits stops waiting."""
        self._is_interrupted = True
        connected = self._socket
        if connected is not None:
            # Of the socket below TLS, whose own shutdown would take the other thread's TLS away.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    def close(self) -> None:
        """Idempotent; never raises."""
        connected, self._socket = self._socket, None
        if connected is not None:
            with contextlib.suppress(OSError):
                connected.close()

    def _connected(self) -> socket.socket:
        self._check()
        if self._socket is None:
            raise self.failed("The connection is closed.")
        return self._socket

    def _check(self) -> None:
        if self._is_interrupted:
            raise self.failed("It was interrupted.")

    def _fill(self) -> None:
        connected = self._connected()
        try:
            connected.settimeout(min(self.timeout, self._left()))
            came = connected.recv(_PIECE)
        except TimeoutError as error:
            raise self._silent() from error
        except OSError as error:
            raise self._broken(error) from error
        if not came:
            raise self._broken(None)
        self._take(came)

    def _take(self, came: bytes) -> None:
        self._has_spoken = True
        self._came += len(came)
        self._moved += len(came)
        if self._came > self._most:
            raise self.failed(f"The server answers with more than {self._most:,} octets.")
        self._buffer += came

    def _left(self) -> float:
        """Seconds that the step may still take."""
        until = self._began + self.timeout + self._moved / SLOWEST
        left = until - time.monotonic()
        if left <= 0:
            raise self._silent()
        return left

    def _silent(self) -> ServerError:
        """Nobody waits for this server again, not even for its goodbye."""
        hint = self._mute("Try again later.") or "Try again later, or allow more time."
        self.close()
        return self.failed(
            f"{self._host} didn't answer in time ({self.timeout:g} s).",
            f"{self._came} octets had come",
            hint,
        )

    def _mute(self, otherwise: str) -> str:
        """A hint for a server that said nothing at all; some ports wait for TLS, and some of these
        hang up after a while."""
        if self._has_spoken or self._step != "greeting" or self.tls is not None:
            return ""
        return f"If this port waits for TLS, set TLS from the start. Else: {otherwise}"

    def _broken(self, error: OSError | None) -> ServerError:
        self._check()
        hint = self._mute("look whether the server takes this machine's connections.")
        self.close()
        technical = "end of stream" if error is None else str(error)
        return self.failed(f"{self._host} closed the connection.", technical, hint)
