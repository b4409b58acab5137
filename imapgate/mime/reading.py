"""Everything about a message in one call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imapgate.mime.index import Content, Part
from imapgate.mime.mail import Mail


@dataclass(frozen=True, slots=True)
class Reading:
    root: Part
    mail: Mail
    header_text: str
    """All header values decoded, for searching; at most 256 KiB."""
    body_text: str
    """The text of all text parts and nested messages, for searching; at most 1 MB."""


def read(content: Content) -> Reading:
    """Never raises for what a message contains."""
    raise NotImplementedError


def decoded(content: Content, part: Part) -> Iterator[bytes]:
    """A leaf's octets with its transfer encoding undone, in pieces of at most 1 MiB; broken
    encoding: best effort."""
    raise NotImplementedError


def part_at(root: Part, section: str) -> Part | None:
    """The part of that number ("1.2"), as in BODY[1.2]; "" is the root."""
    raise NotImplementedError
