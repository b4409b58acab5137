"""The demo's mails: the same bytes every time, so that what the README tells is what happens."""

from __future__ import annotations

import struct
import zlib
from email.message import EmailMessage
from email.policy import SMTP

ERIKA = "Erika Example <erika@example.net>"
SUPPORT = "Support <support@example.org>"


def filed() -> tuple[bytes, bytes]:
    """A mail about incident #10000001 with an attachment, and its answer, which names no number."""
    report = _mail(
        ERIKA,
        SUPPORT,
        "Gadget does not boot (#10000001)",
        "Mon, 06 Jan 2025 09:12:00 +0100",
        "boot-report",
        "Hello,\n\nthe gadget has not booted since this morning. The log is attached.\n\nErika\n",
    )
    report.add_attachment(
        "10:01:07 power on\n10:01:08 self test passed\n10:01:09 no boot device\n",
        filename="boot-log.txt",
    )
    answer = _mail(
        SUPPORT,
        ERIKA,
        "Re: Gadget does not boot",
        "Mon, 06 Jan 2025 11:40:00 +0100",
        "boot-answer",
        "Hello Erika,\n\nplease hold the button for ten seconds, then try again.\n\nAlice\n\n"
        "On Mon, 6 Jan 2025, Erika Example wrote:\n"
        "> the gadget has not booted since this morning. The log is attached.\n",
    )
    answer["In-Reply-To"] = "<boot-report@example.net>"
    answer["References"] = "<boot-report@example.net>"
    return _bytes(report), _bytes(answer)


def try_me() -> tuple[bytes, bytes, bytes, bytes]:
    """To drag: a plain mail, a reply with a number, one with attachments, a wrapper."""
    return _question(), _reply(), _with_attachments(), _wrapper()


def _question() -> bytes:
    return _bytes(
        _mail(
            "Max Muster <max@customer.example>",
            SUPPORT,
            "Question about the gadget",
            "Tue, 07 Jan 2025 08:30:00 +0100",
            "question",
            "Hello,\n\ndoes the gadget work with both voltages?\n\nMax\n",
        )
    )


def _reply() -> bytes:
    reply = _mail(
        ERIKA,
        SUPPORT,
        "Re: #10000001 Gadget does not boot",
        "Tue, 07 Jan 2025 09:05:00 +0100",
        "reply",
        "Holding the button helped once, then it went dark again.\n\n"
        "On Mon, 6 Jan 2025, Support wrote:\n"
        "> please hold the button for ten seconds, then try again.\n",
    )
    reply["In-Reply-To"] = "<boot-answer@example.net>"
    reply["References"] = "<boot-report@example.net> <boot-answer@example.net>"
    return _bytes(reply)


def _with_attachments() -> bytes:
    mail = _mail(
        "Zoë Zöller <zoe@vip.example>",
        "Sales <sales@example.org>",
        "Grüße aus Köln, with attachments",
        "Tue, 07 Jan 2025 10:15:00 +0100",
        "attachments",
        "The order and a picture of the place where it goes.\n",
    )
    mail.add_alternative(
        "<p>The <b>order</b> and a picture of the place where it goes.</p>", subtype="html"
    )
    mail.add_attachment(_picture(), maintype="image", subtype="png", filename="place.png")
    mail.add_attachment("article;pieces\nGadget A;12\nGadget B;3\n", filename="order für Köln.csv")
    mail["Importance"] = "high"
    return _bytes(mail)


def _wrapper() -> bytes:
    inside = _mail(
        "Max Muster <max@customer.example>",
        SUPPORT,
        "The gadget is too loud",
        "Tue, 07 Jan 2025 11:00:00 +0100",
        "loud",
        "Hello,\n\nthe fan of the gadget is louder than the old one was. Is that a fault?\n\nMax\n",
    )
    wrapper = _mail(
        "Alice <alice@example.org>",
        SUPPORT,
        "> @Support E-Mails  #GadgetASupport  Gadget is too loud",
        "Tue, 07 Jan 2025 11:20:00 +0100",
        "wrapper",
        "Max came by and let me listen: it is the fan. Please look into the bearings.\n",
    )
    wrapper.add_attachment(inside)
    return _bytes(wrapper)


def _mail(
    sender: str, recipient: str, subject: str, date: str, message_id: str, text: str
) -> EmailMessage:
    """message_id: its part before `@`."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = subject
    mail["Date"] = date
    mail["Message-ID"] = f"<{message_id}@example.net>"
    mail.set_content(text)
    return mail


def _bytes(mail: EmailMessage) -> bytes:
    """With boundaries that don't come from chance."""
    parts = [part for part in mail.walk() if part.is_multipart()]
    for n, part in enumerate(parts):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=-demo-{n}-=")
    return mail.as_bytes()


def _picture() -> bytes:
    """A PNG of 48 x 32 pixels that goes from green to blue."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    width, height = 48, 32
    rows = b"".join(
        b"\0" + b"".join(bytes((40, 200 - 5 * y, 60 + 6 * y)) for _ in range(width))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )
