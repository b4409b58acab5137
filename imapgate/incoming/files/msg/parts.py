"""The body of a message that is made of a .msg: what is nested in what, and how it is written.

The same .msg gives the same octets: nothing is taken from a clock, from chance, or from tables of
the machine.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import encode_rfc2231

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,100}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_TOKEN_NAME = re.compile(r"[A-Za-z0-9 ._()\[\]#+-]{1,60}")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,300}")


@dataclass(frozen=True, slots=True)
class Part:
    """A body part: header fields without line ends, and what comes behind them."""

    fields: tuple[str, ...]
    body: bytes

    def octets(self) -> bytes:
        """With its header."""
        return "".join(f"{one}\r\n" for one in self.fields).encode() + b"\r\n" + self.body


def text(content: bytes, kind: str, charset: str) -> Part:
    """kind: plain or html; content in that charset."""
    return Part(
        (f"Content-Type: text/{kind}; charset={charset}", "Content-Transfer-Encoding: base64"),
        _base64(content),
    )


def file(
    content: bytes, content_type: str, name: str, content_id: str | None, inline: bool
) -> Part:
    """An attachment; a type that is none, or that only a part in clear text may have, is that of
    octets."""
    kind = content_type.strip().lower()
    if not _TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    fields = [
        f"Content-Type: {kind}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: {'inline' if inline else 'attachment'}{_file_name(name)}",
    ]
    if content_id and _CONTENT_ID.fullmatch(content_id.strip("<> ")):
        fields.append(f"Content-ID: <{content_id.strip('<> ')}>")
    return Part(tuple(fields), _base64(content))


def message(octets: bytes, name: str) -> Part:
    """An attached message."""
    encoding = "7bit" if octets.isascii() else "8bit"
    return Part(
        (
            "Content-Type: message/rfc822",
            f"Content-Transfer-Encoding: {encoding}",
            f"Content-Disposition: attachment{_file_name(name)}",
        ),
        octets,
    )


def multipart(kind: str, parts: Sequence[Part], seed: str) -> Part:
    """Of mixed, related or alternative; of a single part that part. seed: what makes its boundary
    another than that of any part in it."""
    if len(parts) == 1:
        return parts[0]
    boundary = f"=_{seed}_{kind}"
    mark = b"--" + boundary.encode()
    body = b"".join(mark + b"\r\n" + one.octets() + b"\r\n" for one in parts)
    return Part(
        (f'Content-Type: multipart/{kind}; boundary="{boundary}"',), body + mark + b"--\r\n"
    )


def _file_name(name: str) -> str:
    kept = " ".join("".join(" " if ord(one) < 32 else one for one in name).split())[:200]
    if not kept:
        return ""
    if _TOKEN_NAME.fullmatch(kept):
        return f'; filename="{kept}"'
    written = encode_rfc2231(kept.encode("utf-8", "replace").decode(), "utf-8")
    # RFC 2231 3: lines stay short, and every one of them is a parameter of its own.
    pieces = [written[at : at + 60] for at in range(0, len(written), 60)]
    if len(pieces) == 1:
        return f"; filename*={written}"
    return "".join(f";\r\n filename*{n}*={piece}" for n, piece in enumerate(pieces))


def _base64(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")
