"""The disk as a power cut leaves it, made from a record of what was written and flushed.

What a completed flush of a file covers is there. Of everything later any part may be there: whole
writes, sectors of them in any order, sizes without content, nothing. A name is sure only once its
directory was flushed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from random import Random

from events import Cut, Event, Flush, Named, Unnamed, Write, parent

SECTOR = 512
"""Octets that a disk writes whole or not at all."""


class Survives(Enum):
    """What is left of that which no flush has covered."""

    NOTHING = "nothing"
    EVERYTHING = "everything"
    BEGINNING = "the earlier writes and a part of the next"
    SECTORS = "any sectors"


@dataclass
class _Content:
    """A file without its name. unsure: what no flush has covered, in order."""

    sure: bytearray
    unsure: list[Write | Cut] = field(default_factory=list)


@dataclass
class _Renaming:
    """A change of names that no flush of its directory has covered."""

    left: int
    directory: str
    gone: str | None
    name: str | None
    content: _Content | None

    def happens(self, names: dict[str, _Content]) -> None:
        if self.gone is not None:
            names.pop(self.gone, None)
        if self.name is not None and self.content is not None:
            names[self.name] = self.content


class Disk:
    """Advance it through the events; `image` gives what a cut at that moment would leave."""

    def __init__(self, files: Mapping[str, bytes], events: Sequence[Event]) -> None:
        """files: what stands there for sure before the first event."""
        self._sure = {name: _Content(bytearray(octets)) for name, octets in files.items()}
        self._now = dict(self._sure)
        self._renamings: list[_Renaming] = []
        # A write may be on the disk as soon as it was begun, a flush counts once it has ended.
        moments = [
            (one.left if isinstance(one, Flush) else one.entered, one)
            for one in events
            if isinstance(one, Write | Cut | Named | Unnamed | Flush)
        ]
        self._moments = sorted(moments, key=lambda one: one[0])
        self._next = 0

    def advance(self, position: int) -> None:
        """To the moment just before that position of the record."""
        while self._next < len(self._moments) and self._moments[self._next][0] < position:
            self._happens(self._moments[self._next][1])
            self._next += 1

    @property
    def unsure(self) -> int:
        """Writes that no flush has covered."""
        return sum(len(one.unsure) for one in self._now.values())

    def image(self, survives: Survives, rng: Random) -> dict[str, bytes]:
        """The files after a cut now."""
        kept = len(self._renamings)
        if survives is Survives.NOTHING:
            kept = 0
        elif survives is not Survives.EVERYTHING:
            kept = rng.randint(0, kept)
        names = dict(self._sure)
        for one in self._renamings[:kept]:
            one.happens(names)
        return {name: _left(content, survives, rng) for name, content in names.items()}

    def _happens(self, event: Event) -> None:
        match event:
            case Named(file=file, source=None) if file in self._now:
                pass
            case Named(left=left, file=file, source=source):
                content = _Content(bytearray()) if source is None else self._now[source]
                self._rename(_Renaming(left, parent(file), None, file, content))
            case Unnamed(left=left, file=file, target=None):
                self._rename(_Renaming(left, parent(file), file, None, None))
            case Unnamed(left=left, file=file, target=str(target)):
                content = self._now[file]
                self._rename(_Renaming(left, parent(target), file, target, content))
            case Write(file=file) | Cut(file=file):
                self._now[file].unsure.append(event)
            case Flush(file=file, entered=entered) if file.endswith("/"):
                self._flush_names(file.removesuffix("/"), entered)
            case Flush(file=file, entered=entered):
                content = self._now[file]
                for one in content.unsure:
                    if one.left < entered:
                        _apply(content.sure, one)
                content.unsure = [one for one in content.unsure if one.left >= entered]

    def _rename(self, renaming: _Renaming) -> None:
        renaming.happens(self._now)
        self._renamings.append(renaming)

    def _flush_names(self, directory: str, entered: int) -> None:
        waiting = []
        for one in self._renamings:
            if one.directory == directory and one.left < entered:
                one.happens(self._sure)
            else:
                waiting.append(one)
        self._renamings = waiting


def _left(content: _Content, survives: Survives, rng: Random) -> bytes:
    octets = bytearray(content.sure)
    for one in _survivors(content.unsure, survives, rng):
        _apply(octets, one)
    return bytes(octets)


def _survivors(
    unsure: Sequence[Write | Cut], survives: Survives, rng: Random
) -> Iterator[Write | Cut]:
    if survives is Survives.NOTHING:
        return
    if survives is Survives.EVERYTHING:
        yield from unsure
        return
    if survives is Survives.BEGINNING:
        kept = rng.randint(0, len(unsure))
        yield from unsure[:kept]
        yield from (piece for one in unsure[kept : kept + 1] for piece in _sectors(one, rng, 0.5))
        return
    share = rng.choice((0.05, 0.5, 0.95))
    for one in unsure:
        yield from _sectors(one, rng, share)


def _sectors(one: Write | Cut, rng: Random, share: float) -> Iterator[Write | Cut]:
    if isinstance(one, Cut):
        if rng.random() < share:
            yield one
        return
    if rng.random() < 0.2:
        # The size came to the disk, the content didn't.
        yield Write(one.entered, one.left, one.file, one.at + len(one.octets), b"")
    start = 0
    while start < len(one.octets):
        end = min(len(one.octets), start + SECTOR - (one.at + start) % SECTOR)
        if rng.random() < share:
            yield Write(one.entered, one.left, one.file, one.at + start, one.octets[start:end])
        start = end


def _apply(octets: bytearray, one: Write | Cut) -> None:
    end = one.size if isinstance(one, Cut) else one.at + len(one.octets)
    if len(octets) < end:
        octets.extend(bytes(end - len(octets)))
    if isinstance(one, Cut):
        del octets[end:]
    else:
        octets[one.at : end] = one.octets
