"""Reads and writes files of mails, as tests want it."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from imapgate.incoming.files import mbox, reading, walking
from imapgate.incoming.files.found import Finding, Found, Unreadable
from imapgate.incoming.files.writing import Outgoing, writing

MOST = 4 * 1024 * 1024


def nobody(_x500: str, _name: str) -> str | None:
    """Knows no address."""
    return None


def found_in(path: Path, most: int = MOST) -> list[Finding]:
    """All that stands there, in order."""
    found: list[Finding] = []
    for file in walking.files_in(path):
        found += [file] if isinstance(file, Unreadable) else reading.read(file, most, nobody)
    return found


def mails_in(path: Path, most: int = MOST) -> list[Found]:
    """The same, where there is nothing else."""
    found = found_in(path, most)
    assert [f"{one.place} {one.text}" for one in found if isinstance(one, Unreadable)] == []
    return [one for one in found if isinstance(one, Found)]


def contents_in(path: Path, most: int = MOST) -> list[bytes]:
    return [one.content[:] for one in mails_in(path, most)]


def faults_in(path: Path, most: int = MOST) -> list[str]:
    """What is told of what is no mail, without the directory."""
    told = [one for one in found_in(path, most) if isinstance(one, Unreadable)]
    return [f"{one.place} {one.text}".replace(f"{path.parent}/", "") for one in told]


def in_mbox(octets: bytes, most: int = MOST) -> list[bytes | str]:
    """The messages of an mbox, and what is told of the rest."""
    return [
        one.content[:] if isinstance(one, Found) else one.text
        for one in mbox.read(BytesIO(octets), "box", most)
    ]


def write(form: str, target: Path, contents: Iterable[bytes], flags: str = "") -> None:
    """As an export does, numbered from 10000001."""
    with writing(form, target, replace=False) as writer:
        for n, content in enumerate(contents):
            writer.add(Outgoing(10000001 + n, f"Mail {n}", 1_700_000_000 + n, flags), content)
