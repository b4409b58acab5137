"""Writes mails: the one place where names, subjects, addresses and texts become octets.

What a person or another's mail supplied may hold anything; here it becomes one field, or one part,
and nothing else (writing_fields). Large attachments are taken and given in pieces."""

from __future__ import annotations

import binascii
import hashlib
import html as html_text
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from imapgate.mime import writing_fields as fields
from imapgate.mime.mail import Mailbox
from imapgate.mime.writing_fields import Unwritable as Unwritable
from imapgate.mime.writing_fields import ascii_address as ascii_address
from imapgate.mime.writing_fields import one_line as one_line
from imapgate.mime.writing_fields import usable_id as usable_id

LONGEST_LINE = 998
"""Octets without the line end (RFC 5322 2.1.1)."""
_ROW = 57
"""Octets that a line of 76 letters of base64 holds."""
_PIECE = _ROW * 4096
_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,60}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,80}")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+:-]{0,60}")
_BLANKS = re.compile(r"^[ \t]+|[ \t]{2,}|\t")
_NOT_MEANT = frozenset(("multipart", "message"))
"""Types of which a part in base64 can't be (RFC 2046 5.1, 5.2)."""
# fmt: off
_TAKEN = frozenset(
    (
        "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id",
        "in-reply-to", "references", "auto-submitted", "x-mailer", "mime-version", "content-type",
        "content-transfer-encoding", "content-disposition",
    )
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a mail; what is empty or None isn't written. There is no Bcc: who is written to
    unseen stands in the envelope alone. at: seconds since 1970. message_id, in_reply_to,
    references: without angle brackets; those that can't be cited are left out of the last two.
    auto_submitted: RFC 3834 5 (`auto-generated`). own: further fields, name and value, whose names
    none of the others has. undisclosed: with nobody in To, that is said there, as clients show
    it (RFC 5322 A.1.3)."""

    sender: Mailbox
    subject: str
    at: int
    message_id: str
    to: Sequence[Mailbox] = ()
    cc: Sequence[Mailbox] = ()
    reply_to: Sequence[Mailbox] = ()
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    mailer: str | None = None
    auto_submitted: str | None = None
    own: Sequence[tuple[str, str]] = ()
    undisclosed: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along. content_type: of what is no type, or can't be in base64,
    application/octet-stream becomes. pieces: its octets, decoded, anew with each call. inline: to
    be shown in the mail, as pictures are. charset: of a text; what is no token isn't told."""

    name: str
    content_type: str
    pieces: Callable[[], Iterable[bytes]]
    inline: bool = False
    content_id: str | None = None
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class AttachedMail:
    """A mail that goes along as it is, without an encoding (message/rfc822, RFC 2046 5.2.1).
    encoding: 7bit, 8bit or binary, as its octets are (`encoding_of`)."""

    name: str
    encoding: str
    pieces: Callable[[], Iterable[bytes]]


def message(
    headers: Headers,
    text: str,
    html: str | None = None,
    attached: Sequence[Attached | AttachedMail] = (),
) -> bytes:
    """A small mail's octets; see `pieces`."""
    return b"".join(pieces(headers, text, html, attached))


def pieces(
    headers: Headers,
    text: str,
    html: str | None = None,
    attached: Sequence[Attached | AttachedMail] = (),
    seed: bytes | None = None,
) -> Iterator[bytes]:
    """The mail in pieces of at most some hundred KiB, each line with CRLF and at most LONGEST_LINE
    octets long but for those of an AttachedMail. text: plain, in lines. html: a whole document or a
    fragment, which the caller vouches for. seed: the boundaries are made of it, so that the same
    mail has the same octets; nobody else must be able to guess it. Raises Unwritable before the
    first piece."""
    head = _header(headers)
    body = _text(text, html, _boundary(seed, b"alternative"))
    return _joined(head, body, attached, _boundary(seed, b"mixed"))


def html_of(text: str) -> str:
    """The text as HTML: nothing in it means anything there, and its lines stay lines."""
    lines = _body_text(text).rstrip("\n").split("\n")
    shown = "<br>\n".join(_BLANKS.sub(_kept, html_text.escape(line)) for line in lines)
    return f"<html><body><p>{shown}</p></body></html>\n"


def _kept(blanks: re.Match[str]) -> str:
    """Blanks that HTML would take for one, or none; one of them stays, where the line may break."""
    return "&nbsp;" * (len(blanks[0].expandtabs(4)) - 1) + (" " if blanks.start() else "&nbsp;")


def new_id(domain: str) -> str:
    """A Message-ID that nobody else gives, without angle brackets. domain: of an ascii_address."""
    kept = domain.strip("[]").replace(":", "-") or "localhost"
    return f"{secrets.token_hex(16)}@{kept}"


def encoding_of(pieces: Iterable[bytes]) -> str:
    """Which encoding octets of lines are in as they are: 7bit and 8bit have lines of at most
    LONGEST_LINE octets that end with CRLF, and neither NUL nor a bare CR or LF (RFC 2045 2.7)."""
    is_ascii = True
    length = 0
    after_cr = False
    for piece in pieces:
        is_ascii = is_ascii and piece.isascii()
        if b"\0" in piece:
            return "binary"
        # What the last piece ended with belongs to this one's first line.
        lines = ((b"\r" if after_cr else b"") + piece).split(b"\r\n")
        after_cr = lines[-1].endswith(b"\r")
        if after_cr:
            lines[-1] = lines[-1][:-1]
        for place, line in enumerate(lines):
            length = len(line) + (length if place == 0 else 0)
            if length > LONGEST_LINE or b"\r" in line or b"\n" in line:
                return "binary"
    if after_cr:
        return "binary"
    return "7bit" if is_ascii else "8bit"


def _header(headers: Headers) -> bytes:
    lines = [fields.addresses_field("From", (headers.sender,))]
    for name, mailboxes in (
        ("Reply-To", headers.reply_to),
        ("To", headers.to),
        ("Cc", headers.cc),
    ):
        if mailboxes:
            lines.append(fields.addresses_field(name, mailboxes))
    if headers.undisclosed and not headers.to:
        lines.append(b"To: undisclosed-recipients:;\r\n")
    lines += [
        fields.text_field("Subject", headers.subject),
        fields.date_field("Date", headers.at),
        fields.ids_field("Message-ID", (headers.message_id,)),
    ]
    answered = None if headers.in_reply_to is None else usable_id(headers.in_reply_to)
    if answered is not None:
        lines.append(fields.ids_field("In-Reply-To", (answered,)))
    references = fields.cited(headers.references)
    if references:
        lines.append(fields.ids_field("References", references))
    if headers.auto_submitted is not None:
        lines.append(fields.text_field("Auto-Submitted", headers.auto_submitted))
    if headers.mailer is not None:
        lines.append(fields.text_field("X-Mailer", headers.mailer))
    taken = set(_TAKEN)
    for name, value in headers.own:
        if name.lower() in taken:
            raise Unwritable(f"The mail has a field {fields.checked_name(name)} already.")
        taken.add(name.lower())
        lines.append(fields.text_field(name, value))
    lines.append(b"MIME-Version: 1.0\r\n")
    return b"".join(lines)


def _joined(
    head: bytes, body: bytes, attached: Sequence[Attached | AttachedMail], boundary: str
) -> Iterator[bytes]:
    if not attached:
        yield head + body
        return
    opening = f"--{boundary}\r\n".encode()
    encodings = {one.encoding for one in attached if isinstance(one, AttachedMail)}
    widest = next((one for one in ("binary", "8bit") if one in encodings), "7bit")
    yield (
        head
        + (
            f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n'
            f"Content-Transfer-Encoding: {widest}\r\n\r\n"
        ).encode()
    )
    yield opening + body
    for one in attached:
        yield b"\r\n" + opening
        yield from _mail_part(one) if isinstance(one, AttachedMail) else _part(one)
    yield f"\r\n--{boundary}--\r\n".encode()


def _text(text: str, html: str | None, boundary: str) -> bytes:
    plain = _text_part("plain", text)
    if html is None:
        return plain
    return (
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\n".encode()
        + plain
        + f"\r\n--{boundary}\r\n".encode()
        + _text_part("html", html)
        + f"\r\n--{boundary}--\r\n".encode()
    )


def _text_part(subtype: str, text: str) -> bytes:
    lines = _body_text(text).replace("\n", "\r\n").encode("utf-8")
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        + binascii.b2a_qp(lines, istext=True)
    )


def _body_text(text: str) -> str:
    """In lines that end with LF, without what isn't shown."""
    return "".join(f"{_shown(line)}\n" for line in text.splitlines()) or "\n"


def _shown(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(one if one == "\t" else fields.shown(one) for one in line)


def _part(attached: Attached) -> Iterator[bytes]:
    content_type = attached.content_type
    kind = content_type.partition("/")[0].lower()
    if not _TYPE.fullmatch(content_type) or kind in _NOT_MEANT:
        content_type = "application/octet-stream"
    elif kind == "text" and attached.charset is not None and _TOKEN.fullmatch(attached.charset):
        content_type += f'; charset="{attached.charset}"'
    disposition = "inline" if attached.inline else "attachment"
    described = [
        f"Content-Type: {content_type}",
        "Content-Transfer-Encoding: base64",
        *_named(disposition, attached.name),
    ]
    content_id = usable_id(attached.content_id.strip("<> ")) if attached.content_id else None
    if content_id is not None:
        described.append(f"Content-ID: <{content_id}>")
    yield "\r\n".join([*described, "", ""]).encode("ascii")
    rest = b""
    for piece in attached.pieces():
        rest += piece
        whole = len(rest) - len(rest) % _PIECE
        for start in range(0, whole, _PIECE):
            yield _base64(rest[start : start + _PIECE])
        rest = rest[whole:]
    if rest:
        yield _base64(rest)


def _mail_part(attached: AttachedMail) -> Iterator[bytes]:
    described = [
        "Content-Type: message/rfc822",
        f"Content-Transfer-Encoding: {attached.encoding}",
        *_named("attachment", attached.name),
    ]
    yield "\r\n".join([*described, "", ""]).encode("ascii")
    yield from attached.pieces()


def _named(disposition: str, name: str) -> Iterator[str]:
    kept = one_line(name, fields.LONGEST_NAME)
    if not kept:
        yield f"Content-Disposition: {disposition}"
        return
    yield f"Content-Disposition: {disposition};"
    named = list(fields.parameter("filename", kept))
    yield from (f" {one};" for one in named[:-1])
    yield f" {named[-1]}"


def _base64(octets: bytes) -> bytes:
    letters = binascii.b2a_base64(octets, newline=False)
    rows = [letters[start : start + 76] for start in range(0, len(letters), 76)]
    return b"\r\n".join([*rows, b""])


def _boundary(seed: bytes | None, part: bytes) -> str:
    # `=_` is in no line of quoted-printable or base64 (RFC 2045 6.7).
    if seed is None:
        return f"=_{secrets.token_hex(12)}"
    return f"=_{hashlib.sha256(part + seed).hexdigest()[:24]}"
