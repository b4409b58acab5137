"""SORT and THREAD (RFC 5256, SORT=DISPLAY RFC 5957, ESORT RFC 5267 3)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command
from imapgate.wire.commands.search import Returns, SearchKey


@dataclass(frozen=True, slots=True)
class SortCriterion:
    """key: b"ARRIVAL", b"CC", b"DATE", b"FROM", b"SIZE", b"SUBJECT", b"TO", b"DISPLAYFROM" or
    b"DISPLAYTO"."""

    key: bytes
    reverse: bool


@dataclass(frozen=True, slots=True)
class Sort(Command):
    """criteria: at least one, each key once. returns: None without RETURN: a plain `* SORT`."""

    criteria: tuple[SortCriterion, ...]
    key: SearchKey
    by_uid: bool
    returns: Returns | None = None


@dataclass(frozen=True, slots=True)
class Thread(Command):
    """algorithm: b"ORDEREDSUBJECT" or b"REFERENCES"."""

    algorithm: bytes
    key: SearchKey
    by_uid: bool
