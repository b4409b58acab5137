"""Journal reports made by hand."""

from __future__ import annotations

import base64
import quopri

ORIGINAL = (
    b"From: Joe <joe@example.org>\r\nTo: Ann <ann@example.net>\r\nCc: bob@example.org\r\n"
    b"Subject: Offer\r\nDate: Mon, 6 Jan 2025 10:00:00 +0100\r\n"
    b"Message-ID: <offer@example.org>\r\n\r\nHere it is.\r\n"
)
HEADER = "X-MS-Journal-Report:"


def report(
    text: str,
    original: bytes = ORIGINAL,
    header: str = HEADER,
    encoding: str = "8bit",
    in_base64: bool = False,
) -> bytes:
    """A report with that text about that message. header: what says that it is one. encoding: of
    the text; in_base64: the original."""
    octets = text.replace("\n", "\r\n").encode()
    if encoding == "base64":
        octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        octets = quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    if in_base64:
        original = base64.encodebytes(original).replace(b"\n", b"\r\n")
    attached = b"Content-Type: message/rfc822\r\n"
    if in_base64:
        attached += b"Content-Transfer-Encoding: base64\r\n"
    head = f"{header}\r\n" if header else ""
    return (
        f"{head}From: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>\r\n"
        "To: journal@example.org\r\nSubject: Offer\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="report"\r\n\r\n--report\r\n'
        f'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n'
        "\r\n"
    ).encode() + b"%b\r\n--report\r\n%b\r\n%b\r\n--report--\r\n" % (octets, attached, original)
