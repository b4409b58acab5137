"""From a command's parts (text and literals in turn) to a typed command (RFC 3501 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.wire.commands import Command, Content


@dataclass(frozen=True, slots=True)
class GrammarLimits:
    nesting: int = 50
    sequence_ranges: int = 20_000
    search_keys: int = 200
    keyword: int = 64
    folder_name: int = 255


class BadCommand(Exception):
    """A syntax error. tag: None if the line has no usable tag. text: the reason, for `BAD`."""

    def __init__(self, tag: bytes | None, text: str) -> None:
        super().__init__(text)
        self.tag = tag
        self.text = text


class BadCharset(BadCommand):
    """SEARCH with an unknown CHARSET: NO [BADCHARSET (US-ASCII UTF-8)]."""


@dataclass(frozen=True, slots=True)
class Literal:
    content: Content


@dataclass(frozen=True, slots=True)
class Parsed:
    tag: bytes
    command: Command


def parse(parts: Sequence[bytes | Literal], limits: GrammarLimits) -> Parsed:
    """parts: the text of each Line (its trailing `{n}` taken off by the framing) and each literal,
    in turn. Raises BadCommand."""
    raise NotImplementedError


def peek(first_line: bytes) -> tuple[bytes | None, bytes]:
    """(tag, upper-case command name such as b"APPEND" or b"UID FETCH") of a command whose literals
    have not come yet; used to choose the literal's limit. tag None if unusable."""
    raise NotImplementedError
