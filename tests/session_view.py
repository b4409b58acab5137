"""One client's picture of its selected folder, from untagged responses alone (RFC 3501 7), held
against what `session_model` says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sexp
from session_model import Place

RECENT = "\\Recent"
_LITERAL = re.compile(rb"\{(\d+)\}$")
_COUNT = re.compile(rb"\* (\d+) (EXISTS|RECENT|EXPUNGE)")
_LIST = re.compile(rb"\* FLAGS \((.*)\)")


def responses(data: bytes) -> Iterator[bytes]:
    """Each with its literals, without the last line end."""
    start = at = 0
    while at < len(data):
        end = data.index(b"\r\n", at)
        literal = _LITERAL.search(data, at, end)
        at = end + 2
        if literal:
            at += int(literal[1])
        else:
            yield data[start:end]
            start = at
    assert start == len(data), f"cut: {data[start:]!r}"


class View:
    """What the client holds after SELECT or EXAMINE of a place; it knows all UIDs that stand there
    then, and those of arrivals when it is told of them. flags: by UID, as last told. keywords: of
    the last FLAGS; used: in FETCH. saved: UIDs that the last SEARCH RETURN (SAVE) found."""

    def __init__(self, person: str, place: Place, writable: bool) -> None:
        self.person = person
        self.place = place
        self.writable = writable
        self.uids = sorted(place.entries)
        self.last = place.uidnext - 1
        self.flags: dict[int, set[str]] = {}
        self.keywords: set[str] = set()
        self.used: set[str] = set()
        self.saved: set[int] = set()
        self.recent_from = place.old.get(person, 0) + 1
        if writable:
            place.old[person] = self.last

    def leave(self) -> None:
        """What was shown as \\Recent is recent no longer; EXAMINE changes nothing."""
        if self.writable:
            self.place.old[self.person] = max(self.last, self.place.old.get(self.person, 0))

    @property
    def recent(self) -> int:
        return sum(1 for uid in self.uids if uid >= self.recent_from)

    def alive(self) -> list[int]:
        """UIDs that the client knows and that are there."""
        return [uid for uid in self.uids if uid in self.place.entries]

    def hear(self, said: bytes, may_expunge: bool) -> dict[str, Any] | None:
        """Takes one untagged response in; of a FETCH gives items and, as "uid", whose they are."""
        if found := _COUNT.fullmatch(said):
            self._count(int(found[1]), found[2].decode(), may_expunge)
        elif found := _LIST.fullmatch(said):
            self.keywords = set(found[1].decode().split())
        elif b" FETCH " in said.split(b"\r\n")[0]:
            [(number, items)] = sexp.fetches(said + b"\r\n")
            assert 1 <= number <= len(self.uids), f"no message {number}: {said!r}"
            return self._fetched(self.uids[number - 1], items)
        return None

    def check_keywords(self) -> None:
        """When a command is done, FLAGS has told every keyword that a FETCH used."""
        assert self.used <= self.keywords, (self.used, self.keywords)

    def check_settled(self) -> None:
        """After a NOOP, and all through IDLE: the client knows all that there is."""
        assert self.uids == sorted(self.place.entries), (self.uids, sorted(self.place.entries))
        for uid, known in self.flags.items():
            if uid in self.place.entries:
                now = self.place.flags(self.person, uid)
                assert known == now, f"UID {uid}: told {known}, is {now}"

    def _count(self, number: int, word: str, may_expunge: bool) -> None:
        if word == "EXPUNGE":
            assert may_expunge, "EXPUNGE while numbers are in use"
            assert 1 <= number <= len(self.uids), f"no message {number} to expunge"
            uid = self.uids.pop(number - 1)
            assert uid not in self.place.entries, f"UID {uid} is still there"
        elif word == "EXISTS":
            new = [uid for uid in sorted(self.place.entries) if uid > self.last]
            assert new, "EXISTS, though nothing came"
            assert number == len(self.uids) + len(new), (number, self.uids, new)
            self.uids += new
            self.last = new[-1]
        else:
            assert number == self.recent, (number, self.recent)

    def _fetched(self, uid: int, items: dict[str, Any]) -> dict[str, Any]:
        assert items.get("UID", uid) == uid, (uid, items)
        if "FLAGS" in items:
            flags = set(items["FLAGS"])
            assert (RECENT in flags) == (uid >= self.recent_from), (uid, flags, self.recent_from)
            flags.discard(RECENT)
            self.used |= {one for one in flags if not one.startswith("\\")}
            if uid in self.place.entries:
                now = self.place.flags(self.person, uid)
                assert flags == now, f"UID {uid}: told {flags}, is {now}"
            self.flags[uid] = flags
        for name, value in items.items():
            if name.startswith("BODY["):
                assert value == self.place.ever[uid].content, (uid, value)
        return {**items, "uid": uid}
