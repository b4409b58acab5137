"""What `imapgate doctor` looks at outside of the database: files, keys, the disk, the clock."""

from __future__ import annotations

import datetime
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from certs import checks
from certs.material import local_files
from imapgate.folders import spool
from imapgate.settings import FILE_NAME, Settings
from storage import Database
from storage.checks import newest_time

FREE = 1024 * 1024 * 1024
"""Octets that should be free on the disk of the data directory."""
SLOW = 5 * 60
"""Seconds by which the clock may be behind the newest row."""
LEFT_OVER = 60 * 60
"""Seconds after which an unfinished file belongs to no command that still runs."""
_UNFINISHED = (".restoring-*", ".making-*", ".imapgate.db.*")


def certificates(settings: Settings) -> Iterator[str]:
    """A sentence for each fault of the keys and certificates that the settings ask for."""
    now = datetime.datetime.now(datetime.UTC)
    if settings.certificate is not None and settings.key is not None:
        yield from checks.own_faults(settings.certificate, settings.key, now)
    else:
        yield from checks.local_faults(settings.certs, now)


def permissions(settings: Settings) -> Iterator[str]:
    """Everything in the data directory is its owner's alone, but for what is meant to be read."""
    if not settings.data.is_dir():
        return
    owner = settings.data.stat().st_uid
    public = {settings.data / FILE_NAME, local_files(settings.certs)[1]}
    inside = [one for one in _inside(settings.data) if one not in public]
    elsewhere = [one for one in (settings.secrets_key,) if one is not None and one.exists()]
    for path in (settings.data, *inside, *elsewhere):
        try:
            yield from _access(path, owner, settings.data)
        except FileNotFoundError:
            continue  # A log or a taken mail that has just gone.


def waiting(settings: Settings) -> Iterator[str]:
    """Drops that wait for the database: no fault while it is away."""
    found = sorted((settings.data / spool.NAME).glob("*.json"))
    for path in found:
        octets = sum(part.stat().st_size for part in path.parent.glob(f"{path.stem}.*"))
        yield f"{_came(path)} ({octets} octets) waits in {path}."


def left_over(settings: Settings) -> Iterator[str]:
    """What a command that was killed had not finished."""
    before = time.time() - LEFT_OVER
    for pattern in _UNFINISHED:
        for path in sorted(settings.data.glob(pattern)):
            if path.stat().st_mtime < before:
                yield f"{path} was left by a command that was cut short: remove it."


def disk(settings: Settings) -> Iterator[str]:
    """Room for what comes."""
    if settings.data.is_dir() and (free := shutil.disk_usage(settings.data).free) < FREE:
        yield f"Only {free // 1024 // 1024} MiB are free on the disk of {settings.data}."


def clock(db: Database) -> Iterator[str]:
    """Nothing was made later than now."""
    newest, now = newest_time(db), int(time.time())
    if newest is not None and newest > now + SLOW:
        yield f"The clock says {_time(now)}, but something was stored at {_time(newest)}."


def _inside(directory: Path) -> Iterator[Path]:
    """Files and directories, two levels deep."""
    for path in sorted(directory.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from sorted(path.iterdir())


def _access(path: Path, owner: int, directory: Path) -> Iterator[str]:
    if path.is_symlink():
        yield f"{path} is a symbolic link: put what it leads to in its place."
    elif checks.readable_by_others(path):
        yield f"{path} can be used by others: chmod {'700' if path.is_dir() else '600'} {path}"
    elif path.stat().st_uid != owner:
        yield f"{path} belongs to another user than {directory}: chown it."


def _came(path: Path) -> str:
    try:
        drop = json.loads(path.read_bytes())
        return f"A drop by {drop['principal']}@{drop['segment']} of {_time(int(drop['first_at']))}"
    except (OSError, ValueError, KeyError, TypeError):
        return "A drop that can't be read"


def _time(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
