"""A mail client that keeps what it knows of a folder between connections and asks what has changed
since, as RFC 7162 6 tells it to; it believes nothing but what it is told."""

from __future__ import annotations

import re
from typing import Any

import sexp
from session_model import applied
from session_view import responses
from transcript import Stage

_VANISHED = re.compile(rb"\* VANISHED (\(EARLIER\) )?([\d:,]+)")
_COUNT = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE)")
_CODE = re.compile(rb"\[(HIGHESTMODSEQ|UIDVALIDITY) (\d+)\]")


class Keeper:
    """flags: by UID. modseq: up to which it knows everything. last: up to this UID it has looked
    for new mail. uids: what stands under each number, None where it hasn't heard. quick: with
    QRESYNC, else with CONDSTORE alone."""

    def __init__(self, stage: Stage, name: str, place: str, quick: bool) -> None:
        self.stage = stage
        self.name = name
        self.place = place
        self.quick = quick
        self.flags: dict[int, set[str]] = {}
        self.modseq = 0
        self.last = 0
        self.uids: list[int | None] = []
        self._uidvalidity = 0
        self._storing: tuple[str, set[str]] | None = None
        self._tag = 0

    def connect(self) -> None:
        """Comes back, or for the first time, and is up to date afterwards."""
        known = self.modseq
        if self.quick:
            self.say("ENABLE QRESYNC")
        resync = f"QRESYNC ({self._uidvalidity} {known})" if self.quick and known else "CONDSTORE"
        self.say(f'SELECT "{self.place}" ({resync})')
        self.say("UID SEARCH ALL")
        if not self.quick:
            for uid in self.flags.keys() - set(self.uids):
                del self.flags[uid]
            if known and self.last:
                self.say(f"UID FETCH 1:{self.last} (FLAGS) (CHANGEDSINCE {known})")
        self.look_for_new()

    def look_for_new(self) -> None:
        while None in self.uids:
            self.say("UID SEARCH ALL")
        highest = max((uid for uid in self.uids if uid is not None), default=0)
        if highest > self.last:
            self.say(f"UID FETCH {self.last + 1}:* (FLAGS)")
            self.last = highest

    def store(self, uids: str, mode: str, flags: set[str], modifier: str) -> None:
        """In silence: of what the server says nothing but the mod-sequence, it is done."""
        self._storing = mode, flags
        self.say(f"UID STORE {uids} {modifier}{mode}FLAGS.SILENT ({' '.join(sorted(flags))})")
        self._storing = None

    def say(self, command: str) -> None:
        self._tag += 1
        client = self.stage.client(self.name)
        client.send(b"k%d %b\r\n" % (self._tag, command.encode()))
        self.stage.tell_news()
        told = list(responses(client.wire.take()))
        assert told[-1].startswith((b"k%d OK" % self._tag, b"k%d NO" % self._tag)), told
        self._take(told)

    def lose(self) -> None:
        """The connection; what is kept stays."""
        self.stage.client(self.name).lose()
        del self.stage.clients[self.name]
        self.uids = []

    def _take(self, told: list[bytes]) -> None:
        codes: list[int] = []
        seen = [self.modseq]
        for line in told:
            for word, number in _CODE.findall(line):
                if word == b"HIGHESTMODSEQ":
                    codes.append(int(number))
                else:
                    self._uidvalidity = int(number)
            if found := _VANISHED.fullmatch(line):
                self._vanish(_expanded(found[2]), found[1] is not None)
            elif found := _COUNT.fullmatch(line):
                self._count(int(found[1]), found[2] == b"EXISTS")
            elif line.startswith(b"* SEARCH"):
                uids = [int(uid) for uid in line.split()[2:]]
                assert len(uids) == len(self.uids), (uids, self.uids)
                self.uids = list(uids)
            elif b" FETCH " in line.split(b"\r\n")[0]:
                [(number, items)] = sexp.fetches(line + b"\r\n")
                assert self.uids[number - 1] in (None, items["UID"]), (line, self.uids)
                self.uids[number - 1] = items["UID"]
                seen.append(self._fetched(items))
        # RFC 7162 6: a code counts, whatever else was seen.
        self.modseq = codes[-1] if codes else max(seen)

    def _count(self, number: int, exists: bool) -> None:
        if exists:
            self.uids += [None] * (number - len(self.uids))
            return
        assert not self.quick
        uid = self.uids.pop(number - 1)
        if uid is not None:
            self.flags.pop(uid, None)

    def _vanish(self, uids: list[int], earlier: bool) -> None:
        assert self.quick
        for uid in uids:
            self.flags.pop(uid, None)
            if earlier:
                assert uid not in self.uids, (uid, self.uids)
            else:
                self.uids.remove(uid if uid in self.uids else None)

    def _fetched(self, items: dict[str, Any]) -> int:
        uid = items["UID"]
        if "FLAGS" in items:
            self.flags[uid] = set(items["FLAGS"]) - {"\\Recent"}
        elif self._storing is not None:
            self.flags[uid] = applied(self.flags.get(uid, set()), *self._storing)
        return int(items["MODSEQ"][0]) if "MODSEQ" in items else 0


def _expanded(numbers: bytes) -> list[int]:
    ends = [[int(end) for end in one.split(b":")] for one in numbers.split(b",")]
    return [number for one in ends for number in range(one[0], one[-1] + 1)]
