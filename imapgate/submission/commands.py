"""Command lines as values, and what is wrong with them (RFC 5321 4.1, RFC 4954, RFC 1870).

Addresses are checked here, in the one place by which they come in: what is taken can stand in any
SMTP command.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

LONGEST_ADDRESS = 254
"""Characters (RFC 5321 4.5.3.1.3, erratum 1690)."""
LONGEST_LOCAL_PART = 64

_LINE = re.compile(r"([A-Za-z]+)(?: (.*))?")
_PATH = re.compile(r"(FROM|TO): ?<((?:[^<>\"]|\"(?:[^\"\\]|\\.)*\")*)>(?: (.*))?", re.IGNORECASE)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = rf'{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~]|\\[ -~])*"'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*|\[[A-Za-z0-9:.]{{1,60}}\]"
_ADDRESS = re.compile(rf"({_LOCAL})@(?:{_DOMAIN})")
_MECHANISM = re.compile(r"([A-Za-z0-9_-]{1,20})(?: +(\S+))?")
_NUMBER = re.compile(r"[0-9]{1,20}")


class BadCommand(Exception):
    """The answer to a line that can't be carried out: code, enhanced status code, text."""

    def __init__(self, code: int, status: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Hello:
    """extended: EHLO."""

    extended: bool


@dataclass(frozen=True, slots=True)
class MailFrom:
    """sender: empty for `<>`. size: octets that the client announces."""

    sender: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class RcptTo:
    recipient: str


@dataclass(frozen=True, slots=True)
class Auth:
    """initial: decoded; None: the client waits for a challenge."""

    mechanism: str
    initial: bytes | None


@dataclass(frozen=True, slots=True)
class Plain:
    """A command without arguments that matter. verb: DATA, RSET, NOOP, QUIT, STARTTLS, VRFY,
    HELP."""

    verb: str


Command = Hello | MailFrom | RcptTo | Auth | Plain


def parse(line: bytes) -> Command:
    """line: without its end. Raises BadCommand."""
    if line.endswith(b"\n"):
        raise BadCommand(500, "5.5.2", "A line ends with CRLF.")
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError:
        raise BadCommand(553, "5.6.7", "Only ASCII is taken in commands.") from None
    if not text.isprintable():
        raise BadCommand(500, "5.5.2", "A command is printable text.")
    found = _LINE.fullmatch(text.rstrip(" "))
    if found is None:
        raise BadCommand(500, "5.5.2", "That is no command.")
    verb, rest = found[1].upper(), (found[2] or "").strip(" ")
    if verb in ("EHLO", "HELO"):
        if not rest:
            raise BadCommand(501, "5.5.4", f"{verb} names the client.")
        return Hello(verb == "EHLO")
    if verb == "MAIL":
        return _mail(rest)
    if verb == "RCPT":
        return _recipient(rest)
    if verb == "AUTH":
        return _auth(rest)
    if verb in ("DATA", "RSET", "QUIT", "STARTTLS"):
        if rest:
            raise BadCommand(501, "5.5.4", f"{verb} stands alone.")
        return Plain(verb)
    if verb in ("NOOP", "VRFY", "HELP"):
        return Plain(verb)
    raise BadCommand(502, "5.5.1", "That command doesn't work here.")


def from_base64(text: bytes) -> bytes:
    """Raises BadCommand."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise BadCommand(501, "5.5.2", "Expected an answer in base64.") from None


def _mail(rest: str) -> MailFrom:
    address, parameters = _path(rest, "FROM")
    size = 0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "SIZE" and _NUMBER.fullmatch(value):
            size = int(value)
        elif not (
            (name == "BODY" and value.upper() in ("7BIT", "8BITMIME"))
            # Whom somebody else knows as the author: nobody here trusts it (RFC 4954 5).
            or (name == "AUTH" and value)
        ):
            raise _unknown(name)
    return MailFrom(_checked(address) if address else "", size)


def _recipient(rest: str) -> RcptTo:
    address, parameters = _path(rest, "TO")
    if parameters:
        raise _unknown(parameters[0].partition("=")[0])
    return RcptTo(_checked(address))


def _path(rest: str, word: str) -> tuple[str, list[str]]:
    found = _PATH.fullmatch(rest)
    if found is None or found[1].upper() != word:
        verb = "MAIL" if word == "FROM" else "RCPT"
        raise BadCommand(501, "5.5.4", f"Expected {verb} {word}:<address>.")
    parameters = []
    for one in (found[3] or "").split():
        name, equals, value = one.partition("=")
        parameters.append(f"{name.upper()}{equals}{value}")
    return found[2], parameters


def _unknown(parameter: str) -> BadCommand:
    return BadCommand(555, "5.5.4", f"The parameter {parameter[:40]} isn't offered.")


def _checked(address: str) -> str:
    found = _ADDRESS.fullmatch(address) if len(address) <= LONGEST_ADDRESS else None
    if found is None or len(found[1]) > LONGEST_LOCAL_PART:
        raise BadCommand(553, "5.1.3", f"{address[:100]} is no address (name@example.org).")
    return address


def _auth(rest: str) -> Auth:
    found = _MECHANISM.fullmatch(rest)
    if found is None:
        raise BadCommand(501, "5.5.4", "Expected AUTH and a mechanism.")
    initial = found[2]
    if initial is None:
        return Auth(found[1].upper(), None)
    return Auth(found[1].upper(), b"" if initial == "=" else from_base64(initial.encode("ascii")))
