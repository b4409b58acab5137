"""Commands and replies of SMTP (RFC 5321), up to where mail can be handed over."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

from imapgate.servers.server import ServerError
from imapgate.servers.stream import Stream

REPLY = 64 * 1024
"""Octets of one reply, with all its lines."""
LINE = 4 * 1024
"""Octets of one of its lines; RFC 5321 4.5.3.1.5 allows 512."""
FEATURES = 200
TEXT = 500
"""Characters of a reply that are kept."""
GOODBYE = 5.0
"""Seconds that the answer to QUIT is waited for."""
CLOSING = 421
"""The reply's code with which a server leaves, whatever it was asked (RFC 5321 3.8)."""
OUT_OF_TURN = "The server answers more than it was asked."

_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: +|$)")
_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Reply:
    """number: 220, ... code: with the enhanced one (RFC 2034) where there is one, `550 5.1.1`.
    text: in one line, bounded, secrets masked. lines: as they came, behind the number."""

    number: int
    code: str
    text: str
    lines: tuple[bytes, ...] = ()

    @property
    def said(self) -> str:
        return f"{self.code} {self.text}".rstrip()

    @property
    def is_good(self) -> bool:
        return 200 <= self.number < 300

    @property
    def is_for_now(self) -> bool:
        return 400 <= self.number < 500


class SmtpDialogue:
    """On a connected stream. features: by what EHLO offers (upper case), the parameters; empty with
    a server that knows HELO alone. Raises ServerError."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.features: dict[str, str] = {}

    def greeting(self) -> Reply:
        self.stream.begin("greeting", REPLY)
        reply = self.reply()
        if reply.number != 220:
            raise self.stream.failed("The server takes no mail now.", reply.said)
        return reply

    def hello(self, step: str = "greeting") -> None:
        """EHLO, and HELO where the server doesn't know that (RFC 5321 3.2)."""
        name = _own_name(self.stream).encode("ascii")
        reply = self.command(step, b"EHLO " + name)
        self.features = {}
        if reply.is_good:
            self.features = _features(reply.lines[1:])
            return
        if not reply.is_for_now:
            reply = self.command(step, b"HELO " + name)
        if not reply.is_good:
            raise self.stream.failed("The server doesn't let this machine in.", reply.said)

    @property
    def mechanisms(self) -> frozenset[str]:
        """SASL's, that are offered."""
        return frozenset(self.features.get("AUTH", "").upper().split())

    def command(
        self, step: str, words: bytes, shown: bytes | None = None, onward: int | None = None
    ) -> Reply:
        """The reply: 2xx, 4xx, 5xx, or `onward`, which asks for more. words: without their end;
        ValueError for a line end in them."""
        if any(one in words for one in b"\r\n\0"):
            raise ValueError("a line end in a command")
        self.stream.begin(step, REPLY)
        if self.stream.has_unread:
            # It would be taken for the answer to what is asked next, and that for the one after.
            raise self.stream.failed(OUT_OF_TURN)
        self.stream.send(words + b"\r\n", shown)
        return self.reply(onward)

    def reply(self, onward: int | None = None) -> Reply:
        """The next one, of the step that was begun. onward: as in `command`."""
        lines: list[bytes] = []
        number: bytes | None = None
        while True:
            line = self.stream.line(LINE, quiet=True)
            self.stream.note("S: ", b"334 ***" if line.startswith(b"334 ") else line)
            found = _LINE.fullmatch(line)
            if (
                found is None
                or number not in (None, found[1])
                or (found[1][:1] == b"3" and int(found[1]) != onward)
            ):
                raise self.stream.failed(
                    "The server doesn't keep to SMTP.", line, "Check host, port and TLS."
                )
            number = found[1]
            lines.append(found[3] or b"")
            if found[2] != b"-":
                return self._made(int(number), tuple(lines))

    def quit(self) -> None:
        """Says goodbye and closes; never raises."""
        self.stream.timeout = min(self.stream.timeout, GOODBYE)
        try:
            self.command("quit", b"QUIT")
        except ServerError as error:
            self.stream.note(f"(no goodbye: {error.text})")
        finally:
            self.stream.close()

    def _made(self, number: int, lines: tuple[bytes, ...]) -> Reply:
        texts = [self.stream.masked(line) for line in lines]
        first = _ENHANCED.match(texts[0])
        code = str(number)
        if first is not None:
            code = f"{number} {first[1]}"
            texts = [text.removeprefix(first[1]).lstrip() for text in texts]
        return Reply(number, code, " ".join(" ".join(texts).split())[:TEXT], lines)


def _features(lines: tuple[bytes, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines[:FEATURES]:
        # Some offer "AUTH=LOGIN", for clients older than RFC 2554.
        words = line.decode("ascii", "replace").replace("=", " ", 1).split(maxsplit=1)
        if words:
            name = words[0].upper()
            more = words[1] if len(words) > 1 else ""
            found[name] = f"{found[name]} {more}".strip() if name in found else more
    return found


def _own_name(stream: Stream) -> str:
    """This machine's name where it has a full one, else its address (RFC 5321 4.1.3)."""
    name = socket.gethostname()
    if len(name) <= 255 and _NAME.fullmatch(name):
        return name
    local = stream.local.partition("%")[0]
    return f"[IPv6:{local}]" if ":" in local else f"[{local}]"
