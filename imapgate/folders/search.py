"""SEARCH (RFC 3501 6.4.4) over the messages that the session knows."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Sequence

from imapgate.activities.people import Person
from imapgate.folders import flag_names
from imapgate.folders.listing import check_seen
from imapgate.folders.ready import searchable
from imapgate.folders.tree import Folder
from imapgate.wire.commands import (
    And,
    Everything,
    HasDate,
    HasFlag,
    HasSize,
    HasText,
    InNumbers,
    Not,
    Or,
    SearchKey,
)
from storage import Tx, keywords
from storage import reading as rows
from storage import search as questions

_EPOCH = datetime.date(1970, 1, 1)
_FEW = 20
"""Below one in so many of the folder's messages, candidates are named to the database."""

_COST = {
    Everything: 0,
    InNumbers: 0,
    HasFlag: 1,
    HasSize: 1,
    HasDate: 2,
    HasText: 4,
}


def search(
    tx: Tx, person: Person, folder: Folder, uids: Sequence[int], recent_from: int, key: SearchKey
) -> list[int]:
    """uids: the session's view, ascending (its sequence numbers). Returns matching UIDs, ascending.

    What others expunged meanwhile is found by number only: it has no flags, no size and no text any
    more, as RFC 2180 4.1 leaves open. Raises Invisible."""
    check_seen(tx, person, folder)
    if not uids:
        return []
    return sorted(_Search(tx, person, folder, uids, recent_from).among(frozenset(uids), key))


class _Search:
    """One SEARCH; a key is asked about the candidates that the keys before it left."""

    def __init__(
        self, tx: Tx, person: Person, folder: Folder, uids: Sequence[int], recent_from: int
    ) -> None:
        self._tx = tx
        self._person = person
        self._folder = folder
        self._uids = uids
        self._recent_from = recent_from

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
                if by_uid:
                    return numbers.among_uids(self._uids)
                positions = numbers.among_uids(range(1, len(self._uids) + 1))
                return [self._uids[position - 1] for position in positions]
            case HasSize(octets, larger):
                return questions.sized(self._tx, self._within(candidates), octets, larger)
            case HasDate():
                return self._dated(candidates, key)
            case HasText():
                return self._with_text(candidates, key)
        raise TypeError(f"no search key {type(key).__name__}")

    def _flagged(self, candidates: frozenset[int], flag: bytes) -> Sequence[int]:
        flag = flag_names.canonical(flag)
        if flag == flag_names.RECENT:
            return self._uids[bisect_left(self._uids, self._recent_from) :]
        if flag in flag_names.OWN:
            bit = flag_names.OWN[flag]
            return rows.own_flagged(self._tx, self._person.id, self._folder.id, bit)
        within = self._within(candidates)
        if flag in flag_names.SHARED:
            return questions.with_flag(self._tx, within, flag_names.SHARED[flag])
        wanted = flag.decode("ascii", "replace").lower()
        known = keywords.known(self._tx, self._folder.id)
        names = [name for name in known if name.lower() == wanted]
        return questions.with_keyword(self._tx, within, names) if names else []

    def _dated(self, candidates: frozenset[int], key: HasDate) -> Sequence[int]:
        """Times and zones are disregarded: the day counts as it was written (RFC 3501 6.4.4)."""
        one = datetime.timedelta(days=1)
        first: datetime.date | None = None
        last: datetime.date | None = None
        if key.comparison != b"BEFORE":
            first = key.day
        if key.comparison == b"ON":
            last = key.day
        elif key.comparison == b"BEFORE":
            if key.day == datetime.date.min:
                return []
            last = key.day - one
        days = (_day_number(first), _day_number(last))
        within = self._within(candidates)
        if not key.sent:
            return questions.received(self._tx, within, *days)
        return questions.sent(self._tx, within, _iso(first), _iso(last), days)

    def _with_text(self, candidates: frozenset[int], key: HasText) -> Sequence[int]:
        text = searchable(key.text)
        within = self._within(candidates)
        if key.where in (b"TEXT", b"BODY"):
            return questions.containing(self._tx, within, text, key.where == b"TEXT")
        name = key.where.decode("ascii", "replace").lower()
        found = questions.headers_containing(self._tx, within, (f"{name}:", text))
        return [uid for uid, header in found if _has_field(header, name, text)]

    def _within(self, candidates: frozenset[int]) -> questions.Within:
        named = len(candidates) * _FEW < len(self._uids)
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


def _day_number(day: datetime.date | None) -> int | None:
    return None if day is None else (day - _EPOCH).days


def _iso(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()
