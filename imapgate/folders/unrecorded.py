"""COPYs and MOVEs that were refused, and are on no record yet since the database took none.

A client may expunge what it was refused (rule 3), and then the record decides whether the mail is
kept: so the refusal waits here, in memory and in the spool, and is recorded before anything is
expunged.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from imapgate.folders import incidents, records
from imapgate.folders.listing import find_by_id
from imapgate.folders.spool_files import make_directory, write
from imapgate.folders.spooled import Damaged, checked
from imapgate.folders.taking_in import owner
from storage import Database, Tx, standing
from storage.engine import Unavailable
from storage.files import put

FORM = 1
"""Of the JSON; another one is left to the version that knows it."""
MOST = 16 * 1024 * 1024
"""Octets of all that waits; each names messages as ranges of UIDs."""
MOST_OF_ONE = 4 * 1024 * 1024
"""Octets of what waits of one person."""
SUFFIX, HALF = ".refused", ".refusing"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """command: COPY or MOVE. source_id: folder in which the messages stand; uidvalidity: its own,
    since in a restored database the number may be another folder's; uids: ranges (first, last).
    name: of the folder that they were for. at: seconds since 1970; code, text: the answer."""

    segment: str
    principal_id: int
    principal: str
    command: str
    source_id: int
    uidvalidity: int
    uids: tuple[tuple[int, int], ...]
    name: str
    client: str
    verdict: str
    code: str
    text: str
    at: int
    times: int = 1

    @property
    def stem(self) -> str:
        """The same for the same messages of the same person to the same folder."""
        same = [self.segment, self.principal, self.command, self.uidvalidity, self.uids, self.name]
        named = hashlib.sha256(json.dumps(same).encode("ascii")).hexdigest()[:32]
        return f"{self.principal_id}-{named}"

    def to_json(self) -> bytes:
        return json.dumps({"form": FORM, **asdict(self)}).encode("ascii")

    @classmethod
    def from_json(cls, octets: bytes) -> Refusal:
        """Raises Damaged."""
        try:
            values = json.loads(octets)
            if values.pop("form") != FORM:
                raise Damaged("it was written by another version")
            uids = tuple((first, last) for first, last in values.pop("uids"))
            found = cls(uids=uids, **values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Damaged("its description can't be read") from error
        checked((found.segment, found.principal, found.command, found.name, found.client), str)
        checked((found.verdict, found.code, found.text), str)
        checked((found.principal_id, found.source_id, found.uidvalidity), int)
        checked((found.at, found.times), int)
        checked(tuple(uid for one in found.uids for uid in one), int)
        return found


class Unrecorded:
    """May be used from any thread but the reactor's."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._waiting: dict[str, Refusal] = {}
        self._octets: dict[str, int] = {}
        self._looked = False

    @property
    def waiting(self) -> bool:
        return bool(self._waiting) or not self._looked

    def note(self, refusal: Refusal) -> None:
        """From here on `settle` records it, after a start too unless the disk takes nothing."""
        stem, octets = refusal.stem, len(refusal.to_json())
        with self._lock:
            known = self._waiting.get(stem)
            if known is not None:
                refusal = replace(refusal, times=known.times + 1)
            elif self._is_full(refusal, octets):
                _log.error("a refusal can't be recorded, nor kept to be: too many wait")
                return
            self._waiting[stem] = refusal
            self._octets[stem] = octets
            try:
                make_directory(self._directory)
                new = self._directory / f"{stem}{HALF}"
                write(new, refusal.to_json())
                put(new, self._path(stem), replace=True)
            except OSError as error:
                _log.error("a refusal waits in memory alone: %s", error.strerror)

    def _is_full(self, refusal: Refusal, octets: int) -> bool:
        own = [
            self._octets[stem]
            for stem, one in self._waiting.items()
            if one.principal_id == refusal.principal_id
        ]
        return sum(self._octets.values()) + octets > MOST or sum(own) + octets > MOST_OF_ONE

    def settle(self, db: Database, principal_id: int | None = None) -> None:
        """Records what waits, in the order in which it came. Raises Unavailable, and what keeps a
        refusal of this principal from being recorded: it waits on, and decides what may be
        expunged. Quick where nothing waits; a crash in the midst may record one twice, which does
        no harm."""
        if not self.waiting:
            return
        with self._lock:
            self._look()
            for stem, one in sorted(self._waiting.items(), key=lambda item: item[1].at):
                try:
                    db.write(_recording(one))
                except Unavailable:
                    raise
                except Damaged as damage:
                    _log.error("%s%s is passed over: %s", stem, SUFFIX, damage)
                except Exception as error:
                    if one.principal_id == principal_id:
                        raise
                    incidents.report(error, "recording a refusal that waited")
                    continue
                else:
                    with contextlib.suppress(OSError):
                        self._path(stem).unlink()
                del self._waiting[stem], self._octets[stem]

    def _look(self) -> None:
        """What an earlier process left; what it left half written is removed."""
        if self._looked:
            return
        for half in self._directory.glob(f"*{HALF}"):
            with contextlib.suppress(OSError):
                half.unlink()
        for file in self._directory.glob(f"*{SUFFIX}"):
            try:
                one = Refusal.from_json(file.read_bytes())
            except (Damaged, OSError) as error:
                _log.error("%s is passed over: %s", file.name, error)
                continue
            self._waiting.setdefault(one.stem, one)
            self._octets.setdefault(one.stem, len(one.to_json()))
        self._looked = True

    def _path(self, stem: str) -> Path:
        return self._directory / f"{stem}{SUFFIX}"


def _recording(one: Refusal) -> Callable[[Tx], None]:
    return lambda tx: _record(tx, one)


def _record(tx: Tx, one: Refusal) -> None:
    """Raises Damaged if its owner or its source isn't here."""
    person = owner(tx, one.principal_id, one.principal, one.segment)
    source = find_by_id(tx, person, one.source_id)
    if source is None or source.uidvalidity != one.uidvalidity:
        raise Damaged("the folder that it came from isn't there any more")
    refused = [uid for first, last in one.uids for uid in range(first, last + 1)]
    result = records.Result(one.verdict, one.text, one.code)
    dropped = records.messages(tx, standing.load(tx, one.source_id, refused))
    records.write(
        tx,
        person,
        records.Road(one.command, one.client, None, one.name),
        [(message, result) for message in dropped],
        records.Earlier(one.at, one.times, one.at if one.times > 1 else None),
    )
