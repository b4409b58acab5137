"""SEARCH (RFC 3501 6.4.4, WITHIN RFC 5032, MODSEQ RFC 7162, OBJECTID RFC 8474, SAVEDATE RFC 8514)
over the messages that the session knows."""

from __future__ import annotations

import datetime
import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from imapgate.activities.people import Person
from imapgate.folders import flag_names
from imapgate.folders.listing import check_seen
from imapgate.folders.ready import searchable
from imapgate.folders.tree import Folder
from imapgate.wire.commands import (
    And,
    Everything,
    HasAge,
    HasDate,
    HasFlag,
    HasModseq,
    HasObjectId,
    HasSaveDate,
    HasSize,
    HasText,
    InNumbers,
    Not,
    Or,
    SearchKey,
)
from storage import Tx, keywords, runs
from storage import reading as rows
from storage import search as questions

_EPOCH = datetime.date(1970, 1, 1)
_FIRST_DAY = (datetime.date.min - _EPOCH).days
_FEW = 20
"""Below one in so many of the messages looked at, candidates are named to the database."""
FIRST, FEWEST = 1000, 16
"""Messages of the first step, and of any; the others' follow from the time that one takes."""
LONG = 0.1
"""Seconds of a step."""

_COST = {
    Everything: 0,
    InNumbers: 0,
    HasFlag: 1,
    HasModseq: 1,
    HasSize: 1,
    HasAge: 1,
    HasSaveDate: 1,
    HasObjectId: 1,
    HasDate: 2,
    HasText: 4,
}


def search(
    tx: Tx,
    person: Person,
    folder: Folder,
    uids: Sequence[int],
    recent_from: int,
    saved: Sequence[int],
    key: SearchKey,
) -> list[int]:
    """All of a SearchCursor's steps in one transaction; arguments as there. Returns matching UIDs,
    ascending. Raises Invisible."""
    cursor = SearchCursor(person, folder, uids, recent_from, saved, key)
    cursor.step(tx)
    while not cursor.done:
        cursor.step(tx)
    return cursor.found


class SearchCursor:
    """Walks the messages of one SEARCH, from the first on; each `step` is one short read
    transaction, since what others commit meanwhile stays in the write-ahead log.

    What others expunged meanwhile is found by number only: it has no flags, no size and no text any
    more, as RFC 2180 4.1 leaves open."""

    def __init__(
        self,
        person: Person,
        folder: Folder,
        uids: Sequence[int],
        recent_from: int,
        saved: Sequence[int],
        key: SearchKey,
    ) -> None:
        """uids: the session's view, ascending (its sequence numbers). saved: UIDs that `$` names,
        in no order, perhaps of messages that have gone (RFC 5182)."""
        self.found: list[int] = []
        """Matching UIDs so far, ascending."""
        self.looked_at = 0
        """How many of the messages have been looked at."""
        self.modseq = 0
        """The folder's at the first step: every change up to here is seen by all steps."""
        self._person = person
        self._folder = folder
        self._uids = uids
        self._recent_from = recent_from
        self._saved = saved
        self._named: frozenset[int] = frozenset()
        self._key = key
        self._now: int | None = None
        self._at_once = FIRST

    def __len__(self) -> int:
        """How many messages there are to look at."""
        return len(self._uids)

    @property
    def done(self) -> bool:
        return self.looked_at >= len(self._uids)

    def step(self, tx: Tx) -> None:
        """Looks at some more messages, as many as take about LONG. Raises Invisible."""
        check_seen(tx, self._person, self._folder)
        if self._now is None:
            self._now = tx.now
            # Not where the cursor is made: that is on the reactor.
            self._named = frozenset(self._saved)
            self.modseq = rows.state(tx, self._person.id, self._folder.id).modseq
        if self.done:
            return
        begun = time.monotonic()
        stop = min(len(self._uids), self.looked_at + self._at_once)
        one = _Search(
            tx,
            self._person,
            self._folder,
            self._uids,
            self._recent_from,
            self._named,
            self._now,
            self.looked_at,
            stop,
        )
        candidates = frozenset(self._uids[self.looked_at : stop])
        self.found.extend(sorted(one.among(candidates, self._key)))
        self.looked_at = stop
        took = time.monotonic() - begun
        if took < LONG / 2:
            self._at_once *= 2
        elif took > LONG:
            self._at_once = max(FEWEST, self._at_once // 2)


class _Search:
    """One SEARCH of a stretch of the messages; a key is asked about the candidates that the keys
    before it left. No key may look at more than the stretch: there are thousands of these in a
    large folder."""

    def __init__(
        self,
        tx: Tx,
        person: Person,
        folder: Folder,
        uids: Sequence[int],
        recent_from: int,
        saved: frozenset[int],
        now: int,
        start: int,
        stop: int,
    ) -> None:
        """start, stop: the stretch's places in uids. now: seconds since 1970 UTC."""
        self._tx = tx
        self._person = person
        self._folder = folder
        self._uids = uids
        self._first_recent = bisect_left(uids, recent_from)
        self._saved = saved
        self._now = now
        self._start = start
        self._stop = stop

    def among(self, candidates: frozenset[int], key: SearchKey) -> frozenset[int]:
        """Those of the candidates that match."""
        if not candidates:
            return candidates
        match key:
            case Everything():
                return candidates
            case And(keys):
                for one in sorted(keys, key=_cost):
                    candidates = self.among(candidates, one)
                return candidates
            case Or(left, right):
                first, second = sorted((left, right), key=_cost)
                found = self.among(candidates, first)
                return found | self.among(candidates - found, second)
            case Not(inner):
                return candidates - self.among(candidates, inner)
            case HasFlag(flag, present):
                found = candidates.intersection(self._flagged(candidates, flag))
                return found if present else candidates - found
            case _:
                return candidates.intersection(self._matching(candidates, key))

    def _matching(self, candidates: frozenset[int], key: SearchKey) -> Sequence[int]:
        """Matching UIDs, perhaps others than the candidates as well."""
        match key:
            case InNumbers(numbers, by_uid):
                here = self._uids[self._start : self._stop]
                if by_uid:
                    named = numbers.among_uids(here, self._uids[-1])
                else:
                    positions = range(self._start + 1, self._stop + 1)
                    named = [
                        self._uids[position - 1]
                        for position in numbers.among_uids(positions, len(self._uids))
                    ]
                return [*named, *(candidates & self._saved)] if numbers.saved else named
            case HasSize(octets, larger):
                return questions.sized(self._tx, self._within(candidates), octets, larger)
            case HasModseq(least):
                return self._changed(candidates, least)
            case HasAge(seconds, older):
                then = self._now - seconds
                return questions.aged(self._tx, self._within(candidates), then, older)
            case HasObjectId(object_id, thread):
                return questions.called(self._tx, self._within(candidates), object_id, thread)
            case HasSaveDate(comparison, day):
                days = _day_numbers(comparison, day)
                return questions.saved(self._tx, self._within(candidates), *days)
            case HasDate():
                return self._dated(candidates, key)
            case HasText():
                return self._with_text(candidates, key)
        raise TypeError(f"no search key {type(key).__name__}")

    def _flagged(self, candidates: frozenset[int], flag: bytes) -> Sequence[int]:
        flag = flag_names.canonical(flag)
        if flag == flag_names.RECENT:
            return self._uids[max(self._start, self._first_recent) : self._stop]
        if flag in flag_names.OWN:
            bit, first, last = flag_names.OWN[flag], min(candidates), max(candidates)
            return rows.own_flagged(self._tx, self._person.id, self._folder.id, bit, first, last)
        within = self._within(candidates)
        if flag in flag_names.SHARED:
            return questions.with_flag(self._tx, within, flag_names.SHARED[flag])
        wanted = flag.decode("ascii", "replace").lower()
        known = keywords.known(self._tx, self._folder.id)
        names = [name for name in known if name.lower() == wanted]
        return questions.with_keyword(self._tx, within, names) if names else []

    def _changed(self, candidates: frozenset[int], least: int) -> Sequence[int]:
        """A message's mod-sequence is the higher of its own and that of the person's flags."""
        if least <= 1:
            return list(candidates)
        within = self._within(candidates)
        own = runs.load(self._tx, self._person.id, self._folder.id, within.low, within.high)
        found = questions.changed(self._tx, within, least)
        for run in own:
            if run.modseq >= least:
                start = bisect_left(self._uids, run.first, self._start, self._stop)
                found.extend(
                    self._uids[start : bisect_right(self._uids, run.last, start, self._stop)]
                )
        return found

    def _dated(self, candidates: frozenset[int], key: HasDate) -> Sequence[int]:
        """Times and zones are disregarded: the day counts as it was written (RFC 3501 6.4.4)."""
        days = _day_numbers(key.comparison, key.day)
        within = self._within(candidates)
        if not key.sent:
            return questions.received(self._tx, within, *days)
        first, last = map(_iso, days)
        return questions.sent(self._tx, within, first, last, days)

    def _with_text(self, candidates: frozenset[int], key: HasText) -> Sequence[int]:
        text = searchable(key.text)
        within = self._within(candidates)
        if key.where in (b"TEXT", b"BODY"):
            return questions.containing(self._tx, within, text, key.where == b"TEXT")
        name = key.where.decode("ascii", "replace").lower()
        found = questions.headers_containing(self._tx, within, (f"{name}:", text))
        return [uid for uid, header in found if _has_field(header, name, text)]

    def _within(self, candidates: frozenset[int]) -> questions.Within:
        named = len(candidates) * _FEW < self._stop - self._start
        return questions.Within(
            self._folder.id,
            min(candidates),
            max(candidates),
            sorted(candidates) if named else None,
        )


def _has_field(header: str, name: str, text: str) -> bool:
    """header: lines `name: value`."""
    start = f"{name}:"
    return any(
        text in line[len(start) :].strip() for line in header.split("\n") if line.startswith(start)
    )


def _cost(key: SearchKey) -> int:
    """The cheap and narrowing ones come first."""
    match key:
        case And(keys):
            return max(map(_cost, keys), default=0)
        case Or(left, right):
            return max(_cost(left), _cost(right))
        case Not(inner):
            return _cost(inner)
    return _COST.get(type(key), 3)


def _day_numbers(comparison: bytes, day: datetime.date) -> tuple[int | None, int | None]:
    """The first and the last day that match, as days since 1970; None: without bound."""
    number = (day - _EPOCH).days
    if comparison == b"BEFORE":
        return None, number - 1
    return number, number if comparison == b"ON" else None


def _iso(day: int | None) -> str | None:
    """As the Date header's day is stored; the day before the year 1 comes before all of them."""
    if day is None:
        return None
    return "" if day < _FIRST_DAY else (_EPOCH + datetime.timedelta(days=day)).isoformat()
