"""DATA/spool: bytes that arrived while the database was away wait there (rule 17).

A drop is one file for each message and a description beside them, which comes last and at one
stroke: without it, the others are rubbish of a crash. Nobody but a running server writes there.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from imapgate.activities.people import Person
from imapgate.folders import incidents, ready
from imapgate.folders.appending import Arrival
from imapgate.folders.spool_files import make_directory, pieces, reading, write
from imapgate.folders.spooled import Damaged, Spooled, SpooledMessage
from imapgate.folders.taking_in import take_in
from imapgate.folders.unrecorded import Unrecorded
from imapgate.limits import Limits
from storage import Database
from storage.engine import Unavailable
from storage.files import put, sync_directory
from storage.spooled import forget_taken

NAME = "spool"
"""Of the directory, in the data directory."""
BLOCK = 4096
"""Octets that a file counts at least, as it takes them of the disk."""

_FILE = re.compile(r"(\d+)-[0-9a-f]{32}(?:\.(?P<message>\d+)|(?P<whole>\.json)|(?:\.\d+)?\.new)")

_log = logging.getLogger(__name__)


class Spool:
    """May be used from any thread but the reactor's."""

    def __init__(self, directory: Path, limits: Limits) -> None:
        """directory: made with the first drop."""
        self._directory = directory
        self._limits = limits
        self._files = threading.Lock()
        """Held while files are written or removed."""
        self._taking = threading.Lock()
        self._used: dict[int, int] | None = None
        self._aside: set[str] = set()
        self._forgotten = False
        self._unreadable = False
        self._waits = True
        self.refusals = Unrecorded(directory)

    @property
    def waiting(self) -> bool:
        """Something may be there to be taken in."""
        return self._waits or self.refusals.waiting

    def keep(
        self,
        person: Person,
        name: str,
        arrivals: Sequence[Arrival],
        client: str,
        code: str,
        text: str,
        came_at: int,
    ) -> bool:
        """All messages of one APPEND, durably, when this returns True. False: none, since there is
        no room or the disk takes none. The same again takes no more room.

        name: of the folder that they were for; client: name and version; code, text: the answer;
        came_at: seconds since 1970, before anything was tried with them.
        """
        drop = Spooled(
            token=secrets.token_hex(16),
            order=time.time_ns(),
            segment=person.segment,
            principal_id=person.id,
            principal=person.name,
            folder=name,
            client=client,
            code=code,
            text=text,
            first_at=came_at,
            at=came_at,
            times=1,
            messages=tuple(_message(one) for one in arrivals),
        )
        try:
            with self._files:
                kept = self._again(drop) or self._keep(drop, arrivals)
        except OSError as error:
            _log.error("a drop can't be kept in the spool: %s", error.strerror)
            return False
        if not kept:
            _log.error("a drop can't be kept in the spool: it is full")
        return kept

    def take_in(self, db: Database) -> int:
        """Takes what is there into its owners' Recovered Messages, in the order in which it came;
        returns how many messages that were.

        What can't be taken in (damaged, its user gone) stays, is told to the log and tried again
        after the next start; it doesn't stop the others. When the database is away (again), the
        rest waits.
        """
        if not self._taking.acquire(blocking=False):
            return 0
        try:
            self.refusals.settle(db)
            return self._take_all(db)
        except Unavailable:
            return 0
        except OSError as error:
            if not self._unreadable:
                self._unreadable = True
                _log.error("the spool can't be read: %s; trying on", error.strerror)
            return 0
        finally:
            self._taking.release()

    # -- keeping -------------------------------------------------------------------------------

    def _again(self, drop: Spooled) -> bool:
        """Counts a drop that waits here already; False if it doesn't, or isn't whole. Raises
        OSError."""
        if drop.stem in self._aside:
            return False
        try:
            known = self._described(drop.stem)
            sizes = [self._file(known, n).stat().st_size for n in range(len(known.messages))]
        except (FileNotFoundError, Damaged):
            return False
        if sizes != [one.octets for one in drop.messages]:
            return False
        counted = replace(
            known,
            client=drop.client,
            code=drop.code,
            text=drop.text,
            at=drop.at,
            times=known.times + 1,
        )
        # Where even this can't be written, the copy is there all the same.
        with contextlib.suppress(OSError):
            self._describe(counted)
        return True

    def _keep(self, drop: Spooled, arrivals: Sequence[Arrival]) -> bool:
        octets = _on_disk(len(drop.to_json())) + sum(_on_disk(one.octets) for one in drop.messages)
        used = self._octets_used()
        own = used.get(drop.principal_id, 0)
        if own + octets > self._limits.recovered:
            return False
        if sum(used.values()) + octets > self._limits.spool:
            return False
        make_directory(self._directory)
        files = [self._file(drop, n) for n in range(len(arrivals))]
        new = [file.with_name(f"{file.name}.new") for file in files]
        try:
            for written, one in zip(new, arrivals, strict=True):
                write(written, one.content)
            # The same octets may stand there: not before theirs are safe.
            for written, file in zip(new, files, strict=True):
                written.replace(file)
            self._describe(drop)
        except OSError:
            described = (self._directory / f"{drop.stem}.json").exists()
            for file in new if described else [*new, *files]:
                with contextlib.suppress(OSError):
                    file.unlink()
            raise
        used[drop.principal_id] = own + octets
        self._aside.discard(drop.stem)
        self._waits = True
        return True

    def _octets_used(self) -> dict[int, int]:
        """By principal; read anew after something has left."""
        if self._used is None:
            self._used = {}
            for found, size in self._listed():
                principal_id = int(found[1])
                self._used[principal_id] = self._used.get(principal_id, 0) + _on_disk(size)
        return self._used

    def _describe(self, drop: Spooled) -> None:
        new = self._directory / f"{drop.stem}.new"
        write(new, drop.to_json())
        put(new, self._directory / f"{drop.stem}.json", replace=True)

    # -- taking in -----------------------------------------------------------------------------

    def _take_all(self, db: Database) -> int:
        with self._files:
            drops = self._in_order()
            self._waits = self._unreadable = False
        taken = 0
        try:
            # Nothing large is read in vain while the database is away or locked.
            db.write(lambda _: None)
            for _, stem in drops:
                taken += self._take_one(db, stem)
        except Unavailable:
            self._waits = True
        if not self._waits and (taken or not self._forgotten):
            self._forget(db)
        if taken:
            _log.info("%d messages from the spool are in Recovered Messages now", taken)
        return taken

    def _take_one(self, db: Database, stem: str) -> int:
        """Raises Unavailable."""
        try:
            with self._files:
                drop = self._described(stem)
            with self._prepared(drop) as prepared:
                taken = db.write(lambda tx: take_in(tx, drop, prepared))
            self._remove(drop)
        except Unavailable:
            raise
        except Damaged as damage:
            return self._put_aside(stem, str(damage))
        except OSError as error:
            return self._put_aside(stem, error.strerror or "it can't be read")
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            return self._put_aside(stem, f"incident {incidents.report(error, 'taking in')}")
        return taken

    def _put_aside(self, stem: str, why: str) -> int:
        self._aside.add(stem)
        _log.error("%s stays in the spool until the next start: %s", stem, why)
        return 0

    def _in_order(self) -> list[tuple[int, str]]:
        """What is to be taken in, as it came. What a crash left half done is removed: nobody was
        told that it was kept."""
        found = list(self._listed())
        whole = {_stem_of(one) for one, _ in found if one["whole"]}
        for one, _ in found:
            if one[0].endswith(".new") or (one["message"] and _stem_of(one) not in whole):
                with contextlib.suppress(OSError):
                    (self._directory / one[0]).unlink()
        drops = []
        for stem in whole - self._aside:
            try:
                drops.append((self._described(stem).order, stem))
            except Damaged as damage:
                self._put_aside(stem, str(damage))
            except OSError as error:
                self._put_aside(stem, error.strerror or "it can't be read")
        return sorted(drops)

    @contextmanager
    def _prepared(self, drop: Spooled) -> Iterator[list[ready.Prepared]]:
        """Its messages, read. Raises Damaged, OSError."""
        with ExitStack() as opened:
            prepared = []
            for n, one in enumerate(drop.messages):
                content = opened.enter_context(reading(self._file(drop, n), one.octets))
                prepared.append(ready.prepare(content))
                if prepared[-1].sha256.hex() != one.sha256:
                    raise Damaged("its messages aren't what they were")
            yield prepared

    def _remove(self, drop: Spooled) -> None:
        """Unless it came again meanwhile: then that is still to be recorded."""
        with self._files:
            if self._described(drop.stem) != drop:
                self._waits = True
                return
            self._used = None
            (self._directory / f"{drop.stem}.json").unlink()
            sync_directory(self._directory)
            for n in range(len(drop.messages)):
                self._file(drop, n).unlink()

    def _forget(self, db: Database) -> None:
        """Raises Unavailable."""
        with self._files:
            tokens = []
            for found, _ in self._listed():
                # What can't be read can't be taken in a second time.
                with contextlib.suppress(Damaged, OSError):
                    tokens += [self._described(_stem_of(found)).token] if found["whole"] else []
        db.write(lambda tx: forget_taken(tx, tokens))
        self._forgotten = True

    # -- files ---------------------------------------------------------------------------------

    def _listed(self) -> Iterator[tuple[re.Match[str], int]]:
        """(name, octets) of the spool's own files."""
        try:
            entries = os.scandir(self._directory)
        except FileNotFoundError:
            return
        with entries:
            for one in entries:
                found = _FILE.fullmatch(one.name)
                if found is not None:
                    yield found, one.stat(follow_symlinks=False).st_size

    def _described(self, stem: str) -> Spooled:
        """Raises Damaged, OSError."""
        return Spooled.from_json((self._directory / f"{stem}.json").read_bytes())

    def _file(self, drop: Spooled, n: int) -> Path:
        """Of its message n."""
        return self._directory / f"{drop.stem}.{n}"


def _message(one: Arrival) -> SpooledMessage:
    digest = hashlib.sha256()
    for piece in pieces(one.content):
        digest.update(piece)
    return SpooledMessage(
        digest.hexdigest(),
        len(one.content),
        tuple(flag.decode("latin-1") for flag in one.flags),
        one.internal_at,
        one.internal_zone,
    )


def _stem_of(found: re.Match[str]) -> str:
    return found[0].partition(".")[0]


def _on_disk(octets: int) -> int:
    return max(octets, BLOCK)
