"""Header fields as they are written: whatever a person or a mail supplied, one field comes of it
and no other (RFC 5322 2.2, RFC 2047)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime

import idna

from imapgate.mime.mail import Mailbox

LONGEST_TEXT = 2_000
"""Characters of a text field's value; what is more is left out."""
LONGEST_NAME = 200
"""Characters of a display name."""
LONGEST_ADDRESS = 254
"""Octets of an address, its domain in A-labels (RFC 5321 4.5.3.1.3, without the angle brackets)."""
LONGEST_ID = 900
"""Octets of a Message-ID: it stands in one line (RFC 5322 2.1.1)."""
MOST_REFERENCES = 50

_LINE = 76
_WORD = 900
"""Characters of a word that may stand in a line as it is."""
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,59}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_LOCAL = re.compile(f"{_ATOM}|{_QUOTED}")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z.:]+\]")
_ID = re.compile(rf"[!-;=?-~]{{1,{LONGEST_ID}}}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 ]*")
_JOINERS = "\u200c\u200d"
"""Not printable by themselves, and needed in Persian and between emoji."""


class Unwritable(ValueError):
    """What was given can't stand in a mail; the text is one plain sentence."""


def one_line(text: str, most: int) -> str:
    """As it is shown in a line: line ends, control characters and halves of surrogate pairs are
    blanks, and blanks one; at most `most` characters."""
    return " ".join("".join(map(shown, text)).split())[:most].rstrip()


def shown(one: str) -> str:
    """A character, or a blank in place of one that isn't shown."""
    return one if one.isprintable() or one in _JOINERS else " "


def ascii_address(address: str) -> str:
    """The address as a header and an SMTP command have it: a domain with other letters becomes
    A-labels (RFC 5890). The one place that decides whether mail can be written to or from it.

    Raises Unwritable: none at all, longer than LONGEST_ADDRESS, or a part before the `@` that isn't
    ASCII (no server need take that, RFC 6531)."""
    local, _, domain = address.strip().rpartition("@")
    told = one_line(address, 100)
    if not local.isascii():
        raise Unwritable(
            f'The part of "{told}" before the @ isn\'t ASCII: no mail can be written to or from it.'
        )
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            domain = ""
    # Programs that decode an encoded word there, as they mustn't, would come to another address.
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)) or "=?" in local:
        raise Unwritable(f'"{told}" is no e-mail address.')
    kept = f"{local}@{domain}"
    if len(kept) > LONGEST_ADDRESS:
        raise Unwritable(f'The address "{told}" is longer than {LONGEST_ADDRESS} characters.')
    return kept


def usable_id(message_id: str) -> str | None:
    """A Message-ID, without angle brackets, that can be cited; None: it can't. Encoded words, which
    some mailers make of what they shouldn't, would come back as something else."""
    kept = message_id.strip()
    return kept if _ID.fullmatch(kept) and "=?" not in kept else None


def text_field(name: str, value: str) -> bytes:
    """`name: value`, folded, with its line end; other than ASCII, and what looks like an encoded
    word, in encoded words."""
    kept = one_line(value, LONGEST_TEXT)
    if _is_plain(kept):
        return _folded(name, kept.split(" "))
    return _line(name, _encoded(kept, name))


def addresses_field(name: str, mailboxes: Sequence[Mailbox]) -> bytes:
    """Each in a line of its own. Raises Unwritable."""
    separator = ",\r\n "
    return _line(name, separator.join(_mailbox(one) for one in mailboxes))


def date_field(name: str, at: int) -> bytes:
    """at: seconds since 1970, within what a calendar has."""
    return _line(name, format_datetime(datetime.fromtimestamp(at, UTC)))


def ids_field(name: str, message_ids: Iterable[str]) -> bytes:
    """Message-IDs in angle brackets, each in a line of its own. Raises Unwritable."""
    return _line(name, "\r\n ".join(_id(one) for one in message_ids))


def cited(message_ids: Iterable[str]) -> tuple[str, ...]:
    """What References may have of these: usable ones, each once, of more than MOST_REFERENCES the
    first and the last (as RFC 5537 3.4.4 cuts them)."""
    usable = [usable_id(one) for one in message_ids]
    kept = list(dict.fromkeys(one for one in usable if one is not None))
    if len(kept) > MOST_REFERENCES:
        kept = [kept[0], *kept[1 - MOST_REFERENCES :]]
    return tuple(kept)


def parameter(name: str, value: str) -> Iterator[str]:
    """A parameter of Content-Disposition in pieces that each stand in a line: quoted where it is
    ASCII, else as RFC 2231 says. value: one line, at most LONGEST_NAME characters."""
    if value.isascii() and "=?" not in value:
        yield f'{name}="{_escaped(value)}"'
        return
    octets = value.encode("utf-8")
    for number, start in enumerate(range(0, len(octets), 20)):
        piece = "".join(f"%{octet:02X}" for octet in octets[start : start + 20])
        mark = "utf-8''" if number == 0 else ""
        yield f"{name}*{number}*={mark}{piece}"


def checked_name(name: str) -> str:
    """A field's name. Raises Unwritable."""
    if not _FIELD_NAME.fullmatch(name):
        raise Unwritable(f'"{one_line(name, 60)}" is no name of a header field.')
    return name


def _mailbox(mailbox: Mailbox) -> str:
    address = ascii_address(mailbox.address)
    name = one_line(mailbox.name, LONGEST_NAME)
    if not name:
        return address
    if not _is_plain(name):
        return f"{_encoded(name, '')} <{address}>"
    if not _PLAIN_NAME.fullmatch(name):
        name = f'"{_escaped(name)}"'
    return f"{name} <{address}>"


def _id(message_id: str) -> str:
    kept = usable_id(message_id)
    if kept is None:
        raise Unwritable(f'"{one_line(message_id, 100)}" is no Message-ID.')
    return f"<{kept}>"


def _is_plain(value: str) -> bool:
    return value.isascii() and "=?" not in value and max(map(len, value.split(" "))) <= _WORD


def _encoded(value: str, name: str) -> str:
    # The length of the first line takes the field's name in.
    header = Header(value, "utf-8", maxlinelen=_LINE, header_name=name or "Reply-To")
    return header.encode(linesep="\r\n")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _folded(name: str, words: Sequence[str]) -> bytes:
    lines = [words[0]]
    for word in words[1:]:
        room = _LINE - (len(name) + 2 if len(lines) == 1 else 1)
        if len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return _line(name, "\r\n ".join(lines))


def _line(name: str, value: str) -> bytes:
    return f"{checked_name(name)}: {value}\r\n".encode("ascii")
