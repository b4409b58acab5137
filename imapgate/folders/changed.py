"""What changed in a folder since a mod-sequence, as one person sees it (CONDSTORE and QRESYNC, RFC
7162). A message's mod-sequence is the higher of its own, which everybody sees, and that of the
person's own flags: what others do with theirs changes nothing here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

from imapgate.activities.people import Person
from imapgate.folders import flag_names
from imapgate.wire.commands import Resync
from imapgate.wire.numbers import NumberSet, common
from storage import Tx, expunged, runs
from storage import reading as rows


class FlagsNow(NamedTuple):
    """A message as it stands. flags: without \\Recent, ready bytes like b"\\\\Seen $x"."""

    uid: int
    flags: bytes
    modseq: int


def flags_since(tx: Tx, person: Person, folder_id: int, since: int, below: int) -> list[FlagsNow]:
    """Of messages with UIDs below `below`, ascending: of shared changes and of this person's own;
    what others did with their own isn't told."""
    columns = ("flags", "keywords", "modseq")
    shared = sorted(rows.changed_entries(tx, folder_id, since, below))
    wanted = set(shared)
    found = [row for row in rows.entries(tx, folder_id, shared, columns) if row[0] in wanted]
    own = [
        replace(run, last=min(run.last, below - 1))
        for run in rows.changed_runs(tx, person.id, folder_id, since)
        if run.first < below
    ]
    found += [row for row in rows.within_runs(tx, folder_id, own, columns) if row[0] not in wanted]
    if not found:
        return []
    found.sort(key=itemgetter(0))
    mine = flag_names.own_state(runs.load(tx, person.id, folder_id, found[0][0], found[-1][0]))
    return [
        flags_now(uid, flags, keywords, modseq, *mine(uid))
        for uid, flags, keywords, modseq in found
    ]


def flags_now(
    uid: int, shared: int, keywords: str, modseq: int, own: int, own_modseq: int
) -> FlagsNow:
    """From an entry's columns and what is the person's own."""
    return FlagsNow(uid, flag_names.ready(shared, own, keywords), max(modseq, own_modseq))


def uids_since(
    tx: Tx, person: Person, folder_id: int, since: int, uids: Sequence[int]
) -> list[int]:
    """Those of uids (ascending) whose mod-sequence is above `since`, ascending."""
    if not uids or since < 1:
        return list(uids)
    shared = rows.changed_entries(tx, folder_id, since, uids[-1] + 1)
    found = {uid for uid in shared if uids[bisect_left(uids, uid)] == uid}
    for run in rows.changed_runs(tx, person.id, folder_id, since):
        found.update(uids[bisect_left(uids, run.first) : bisect_right(uids, run.last)])
    return sorted(found)


def highest(tx: Tx, person: Person, folder_id: int, uids: Sequence[int]) -> int | None:
    """The highest mod-sequence of these messages, None if there are none: what a search for MODSEQ
    tells beside what it found (RFC 7162 3.1.5)."""
    if not uids:
        return None
    wanted = sorted(uids)
    own = flag_names.own_state(runs.load(tx, person.id, folder_id, wanted[0], wanted[-1]))
    shared: dict[int, int] = {
        row[0]: row[1] for row in rows.entries(tx, folder_id, wanted, ("modseq",))
    }
    return max(max(shared.get(uid, 1), own(uid)[1]) for uid in wanted)


def vanished_since(
    tx: Tx, folder_id: int, since: int, wanted: NumberSet | None, uids: Sequence[int], below: int
) -> list[tuple[int, int]]:
    """(first, last) of UIDs below `below` that were expunged since, ascending; perhaps of earlier
    ones, too. wanted: only among these UIDs (`*` is the highest that was given out). uids: what the
    session knows, ascending: what of it has gone is told in another way."""
    gone = expunged.since(tx, folder_id, since)
    named = [(1, below - 1)] if wanted is None else wanted.ranges_up_to(below - 1)
    return list(_without(common(gone, named), uids))


def _without(ranges: Sequence[tuple[int, int]], uids: Sequence[int]) -> Sequence[tuple[int, int]]:
    left: list[tuple[int, int]] = []
    for first, last in ranges:
        for uid in uids[bisect_left(uids, first) : bisect_right(uids, last)]:
            if first < uid:
                left.append((first, uid - 1))
            first = uid + 1
        if first <= last:
            left.append((first, last))
    return left


class Resynced(NamedTuple):
    """What a client that was away is told (RFC 7162 3.2.5.1). vanished: as of vanished_since."""

    vanished: list[tuple[int, int]]
    flags: list[FlagsNow]


def resync(
    tx: Tx,
    person: Person,
    folder_id: int,
    uidvalidity: int,
    uids: Sequence[int],
    uidnext: int,
    asked: Resync,
) -> Resynced:
    """uids: all that stand, ascending. Nothing where the client knows another UIDVALIDITY."""
    if asked.uidvalidity != uidvalidity:
        return Resynced([], [])
    since, known = asked.modseq, asked.known_uids
    vanished = vanished_since(tx, folder_id, since, known, uids, uidnext)
    if asked.matches is not None:
        matched = _matched(*asked.matches, uids)
        vanished = common(vanished, [(matched + 1, uidnext)])
    flags = flags_since(tx, person, folder_id, since, uidnext)
    if known is not None:
        named = frozenset(known.among_uids(uids))
        flags = [one for one in flags if one.uid in named]
    return Resynced(vanished, flags)


def _matched(numbers: NumberSet, uids: NumberSet, standing: Sequence[int]) -> int:
    """The highest UID that still stands under the number that the client knows, 0 if none: of all
    up to it, it knows whether they are there (RFC 7162 3.2.5.2). Both sets ascend and have the same
    size; what is beyond the folder's end isn't looked at."""
    highest = 0
    pairs = zip(_each(numbers, len(standing)), _each(uids, None), strict=False)
    for number, uid in pairs:
        if standing[number - 1] == uid:
            highest = uid
    return highest


def _each(numbers: NumberSet, most: int | None) -> Iterator[int]:
    for first, last in numbers.ranges:
        for number in range(first, last + 1):
            if most is not None and number > most:
                return
            yield number
