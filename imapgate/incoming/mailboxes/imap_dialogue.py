"""Commands and answers of IMAP4rev1 (RFC 3501), as far as a mailbox is read with them.

An answer's lines are handed on one by one as they come and never gathered, so that memory stays
bounded whatever the server sends.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imapgate.folders.octets import Octets
from imapgate.mime.index import Content
from imapgate.servers.stream import ANSWER, LINE, Stream

SMALL = 64 * 1024
"""Octets of a literal that is no message."""
ALERTS = 5
DIGITS = 18
"""Of a literal's size."""
CHALLENGES = 20
"""Lines of one log-in."""

_LITERAL = re.compile(rb"\{(\d+)\+?\}$")
_BODY = re.compile(rb"BODY\[\](?:<0>)? $", re.IGNORECASE)
_QUOTED_BODY = re.compile(rb'BODY\[\](?:<0>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_UID = re.compile(rb"[( ]UID (\d{1,10})[ )]", re.IGNORECASE)
_CODE = re.compile(rb"\[([A-Za-z0-9-]{1,40})(?: ([^\]]{0,8000}))?\]")


@dataclass(frozen=True, slots=True)
class Said:
    """An untagged response, or the answer's tagged end. name: upper case (FETCH, EXISTS, OK, ...);
    number: in front of it; rest: behind it, literals taken out. code, argument: of a response code
    in rest. body: of a FETCH of BODY[]; size: of that, None: there was none."""

    name: bytes
    number: int | None
    rest: bytes
    code: bytes = b""
    argument: bytes = b""
    body: Content | None = None
    size: int | None = None

    @property
    def text(self) -> bytes:
        """For people: what stands behind a response code."""
        return self.rest.partition(b"]")[2].strip() if self.code else self.rest

    @property
    def uid(self) -> int | None:
        found = _UID.search(self.rest)
        return None if found is None else int(found[1])


class Refused(Exception):
    """A tagged NO or BAD. code: upper case, may be empty."""

    def __init__(self, said: Said, technical: str) -> None:
        super().__init__(technical)
        self.code = said.code
        self.technical = technical


Each = Callable[[Said], None]


@dataclass(frozen=True, slots=True)
class Literal:
    """An argument that is sent as one, since it can't be quoted."""

    octets: bytes


class ImapDialogue:
    """On a connected stream. Raises ServerError; `command` Refused, too.

    exists: messages in the selected folder; alerts: what the server wants people to read."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.capabilities: frozenset[str] = frozenset()
        self.exists = 0
        self.alerts: list[str] = []
        self._tags = 0
        self._arrivals = 0

    def greeting(self) -> Said:
        """OK or PREAUTH; tells the capabilities if the server does."""
        self.stream.begin("greeting")
        line = self.stream.line()
        said = self._said(line[2:]) if line.startswith(b"* ") else None
        if said is None or said.name not in (b"OK", b"PREAUTH", b"BYE"):
            raise self.stream.failed(
                "What answers is no IMAP server.", line, "Check protocol and port."
            )
        self._notice(said)
        return said

    def capability(self, step: str = "greeting") -> None:
        """Asks for them anew: they differ before and after TLS and log-in."""
        self.capabilities = frozenset()
        self.must(step, b"CAPABILITY")

    def must(self, step: str, *parts: bytes | Literal, shown: bytes | None = None) -> Said:
        """A command that no server refuses; a refusal is a ServerError."""
        try:
            return self.command(step, *parts, shown=shown)
        except Refused as refused:
            word = parts[0].decode("ascii") if isinstance(parts[0], bytes) else ""
            raise self.stream.failed(
                f"The server refuses {word.partition(' ')[0]}.", refused.technical
            ) from refused

    def command(
        self,
        step: str,
        *parts: bytes | Literal,
        each: Each | None = None,
        line: int = LINE,
        body: int | None = None,
        shown: bytes | None = None,
    ) -> Said:
        """Sends the parts with blanks between them and gives the tagged OK; each untagged response
        goes to `each` as it comes. line: octets that one may have. body: octets of a message that
        may come as BODY[]. shown: what the dialogue shows instead of the parts."""
        self.stream.begin(step, max(ANSWER, line) + (body or 0))
        tag = self._tag()
        pending = tag
        for part in parts:
            if isinstance(part, bytes):
                pending += b" " + part
                continue
            self.stream.send(pending + b" {%d}\r\n" % len(part.octets), self._shown(tag, shown))
            ended = self._until_continued(tag)
            if ended is not None:
                return ended
            pending = part.octets
        self.stream.send(pending + b"\r\n", self._shown(tag, shown))
        return self._end(tag, each, line, body)

    def authenticate(self, name: bytes, answer: Callable[[bytes], bytes | None]) -> Said:
        """AUTHENTICATE. answer: takes and gives base64; None ends the attempt (`*`)."""
        self.stream.begin("login")
        tag = self._tag()
        self.stream.send(tag + b" AUTHENTICATE " + name + b"\r\n")
        for _ in range(CHALLENGES):
            line = self.stream.line(quiet=True)
            self.stream.note("S: ", b"+ ***" if line.startswith(b"+") else line)
            if line.startswith(b"+"):
                given = answer(line[1:].strip())
                self.stream.hide(given or b"")
                self.stream.send((b"*" if given is None else given) + b"\r\n", b"***")
            elif (said := self._one(tag, line, None, LINE)) is not None:
                return said
        raise self.stream.failed("The server asks without end.")

    def idle(self, seconds: float) -> bool:
        """RFC 2177; whether new mail was told meanwhile. Raises Refused."""
        self.stream.begin("read")
        tag = self._tag()
        before = self._arrivals
        self.stream.send(tag + b" IDLE\r\n")
        if self._until_continued(tag) is not None:
            return False
        ends = time.monotonic() + seconds
        while self._arrivals == before:
            left = ends - time.monotonic()
            if left <= 0 or not self.stream.wait(left):
                break
            self.stream.begin("read")
            if self._one(tag, self.stream.line(), None, LINE) is not None:
                return self._arrivals > before
        self.stream.begin("read")
        self.stream.send(b"DONE\r\n")
        self._end(tag, None, LINE, None)
        return self._arrivals > before

    def logout(self) -> None:
        """The BYE that answers it is no fault, and nobody waits for it."""
        self.stream.begin("close")
        self.stream.send(self._tag() + b" LOGOUT\r\n")

    def _tag(self) -> bytes:
        self._tags += 1
        return b"i%d" % self._tags

    def _shown(self, tag: bytes, shown: bytes | None) -> bytes | None:
        return None if shown is None else tag + b" " + shown

    def _until_continued(self, tag: bytes) -> Said | None:
        """None: go on. Raises Refused."""
        while True:
            line = self.stream.line()
            if line.startswith(b"+"):
                return None
            said = self._one(tag, line, None, LINE)
            if said is not None:
                return said

    def _end(self, tag: bytes, each: Each | None, most: int, body: int | None) -> Said:
        while True:
            line = self.stream.line(most, quiet=True)
            self.stream.note("S: ", line if body is None else _QUOTED_BODY.sub(b"***", line))
            said = self._one(tag, line, each, most, body)
            if said is not None:
                return said

    def _one(
        self, tag: bytes, line: bytes, each: Each | None, most: int, body: int | None = None
    ) -> Said | None:
        """One response, whole with its literals; the tagged one is given. Raises Refused."""
        if line.startswith(b"* "):
            said = self._whole(line[2:], most, body)
            self._notice(said)
            if each is not None:
                each(said)
            return None
        found, _, rest = line.partition(b" ")
        if found != tag:
            raise self.stream.failed("The server doesn't keep to IMAP.", line)
        said = self._said(rest)
        if said.name == b"OK":
            self._notice(said)
            return said
        if said.name in (b"NO", b"BAD"):
            self._notice(said)
            raise Refused(said, self.stream.masked(rest))
        raise self.stream.failed("The server doesn't keep to IMAP.", line)

    def _whole(self, line: bytes, most: int, body: int | None) -> Said:
        text = b""
        content: Content | None = None
        size: int | None = None
        while (literal := _LITERAL.search(line)) is not None:
            if len(literal[1]) > DIGITS:
                raise self.stream.failed("The server announces more octets than there are.")
            count = int(literal[1])
            before = line[: literal.start()]
            text += before
            if body is not None and _BODY.search(before):
                content, size = self._body(count, body)
            elif count <= SMALL:
                self.stream.octets(count, _dropped)
            else:
                raise self.stream.failed(f"The server announces {count:,} octets unasked.", text)
            line = self.stream.line(most)
            if len(text) > most:
                raise self.stream.failed("The server answers without end.", text)
        text += line
        said = self._said(text)
        if body is not None and content is None and said.name == b"FETCH":
            quoted = _QUOTED_BODY.search(text)
            if quoted is not None:
                content = re.sub(rb"\\(.)", rb"\1", quoted[1])
                size = len(content)
        return Said(said.name, said.number, said.rest, said.code, said.argument, content, size)

    def _body(self, count: int, most: int) -> tuple[Content, int]:
        if count > most:
            raise self.stream.failed(
                f"The server announces {count:,} octets, more than it was asked for."
            )
        with Octets(most) as octets:
            try:
                self.stream.octets(count, octets.add)
                return octets.content(), octets.size
            except OSError as error:
                raise self.stream.failed("The message can't be kept.", str(error)) from error

    def _said(self, text: bytes) -> Said:
        first, _, rest = text.partition(b" ")
        number = None
        if first.isdigit() and len(first) <= 10:
            number = int(first)
            first, _, rest = rest.partition(b" ")
        code = _CODE.match(rest)
        if code is None:
            return Said(first.upper(), number, rest)
        return Said(first.upper(), number, rest, code[1].upper(), code[2] or b"")

    def _notice(self, said: Said) -> None:
        """What counts whenever it comes."""
        if said.name == b"BYE":
            raise self.stream.failed("The server ended the session.", said.rest)
        if said.name == b"EXISTS" and said.number is not None:
            self._arrivals += said.number > self.exists
            self.exists = said.number
        elif said.name == b"EXPUNGE":
            self.exists = max(0, self.exists - 1)
        elif said.name == b"CAPABILITY":
            self._capable(said.rest)
        if said.code == b"CAPABILITY":
            self._capable(said.argument)
        elif said.code == b"ALERT":
            alert = "The server says: " + self.stream.masked(said.text[:300])
            if alert not in self.alerts and len(self.alerts) < ALERTS:
                self.alerts.append(alert)

    def _capable(self, words: bytes) -> None:
        text = words.decode("ascii", "replace").upper()
        self.capabilities = frozenset(text.split()[:500])


def quoted(text: bytes) -> bytes | Literal:
    """A string argument (RFC 3501 4.3): quoted, or as a literal where that can't be."""
    if text.isascii() and not any(one in text for one in (b"\0", b"\r", b"\n")):
        return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return Literal(text)


def ranges(uids: Sequence[int]) -> bytes:
    """A set of exactly these, which ascend: `1:3,7`."""
    found: list[tuple[int, int]] = []
    for uid in uids:
        if found and uid == found[-1][1] + 1:
            found[-1] = (found[-1][0], uid)
        else:
            found.append((uid, uid))
    pairs = (b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in found)
    return b",".join(pairs)


def _dropped(_: bytes) -> None:
    """A literal that nobody asked for."""
