"""Traces of one user's dialogues: asked for by the command line, written by the server."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imapgate.activities.people import Person
from storage import Tx
from storage import traces as rows

DIRECTORY = "trace"
"""In the data directory."""
ENDS = "-- the trace ends"
"""How the last line goes on behind its time."""
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\.txt")
_ODD = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """file: a name in DIRECTORY. until: seconds since 1970 UTC."""

    person_id: int
    file: str
    until: int


def wanted(tx: Tx) -> list[Wanted]:
    """All that have time left; a file name that none of ours would be is passed over."""
    found = [Wanted(*row) for row in rows.wanted(tx)]
    return [one for one in found if one.until > tx.now and _FILE.fullmatch(one.file)]


def ask(tx: Tx, person: Person, seconds: int) -> Wanted:
    """From now on for so long; a trace of the same user that runs gives way."""
    name = _ODD.sub("_", f"{person.name}-{person.segment}")[:60].lstrip(".") or "user"
    asked = Wanted(person.id, f"{name}-{tx.now}.txt", tx.now + seconds)
    rows.want(tx, person.id, asked.file, asked.until)
    return asked


def end(tx: Tx, asked: Wanted) -> None:
    """Nothing happens if it has ended."""
    rows.end(tx, asked.person_id, asked.file)
