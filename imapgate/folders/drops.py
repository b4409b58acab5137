"""The main road: APPEND, COPY and MOVE. Each lands whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders.tree import Folder
from imapgate.folders.verdict import Verdict
from imapgate.limits import Limits
from imapgate.mime.index import Content
from storage import Database


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message of an APPEND. flags as written; internal_at and internal_zone (minutes east) None: now."""

    content: Content
    flags: tuple[bytes, ...]
    internal_at: int | None
    internal_zone: int


def append(
    db: Database, person: Person, name: str, arrivals: Sequence[Arrival], client: str, limits: Limits
) -> Verdict:
    """Opens its own transactions: the messages are read before, the writer files them. client: from ID, for
    the record. What is refused stands in Recovered Messages when this returns (rule 3)."""
    raise NotImplementedError


def copy(
    db: Database, person: Person, source: Folder, uids: Sequence[int], name: str, client: str, limits: Limits
) -> Verdict:
    raise NotImplementedError


def move(
    db: Database, person: Person, source: Folder, uids: Sequence[int], name: str, client: str, limits: Limits
) -> Verdict:
    raise NotImplementedError
