"""Mails written to files: each format takes one mail after another, and all of it gets its name at
one stroke when the last has come, or nothing does."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from imapgate.incoming.files import file_names, mbox_lines
from imapgate.incoming.files.found import BLOCK
from imapgate.mime.index import Content
from storage import files

FORMATS = ("eml", "mbox", "maildir", "zip")
_BETWEEN = ":" if os.name == "posix" else ";"
"""In a Maildir's file names; Windows has another use for the colon."""
_ZIP_FIRST, _ZIP_LAST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is known of a mail beside its bytes. number: of its activity; subject: for a file's
    name; internal_at: when it came, seconds since 1970; flags: a Maildir's letters, in order."""

    number: int | None
    subject: str
    internal_at: int
    flags: str = ""


class Writer(Protocol):
    def add(self, mail: Outgoing, content: Content) -> None:
        """Writes its bytes as they are. Raises OSError."""
        ...


@contextmanager
def writing(form: str, target: Path, *, replace: bool) -> Iterator[Writer]:
    """form: one of FORMATS; target: of eml and maildir a directory that isn't there, of mbox and
    zip a file, which takes another one's place only with replace. If anything raises, nothing of it
    is left. Raises OSError, FileExistsError where something stands at the target."""
    if form in ("eml", "maildir"):
        with _directory(target) as made:
            yield _Eml(made) if form == "eml" else _Maildir(made)
        return
    with _file(target, replace) as file:
        if form == "mbox":
            yield _Mbox(file)
        else:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield _Zip(archive)


@contextmanager
def single(target: Path, *, replace: bool) -> Iterator[Writer]:
    """One mail in a file of its own, under that name; else as `writing`."""
    with _file(target, replace) as file:
        yield _Single(file)


class _Single:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, mail: Outgoing, content: Content) -> None:  # noqa: ARG002 (as the others)
        _copy(content, self._file.write)


class _Mbox:
    """mboxrd, see mbox_lines."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, mail: Outgoing, content: Content) -> None:
        ends_with_line = content[-1:] == b"\n"
        self._file.write(mbox_lines.from_line(mail.internal_at, ends_with_line))
        for piece in mbox_lines.quoted(_pieces(content)):
            self._file.write(piece)
        self._file.write(b"\n" if ends_with_line else b"\n\n")


class _Eml:
    """A file for each, named by number and subject."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names = _Names()

    def add(self, mail: Outgoing, content: Content) -> None:
        _put(self._directory / self._names.of(mail), mail, content)


class _Maildir:
    """All in `cur`: somebody has seen them come."""

    def __init__(self, directory: Path) -> None:
        for name in ("cur", "new", "tmp"):
            (directory / name).mkdir(mode=0o700)
        self._directory = directory / "cur"
        self._count = 0

    def add(self, mail: Outgoing, content: Content) -> None:
        self._count += 1
        unique = f"{max(mail.internal_at, 0)}.{self._count}_{mail.number or 0}.imapgate"
        name = f"{unique},S={len(content)}{_BETWEEN}2,{mail.flags}"
        _put(self._directory / name, mail, content)


class _Zip:
    """As eml, in one file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = _Names()

    def add(self, mail: Outgoing, content: Content) -> None:
        moment = datetime.fromtimestamp(max(0, min(mail.internal_at, 4_354_819_198)), UTC)
        date = max(_ZIP_FIRST, min(moment.timetuple()[:6], _ZIP_LAST))
        member = zipfile.ZipInfo(self._names.of(mail), date)
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o600 << 16
        member.file_size = len(content)
        with self._archive.open(member, "w") as file:
            _copy(content, file.write)


class _Names:
    """Names that differ by more than case and accents: some systems know no other difference."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def of(self, mail: Outgoing) -> str:
        name = first = file_names.named(mail.number, mail.subject, ".eml")
        while file_names.key(name) in self._taken:
            self._taken[file_names.key(first)] += 1
            name = file_names.another(first, self._taken[file_names.key(first)])
        self._taken[file_names.key(name)] = 1
        return name


def _put(path: Path, mail: Outgoing, content: Content) -> None:
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with open(made, "wb") as file:
        _copy(content, file.write)
    os.utime(path, (mail.internal_at, mail.internal_at))


def _copy(content: Content, write: Callable[[bytes], object]) -> None:
    for piece in _pieces(content):
        write(piece)


def _pieces(content: Content) -> Iterator[bytes]:
    for at in range(0, len(content), BLOCK):
        yield content[at : at + BLOCK]


@contextmanager
def _file(target: Path, replace: bool) -> Iterator[IO[bytes]]:
    made, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    part = Path(name)
    try:
        with open(made, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        files.put(part, target, replace=replace)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _directory(target: Path) -> Iterator[Path]:
    part = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part"))
    try:
        yield part
        if hasattr(os, "sync"):
            # Once for all of them, before their directory gets its name.
            os.sync()
        if target.is_symlink() or target.exists():
            raise FileExistsError(f"{target} exists")
        part.rename(target)
        files.sync_directory(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
