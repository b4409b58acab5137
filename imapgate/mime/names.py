"""What an attachment is called, and whether it is a message."""

from __future__ import annotations

import re

from imapgate.mime.index import MESSAGES, Content, Part, field
from imapgate.mime.parameters import type_and_parameters
from imapgate.mime.words import parameter_text

NAME = 255
"""Characters of a file name."""

_ENDINGS = {
    "application/gzip": ".gz",
    "application/json": ".json",
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/rtf": ".rtf",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/x-pkcs7-mime": ".p7m",
    "application/x-pkcs7-signature": ".p7s",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/xml": ".xml",
    "video/mp4": ".mp4",
    "message/global": ".eml",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
}
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
# Control characters, and the marks that turn a name's ending around.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def file_name(part: Part) -> str | None:
    """The name that the part gives itself, without path and control characters; None if it gives
    none."""
    pairs = part.disposition[1] if part.disposition else ()
    found = parameter_text(pairs, b"FILENAME", 1_000) or parameter_text(part.params, b"NAME", 1_000)
    if not found:
        return None
    last = _FORBIDDEN.sub("", found).replace("\\", "/").rsplit("/", 1)[-1].strip(" .\t")
    if len(last) > NAME:
        stem, dot, ending = last.rpartition(".")
        short_ending = 0 < len(ending) < 20
        last = stem[: NAME - len(ending) - 1] + dot + ending if short_ending else last[:NAME]
    return last or None


def attachment_name(part: Part) -> str:
    """`file_name`, or one made up from the type: `image.png`, `part-2.bin`."""
    found = file_name(part)
    if found:
        return found
    kind = content_type(part)
    if kind in _TNEF:
        return "winmail.dat"
    ending = _ENDINGS.get(kind, ".bin")
    if part.type == b"IMAGE":
        return "image" + ending
    return f"part-{(part.section or '1').replace('.', '-')}{ending}"


def content_type(part: Part) -> str:
    """`type/subtype` in lower case."""
    return (part.type + b"/" + part.subtype).decode("ascii", "replace").lower()[:255]


def is_message(content: Content, part: Part) -> bool:
    """An attached message: message/rfc822 in any encoding, or a leaf that is called `.eml`."""
    if part.type == b"MULTIPART":
        return False
    if (part.type, part.subtype) in MESSAGES:
        return True
    if (file_name(part) or "").lower().endswith(".eml"):
        return True
    if (part.type, part.subtype) != (b"APPLICATION", b"OCTET-STREAM"):
        return False
    # The index calls a message/rfc822 in base64 an octet-stream, since it has no parts.
    found = type_and_parameters(field(content, part, b"Content-Type") or b"")
    return found is not None and found[:2] in MESSAGES
