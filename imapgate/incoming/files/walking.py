"""Finds the files of mails in files and directories, in an order that is the same each time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from imapgate.incoming.files import maildir
from imapgate.incoming.files.found import Unreadable
from imapgate.incoming.files.kinds import FIRST, Kind, kind_of, looks_like_mail

DEEPEST = 50
"""Directories in directories."""


@dataclass(frozen=True, slots=True)
class File:
    """size: octets. modified_at: seconds since 1970. is_maildir: a message of a Maildir, whose name
    tells its flags. named: by a person, so that it may be a link."""

    path: Path
    kind: Kind
    size: int
    modified_at: int
    is_maildir: bool = False
    named: bool = False


def files_in(path: Path) -> Iterator[File | Unreadable]:
    """What stands at the path: a file whatever its name, or what a directory and those in it hold,
    by name; of a Maildir only its messages. In a directory, files that hold no mails as far as name
    and first octets tell are passed over, and so are links: they may lead anywhere."""
    try:
        found = path.stat()
    except OSError as error:
        yield Unreadable(str(path), f"can't be read: {error.strerror}")
        return
    if stat.S_ISDIR(found.st_mode):
        yield from _directory(path, 0)
    else:
        one = _file(path, named=True)
        yield one or Unreadable(str(path), "is none of .eml, .msg, mbox, Maildir, zip")


def open_file(path: Path, *, named: bool = False) -> BinaryIO:
    """For reading; never waits for what is no file. named: by a person, a link is then followed.
    Raises OSError."""
    no_link = 0 if named else getattr(os, "O_NOFOLLOW", 0)
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | no_link
    opened = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError(0, "it is no file")
        return os.fdopen(opened, "rb")
    except BaseException:
        os.close(opened)
        raise


def _directory(path: Path, depth: int) -> Iterator[File | Unreadable]:
    if depth > DEEPEST:
        yield Unreadable(str(path), f"stands deeper than {DEEPEST} directories")
        return
    try:
        with os.scandir(path) as entries:
            kept = sorted(
                (one for one in entries if not one.is_symlink()), key=lambda one: one.name
            )
    except OSError as error:
        yield Unreadable(str(path), f"can't be read: {error.strerror}")
        return
    directories = {one.name for one in kept if one.is_dir(follow_symlinks=False)}
    is_maildir = maildir.is_maildir(directories)
    if is_maildir:
        for folder in maildir.FOLDERS:
            yield from _messages(path / folder)
    for one in kept:
        here = path / one.name
        if one.name in directories:
            if not (is_maildir and one.name in (*maildir.FOLDERS, "tmp")):
                yield from _directory(here, depth + 1)
        elif not is_maildir and one.is_file(follow_symlinks=False):
            found = _file(here, named=False)
            if found is not None:
                yield found


def _messages(folder: Path) -> Iterator[File | Unreadable]:
    """Of a Maildir: every file is a message, whatever it is called."""
    try:
        with os.scandir(folder) as entries:
            kept = sorted(
                (one for one in entries if one.is_file(follow_symlinks=False)),
                key=lambda one: one.name,
            )
    except OSError as error:
        yield Unreadable(str(folder), f"can't be read: {error.strerror}")
        return
    for one in kept:
        if not one.name.startswith("."):
            here = folder / one.name
            try:
                found = one.stat(follow_symlinks=False)
            except OSError as error:  # a client has moved it meanwhile
                yield Unreadable(str(here), f"can't be read: {error.strerror}")
                continue
            yield File(here, Kind.EML, found.st_size, int(found.st_mtime), is_maildir=True)


def _file(path: Path, *, named: bool) -> File | Unreadable | None:
    try:
        found = path.stat() if named else path.lstat()
        if not stat.S_ISREG(found.st_mode):
            return Unreadable(str(path), "is no file") if named else None
        kind = kind_of(path.name, b"")
        if kind is None:
            with open_file(path, named=named) as stream:
                first = stream.read(FIRST)
            kind = kind_of(path.name, first)
            if kind is None and named and looks_like_mail(first):
                kind = Kind.EML
    except OSError as error:
        return Unreadable(str(path), f"can't be read: {error.strerror}")
    return (
        None if kind is None else File(path, kind, found.st_size, int(found.st_mtime), named=named)
    )
