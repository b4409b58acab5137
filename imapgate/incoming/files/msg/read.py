"""A .msg as a message: what mail clients and the rules of filing know."""

from __future__ import annotations

import hashlib
import io

import olefile

from imapgate.incoming.files.found import Finding, Found, Unreadable, too_large
from imapgate.incoming.files.msg import fields, parts, rtf
from imapgate.incoming.files.msg.parts import Part
from imapgate.incoming.files.msg.people import Addresses as Addresses
from imapgate.incoming.files.msg.properties import HEADER_OF_FILE, Storage, directories, opened

LARGER = 2
"""How many times the octets of the message a .msg may have: it holds the body several times."""
DEEPEST = 10
"""Messages attached to messages."""

_BODY, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_DATA, _METHOD, _LONG_NAME, _SHORT_NAME, _TYPE = 0x3701, 0x3705, 0x3707, 0x3704, 0x370E
_CONTENT_ID, _SHOWN_NAME, _HIDDEN, _FLAGS = 0x3712, 0x3001, 0x7FFE, 0x3714
_RENDERED_IN_BODY = 0x4
_DELIVERED, _SUBMITTED, _CLASS = 0x0E06, 0x0039, 0x001A
_SIGNED, _OPAQUE = ".smime.multipartsigned", ".smime"


def read(octets: bytes, place: str, most: int, passed: int, addresses: Addresses) -> Finding:
    """The .msg as a message of at most `most` octets. Where it holds what no message can (an
    object of another program, RTF that can't be unwrapped), the .msg itself is attached to it.
    Never raises for what the file contains; what addresses raises is raised."""
    asking_failed = False

    def asked(x500: str, name: str) -> str | None:
        nonlocal asking_failed
        try:
            return addresses(x500, name)
        except BaseException:
            asking_failed = True
            raise

    try:
        with olefile.OleFileIO(io.BytesIO(octets)) as ole:
            message = opened(ole, directories(ole), (), HEADER_OF_FILE)
            made = _Made(octets, asked).message(message)
            moment = message.time(_DELIVERED) or message.time(_SUBMITTED)
    except Exception as error:
        # olefile raises anything.
        if asking_failed:
            raise
        return Unreadable(place, f"is no .msg that can be read: {error}", passed)
    if len(made) > most:
        return Unreadable(place, too_large(most), passed)
    at = None if moment is None else int(moment.timestamp())
    return Found(place, made, at, passed=passed, original=octets)


class _Made:
    def __init__(self, octets: bytes, addresses: Addresses) -> None:
        self._octets = octets
        self._addresses = addresses
        self._seed = hashlib.sha256(octets).hexdigest()[:24]
        self._messages = 0
        self._left_behind = False
        """Whether something of the .msg can't be in the message."""

    def message(self, storage: Storage, depth: int = 0) -> bytes:
        """With its header; depth: messages around it."""
        self._messages += 1
        seed = f"{self._seed}_{self._messages}"
        head = fields.header(storage, self._addresses)
        fields_of_top = "".join(f"{one}\r\n" for one in (*head, "MIME-Version: 1.0"))
        whole = _whole(storage) or self._body(storage, depth, seed).octets()
        return fields_of_top.encode("utf-8", "replace") + whole

    def _body(self, storage: Storage, depth: int, seed: str) -> Part:
        bodies, native = self._bodies(storage)
        html = bodies[-1].fields[0].startswith("Content-Type: text/html")
        inline, attached = self._attachments(storage, depth, html)
        if native is not None:
            attached.append(parts.file(native, "application/rtf", "message.rtf", None, False))
        if self._left_behind and depth == 0:
            attached.append(
                parts.file(self._octets, "application/vnd.ms-outlook", "original.msg", None, False)
            )
        if html:
            bodies[-1] = parts.multipart("related", [bodies[-1], *inline], seed)
        else:
            attached = [*inline, *attached]
        shown = parts.multipart("alternative", bodies, seed)
        return parts.multipart("mixed", [shown, *attached], seed)

    def _attachments(
        self, storage: Storage, depth: int, html: bool
    ) -> tuple[list[Part], list[Part]]:
        """(what the body in HTML shows, the rest)."""
        inline: list[Part] = []
        attached: list[Part] = []
        for one in storage.parts("__attach_version1.0_#"):
            name = one.text(_LONG_NAME) or one.text(_SHORT_NAME) or one.text(_SHOWN_NAME) or ""
            inner = one.attached_message(_DATA)
            content = one.octets(_DATA)
            if inner is not None and depth < DEEPEST:
                made = self.message(inner, depth + 1)
                attached.append(parts.message(made, f"{fields.subject(inner) or 'message'}.eml"))
            elif content is None:
                self._left_behind = True
            else:
                content_id = one.text(_CONTENT_ID)
                shown = bool(content_id) and (
                    one.truth(_HIDDEN) or bool((one.integer(_FLAGS) or 0) & _RENDERED_IN_BODY)
                )
                part = parts.file(content, one.text(_TYPE) or "", name, content_id, shown and html)
                (inline if shown else attached).append(part)
        return inline, attached

    def _bodies(self, storage: Storage) -> tuple[list[Part], bytes | None]:
        """The text in its forms, the plain one first, at least one; and RTF that wraps neither."""
        plain, html, charset = storage.text(_BODY), storage.octets(_HTML), storage.html_charset
        if html is None and (as_text := storage.text(_HTML)):
            html, charset = as_text.encode("utf-8", "replace"), "utf-8"
        native = None
        compressed = storage.octets(_RTF)
        if compressed and html is None:
            try:
                native = rtf.unpacked(compressed)
            except ValueError:
                self._left_behind = True
            wrapped = None if native is None else rtf.unwrapped(native)
            if wrapped is not None:
                native, (kind, text) = None, wrapped
                if kind == "html":
                    html, charset = text.encode("utf-8", "replace"), "utf-8"
                elif plain is None:
                    plain = text
        found = []
        if plain is not None or html is None:
            found.append(parts.text((plain or "").encode("utf-8", "replace"), "plain", "utf-8"))
        if html is not None:
            found.append(parts.text(html, "html", charset))
        return found, native


def _whole(storage: Storage) -> bytes | None:
    """The body of a message signed or encrypted with S/MIME, with its own header fields: Outlook
    keeps it as the one attachment (MS-OXOSMIME 2.1). None of any other message."""
    kind = (storage.text(_CLASS) or "").lower()
    if not kind.endswith((_SIGNED, _OPAQUE)):
        return None
    attachments = list(storage.parts("__attach_version1.0_#"))
    content = attachments[0].octets(_DATA) if len(attachments) == 1 else None
    if content is None:
        return None
    if kind.endswith(_OPAQUE):
        return parts.file(content, "application/pkcs7-mime", "smime.p7m", None, False).octets()
    # In clear text it is as it came.
    return content if content[:13].lower() == b"content-type:" else None
