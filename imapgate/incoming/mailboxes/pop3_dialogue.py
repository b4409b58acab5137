"""Commands and answers of POP3 (RFC 1939, 2449, 5034), and how a connection is logged in."""

from __future__ import annotations

from collections.abc import Callable

from imapgate.incoming.account import POP3_MECHANISMS, Place
from imapgate.servers import login_faults, sasl
from imapgate.servers.sasl import Mechanism, SaslError
from imapgate.servers.server import ServerError
from imapgate.servers.stream import ANSWER, Stream

COMMANDS = "USER"
"""USER and PASS, where no SASL is offered."""
CHALLENGES = 20
CAPABILITIES = 200
_FOR_NOW = ("[SYS/TEMP]", "[IN-USE]", "[LOGIN-DELAY]")

Lines = Callable[[bytes], None]


class Refused(Exception):
    """-ERR."""

    def __init__(self, technical: str) -> None:
        super().__init__(technical)
        self.technical = technical


class Pop3Dialogue:
    """On a connected stream. Raises ServerError, and Refused where it says so."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.capabilities: dict[str, frozenset[str]] = {}
        self._greeting = ""

    def greeting(self) -> str:
        """Its text; APOP's time stamp is in it."""
        self.stream.begin("greeting")
        line = self.stream.line()
        if not line.startswith(b"+OK"):
            raise self.stream.failed(
                "What answers is no POP3 server, or it serves nobody now.",
                line,
                "Check protocol and port.",
            )
        self._greeting = line[3:].decode("utf-8", "replace").strip()
        return self.stream.masked(line[3:].strip())

    def capability(self) -> None:
        """CAPA; a server that doesn't know it has none."""
        found: dict[str, frozenset[str]] = {}

        def each(line: bytes) -> None:
            words = line.decode("ascii", "replace").upper().split()
            if words and len(found) < CAPABILITIES:
                found[words[0]] = frozenset(words[1:])

        try:
            self.listing("greeting", b"CAPA", each)
        except Refused:
            found = {}
        self.capabilities = found

    def command(self, step: str, words: bytes, more: int = 0, shown: bytes | None = None) -> bytes:
        """The text behind +OK. more: octets that may follow it, for the caller to read. Raises
        Refused."""
        self.stream.begin(step, ANSWER + more)
        self.stream.send(words + b"\r\n", shown)
        return self._answer()

    def listing(self, step: str, words: bytes, each: Lines, most: int = 0) -> None:
        """A command whose answer has many lines. most: octets of them, above
        ANSWER. Raises Refused, and what `each` raises."""
        self.command(step, words, most)
        while (line := self.stream.line(quiet=True)) != b".":
            each(line.removeprefix(b"."))
        self.stream.note("S: (a list)")

    def by_password(self, place: Place, password: str) -> str:
        """Logs in; gives the mechanism's name."""
        self.stream.begin("login")
        user = place.login.user
        offered = self.capabilities.get("SASL", frozenset())
        digest = sasl.digest(self._greeting, password)
        wanted = place.login.mechanism
        for name in POP3_MECHANISMS if wanted is None else (wanted,):
            if name == "APOP" and digest is not None:
                line = b"APOP %b %b" % (self._word(user), digest.encode("ascii"))
                self._enter(name, (line, b"APOP *** ***"))
                return name
            mechanism = None
            if name in offered:
                mechanism = sasl.by_password(name, user, password)
            if mechanism is not None:
                self._authenticate(mechanism)
                return name
        is_known = not self.capabilities or "USER" in self.capabilities
        if wanted in (None, COMMANDS, "LOGIN") and is_known:
            self._enter(
                COMMANDS,
                (b"USER " + self._word(user), b"USER ***"),
                (b"PASS " + self._word(password, True), b"PASS ***"),
            )
            return COMMANDS
        raise login_faults.not_offered(self.stream, wanted, offered)

    def by_token(self, place: Place, token: Callable[[], str]) -> str:
        """The same with an OAuth 2.0 access token, under TLS alone."""
        self.stream.begin("login")
        if self.stream.tls is None:
            raise login_faults.needs_tls(self.stream)
        offered = self.capabilities.get("SASL", frozenset())
        given = token()
        self.stream.hide(given.encode())
        mechanism = sasl.by_token(offered, place, given)
        if mechanism is None:
            raise login_faults.not_offered(self.stream, place.login.mechanism, offered)
        self._authenticate(mechanism)
        return mechanism.name

    def _answer(self) -> bytes:
        line = self.stream.line()
        if line.startswith(b"+OK"):
            return line[3:].strip()
        if line.startswith(b"-ERR"):
            raise Refused(self.stream.masked(line[4:].strip()))
        raise self.stream.failed("The server doesn't keep to POP3.", line)

    def _word(self, text: str, may_have_blanks: bool = False) -> bytes:
        """A line's argument, which POP3 can't quote."""
        if any(one in text for one in "\r\n\0") or (" " in text and not may_have_blanks):
            raise self.stream.failed(
                "User or password can't be said in POP3: there is a blank or a line end in it.",
                permanent=True,
            )
        return text.encode()

    def _enter(self, name: str, *lines: tuple[bytes, bytes]) -> None:
        try:
            for line, shown in lines:
                self.command("login", line, shown=shown)
        except Refused as refused:
            for_now = _is_for_now(refused.technical)
            raise login_faults.refused(
                self.stream, refused.technical, "", name, for_now
            ) from refused

    def _authenticate(self, mechanism: Mechanism) -> None:
        trouble = ""
        self.stream.begin("login")
        self.stream.send(b"AUTH " + mechanism.name.encode("ascii") + b"\r\n")
        for _ in range(CHALLENGES):
            line = self.stream.line(quiet=True)
            self.stream.note("S: ", b"+ ***" if line.startswith(b"+ ") else line)
            if line.startswith(b"-ERR"):
                raise self._refused(self.stream.masked(line[4:].strip()), mechanism, trouble)
            try:
                if line.startswith(b"+OK"):
                    mechanism.end()
                    return
                if line != b"+" and not line.startswith(b"+ "):
                    raise self.stream.failed("The server doesn't keep to POP3.", line)
                given = sasl.encode(mechanism.answer(sasl.decode(line[1:])))
                self.stream.hide(given)
            except SaslError as error:
                if line.startswith(b"+OK"):
                    name = mechanism.name
                    raise login_faults.distrusted(self.stream, name, str(error)) from error
                trouble, given = trouble or str(error), b"*"
            self.stream.send(given + b"\r\n", b"***")
        raise self.stream.failed("The server asks without end.")

    def _refused(self, technical: str, mechanism: Mechanism, trouble: str) -> ServerError:
        """trouble: why the mechanism was given up."""
        if trouble:
            return login_faults.distrusted(self.stream, mechanism.name, trouble)
        told, name = mechanism.trouble, mechanism.name
        return login_faults.refused(self.stream, technical, told, name, _is_for_now(technical))


def _is_for_now(technical: str) -> bool:
    return technical.upper().startswith(_FOR_NOW)
