"""Whole files: flushed, and put in place at one stroke."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Returns once the file's octets are on the disk. Raises OSError."""
    opened = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sync_directory(directory: Path) -> None:
    """The same for its names; systems that open no directory (Windows) do so by themselves."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def owned_like(path: Path, directory: Path) -> None:
    """Gives a file that the system's administrator makes to the directory's owner: the server runs
    as that user, and could not open it. Raises OSError."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        found = directory.stat()
        os.chown(path, found.st_uid, found.st_gid)


def put(new: Path, target: Path, *, replace: bool) -> None:
    """Gives a file of the same directory its lasting name, durably. Raises OSError, without
    `replace` FileExistsError where something stands there."""
    if not replace:
        _put_where_nothing_is(new, target)
    else:
        os.replace(new, target)
    sync_directory(target.parent)


def second_name(path: Path, other: Path) -> None:
    """The file under a further name of its directory, or a copy where a file can have but one.
    Raises OSError, FileExistsError where something stands there."""
    try:
        os.link(path, other)
    except FileExistsError:
        raise
    except OSError:
        copy(path, other)


def copy(path: Path, target: Path) -> None:
    """The octets, flushed, in a new file of mode 0600. Raises OSError."""
    made = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with open(made, "wb") as out, path.open("rb") as octets:
        shutil.copyfileobj(octets, out, 1024 * 1024)
        out.flush()
        os.fsync(made)


def _put_where_nothing_is(new: Path, target: Path) -> None:
    try:
        # Unlike a rename, this takes nobody's place.
        os.link(new, target)
    except FileExistsError:
        raise
    except OSError:
        if target.is_symlink() or target.exists():
            raise FileExistsError(f"{target} exists") from None
        os.rename(new, target)
    else:
        new.unlink()
