"""What several people do to folders, by RFC 3501 and docs/rules.md alone: apart from imapgate's
code, for tests that hold the two against each other.

Some places for each person and places that groups share. Flags are written as a client sees
them; \\Recent is kept as a mark, the highest UID that is recent no longer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

OWN = {"\\Seen": "s", "\\Deleted": "t"}
"""In groups each one's own (rule 15), and the right that it takes."""
RIGHTS = {"viewer": "lrs", "contributor": "lrswite", "manager": "lrswitea"}
PERSONAL = "lrswipkxte"


@dataclass(frozen=True)
class Mail:
    """identity: the same for bytes that are the same mail (rule 7)."""

    content: bytes
    identity: str


@dataclass
class Entry:
    """shared: flags and keywords that everybody sees. droppers: whose drop it was."""

    mail: Mail
    shared: set[str]
    droppers: set[str] = field(default_factory=set)


@dataclass
class Place:
    """A folder. ever: what stood under each UID. own: of (person, UID). old: see \\Recent."""

    name: str
    owner: str | None = None
    uidnext: int = 1
    entries: dict[int, Entry] = field(default_factory=dict)
    ever: dict[int, Mail] = field(default_factory=dict)
    own: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    old: dict[str, int] = field(default_factory=dict)
    keywords: dict[str, str] = field(default_factory=dict)

    def mine(self, person: str, uid: int) -> set[str]:
        return self.own.setdefault((person, uid), set())

    def flags(self, person: str, uid: int) -> set[str]:
        return self.entries[uid].shared | self.mine(person, uid)

    def spelled(self, flags: Iterable[str]) -> set[str]:
        """A keyword keeps the spelling under which the folder met it first."""
        return {self.keywords.get(one.lower(), one) for one in flags}

    def add(self, mail: Mail, shared: set[str], person: str, own: set[str]) -> int:
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        self.entries[uid] = Entry(mail, self.remember(shared))
        self.ever[uid] = mail
        self.own[person, uid] = set(own)
        return uid

    def remember(self, flags: set[str]) -> set[str]:
        kept = self.spelled(flags)
        for one in kept:
            if not one.startswith("\\"):
                self.keywords.setdefault(one.lower(), one)
        return kept


@dataclass(frozen=True)
class Answer:
    """codes: of a NO, any of these. pairs: (source UID, target UID) in the command's order; of an
    APPEND with 0 for the source."""

    codes: frozenset[str] = frozenset()
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def ok(self) -> bool:
        return not self.codes


@dataclass(frozen=True)
class Stored:
    """told: UIDs whose flags must be told even after a silent STORE."""

    ok: bool
    told: frozenset[int]


def applied(flags: set[str], mode: str, asked: set[str]) -> set[str]:
    """What a STORE makes of flags where everything may be set."""
    return flags | asked if mode == "+" else flags - asked if mode == "-" else set(asked)


def no(*codes: str) -> Answer:
    return Answer(frozenset(codes))


class House:
    """recovered: person -> bytes -> whether they are there only because a folder wasn't."""

    def __init__(
        self,
        people: Sequence[str],
        personal: Sequence[str],
        groups: Sequence[str],
        roles: dict[str, str],
    ) -> None:
        self._homes = {
            (person, name): Place(name, person) for person in people for name in personal
        }
        self._groups = {name: Place(name) for name in groups}
        self.roles: dict[tuple[str, str], str | None] = {
            (person, name): roles[person] for person in people for name in groups
        }
        self.recovered: dict[str, dict[bytes, bool]] = {person: {} for person in people}
        self._refused: dict[str, set[bytes]] = {person: set() for person in people}

    def place(self, person: str, name: str) -> Place | None:
        """None: no member sees it."""
        if (person, name) in self._homes:
            return self._homes[person, name]
        return self._groups[name] if self.roles[person, name] else None

    def rights(self, person: str, place: Place) -> str:
        if place.owner is not None:
            return PERSONAL
        return RIGHTS.get(self.roles[person, place.name] or "", "")

    def set_role(self, person: str, name: str, role: str | None) -> None:
        """What is older than a membership is seen and not recent (rule 15)."""
        place = self._groups[name]
        if role is not None and self.roles[person, name] is None:
            for uid in place.entries:
                place.mine(person, uid).add("\\Seen")
            place.old[person] = place.uidnext - 1
        self.roles[person, name] = role

    def may_take_out(self, person: str, place: Place, uid: int) -> bool:
        """Rule 16."""
        rights = self.rights(person, place)
        if place.owner is not None or "a" in rights:
            return True
        return "e" in rights and place.entries[uid].droppers == {person}

    def append(self, person: str, name: str, mails: Sequence[Mail], flags: set[str]) -> Answer:
        place = self.place(person, name)
        if place is None or "i" not in self.rights(person, place):
            for mail in mails:
                self.recovered[person].setdefault(mail.content, place is None)
            return no("NOPERM" if place else "NONEXISTENT")
        before = place.uidnext
        uids = [
            self._put(person, place, mail, flags - OWN.keys(), flags & OWN.keys(), before)
            for mail in mails
        ]
        for mail in mails:
            if place.owner is None:
                self.recovered[person].pop(mail.content, None)
                self._refused[person].discard(mail.content)
            elif self.recovered[person].get(mail.content):
                del self.recovered[person][mail.content]
        return Answer(pairs=tuple((0, uid) for uid in uids))

    def copy(
        self,
        person: str,
        source: Place,
        wanted: Collection[int],
        name: str,
        moving: bool,
        by_uid: bool,
        read_only: bool = False,
    ) -> Answer:
        """A copy in a group is one entry with the mail that is there; MOVE between groups takes
        along whose drop it was. By number all or none (RFC 2180 4.4). read_only: nothing may leave
        the source."""
        uids = sorted(uid for uid in wanted if uid in source.entries)
        target = self.place(person, name)
        codes = {"EXPUNGEISSUED"} if not by_uid and len(uids) < len(wanted) else set()
        if read_only:
            codes = {"CANNOT"}
        elif target is None:
            codes.add("NONEXISTENT")
        elif target is source and (moving or target.owner is None):
            codes.add("CANNOT")
        elif uids and "i" not in self.rights(person, target):
            codes.add("NOPERM")
        if moving and not all(self.may_take_out(person, source, uid) for uid in uids):
            codes.add("NOPERM")
        if codes or target is None:
            self._refused[person].update(source.entries[uid].mail.content for uid in uids)
            return no(*codes)
        pairs = []
        before = target.uidnext
        for uid in uids:
            entry = source.entries[uid]
            seen = source.mine(person, uid) & {"\\Seen"}
            new = self._put(person, target, entry.mail, entry.shared, seen, before)
            if moving and source.owner is None and target.owner is None:
                target.entries[new].droppers |= entry.droppers
            if target.owner is None:
                self.recovered[person].pop(entry.mail.content, None)
                self._refused[person].discard(entry.mail.content)
            pairs.append((uid, new))
        if moving:
            if source.owner is None and target.owner is not None:
                self._keep_taken_out(person, source, uids)
                for uid in uids:
                    self._refused[person].discard(source.entries[uid].mail.content)
            for uid in uids:
                del source.entries[uid]
        return Answer(pairs=tuple(pairs))

    def store(
        self, person: str, place: Place, wanted: Iterable[int], mode: str, asked: set[str]
    ) -> Stored:
        """mode: +, - or nothing (replace). What may not be set stays, and is told (rule 16)."""
        uids = [uid for uid in wanted if uid in place.entries]
        rights = self.rights(person, place)
        asked = place.spelled(asked)
        may = {flag for flag, right in OWN.items() if right in rights}
        may |= asked - OWN.keys() if "w" in rights else set()
        anything = bool(asked & may) and not uids
        for uid in uids:
            free = mode == "-" or self.may_take_out(person, place, uid)
            anything |= bool(asked & may - (set() if free else {"\\Deleted"}))
        if asked and not anything:
            return Stored(False, frozenset(uids))
        told = set()
        for uid in uids:
            wish = applied(place.flags(person, uid), mode, asked)
            self._set(person, place, uid, wish, "w" in rights)
            now = place.flags(person, uid)
            if now != wish and (not mode or now & asked != wish & asked):
                told.add(uid)
        return Stored(True, frozenset(told))

    def see(self, person: str, place: Place, wanted: Iterable[int]) -> set[int]:
        """Those that became \\Seen."""
        new = set()
        for uid in wanted:
            if uid in place.entries and "\\Seen" not in place.mine(person, uid):
                place.mine(person, uid).add("\\Seen")
                new.add(uid)
        return new

    def expunge(self, person: str, place: Place, only: Collection[int] | None = None) -> None:
        """What this person marked and may take out, nothing else."""
        gone = [
            uid
            for uid in sorted(place.entries)
            if "\\Deleted" in place.mine(person, uid)
            and (only is None or uid in only)
            and self.may_take_out(person, place, uid)
        ]
        if place.owner is None:
            self._keep_taken_out(person, place, gone)
        for uid in gone:
            content = place.entries.pop(uid).mail.content
            if place.owner is not None and content in self._refused[person]:
                self.recovered[person].setdefault(content, False)

    def _put(
        self,
        person: str,
        place: Place,
        mail: Mail,
        shared: set[str],
        own: set[str],
        before: int,
    ) -> int:
        """before: UIDNEXT before the command; the same mail twice in one command isn't a mail
        dropped again."""
        there = [
            uid
            for uid, entry in place.entries.items()
            if place.owner is None and entry.mail.identity == mail.identity
        ]
        uid = there[0] if there else place.add(mail, shared, person, own)
        if uid < before:
            place.mine(person, uid).discard("\\Deleted")
        if place.owner is None:
            place.entries[uid].droppers.add(person)
        return uid

    def _keep_taken_out(self, person: str, place: Place, uids: Iterable[int]) -> None:
        for uid in uids:
            entry = place.entries[uid]
            for one in {person, *entry.droppers}:
                self.recovered[one].setdefault(entry.mail.content, False)

    def _set(self, person: str, place: Place, uid: int, wish: set[str], writes: bool) -> None:
        entry, mine, rights = (
            place.entries[uid],
            place.mine(person, uid),
            self.rights(person, place),
        )
        may = {flag for flag, right in OWN.items() if right in rights}
        if not self.may_take_out(person, place, uid) and "\\Deleted" in wish:
            may.discard("\\Deleted")
        place.own[person, uid] = (mine - may) | (wish & may)
        if writes:
            entry.shared = place.remember(wish - OWN.keys())
