"""STORE and the implicit \\Seen (rules 15, 16)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders import flag_names, marks
from imapgate.folders.leaving import may_remove
from imapgate.folders.listing import as_it_is
from imapgate.folders.tree import Folder
from imapgate.limits import Limits
from storage import Database, Tx, entries, flagging, keywords, runs
from storage import reading as rows
from storage.engine import Unavailable
from storage.schema import DELETED, SEEN


@dataclass(frozen=True, slots=True)
class Stored:
    """before, after: the folder's modseq around this change (equal: nothing changed). flags: (uid,
    flags without \\Recent) now, of every message asked for that is still there. refused: UIDs where
    something asked for was not allowed, be it to take away what a replacement doesn't name.
    all_refused: nothing was allowed at all (NO [NOPERM]). limit: too many keywords (NO [LIMIT])."""

    before: int
    after: int
    flags: list[tuple[int, bytes]]
    refused: frozenset[int]
    all_refused: bool
    limit: bool = False


def permanent(folder: Folder) -> tuple[bytes, ...]:
    """What PERMANENTFLAGS lists for this person, `\\*` included where keywords may be made."""
    allowed: list[bytes] = []
    if "w" in folder.rights:
        allowed += flag_names.SHARED
    if "t" in folder.rights:
        allowed.append(rb"\Deleted")
    if "s" in folder.rights:
        allowed.append(rb"\Seen")
    if "w" in folder.rights:
        allowed.append(flag_names.ANY_KEYWORD)
    return tuple(allowed)


def store(
    tx: Tx,
    person: Person,
    folder: Folder,
    uids: Sequence[int],
    mode: bytes,
    flags: Sequence[bytes],
    limits: Limits,
) -> Stored:
    """mode as in wire.commands.Store. A replacing STORE leaves what may not be changed. Raises
    Invisible."""
    folder = as_it_is(tx, person, folder)
    before = rows.state(tx, person.id, folder.id).modseq
    view = _View.load(tx, person, folder, uids)
    known = marks.vocabulary(tx, folder.id)
    asked = _Asked.read(mode, flags, known)
    deletable = frozenset[int]()
    if asked.own & DELETED and mode != b"-" and "t" in folder.rights:
        deletable = may_remove(tx, person, folder, view.asked)
    if asked.anything and not asked.allowed_anywhere(folder, deletable, view):
        return Stored(before, before, view.flags(), frozenset(view.asked), all_refused=True)
    adds = "w" in folder.rights and mode != b"-"
    if adds and not marks.has_room(tx, folder.id, known, asked.keywords, limits):
        return Stored(before, before, view.flags(), frozenset(), False, limit=True)
    refused = asked.refused(folder, deletable, view)
    changed = _Change(view, asked, folder, deletable)
    if not changed.anything:
        return Stored(before, before, view.flags(), refused, all_refused=False)
    after = entries.next_modseq(tx, folder.id)
    changed.write(tx, person, after)
    return Stored(before, after, changed.flags(), refused, all_refused=False)


def see(
    db: Database, person: Person, folder: Folder, uids: Sequence[int]
) -> tuple[frozenset[int], int, int]:
    """`mark_seen` in transactions of its own: what is seen already, as most of what clients read
    is, costs a look and no commit (then before and after are 0). Where nothing can be written (the
    disk is full), nothing becomes seen, and what can be read is read."""
    if db.read(lambda tx: _nothing_to_see(tx, person, folder, uids)):
        return frozenset(), 0, 0
    try:
        return db.write(lambda tx: mark_seen(tx, person, folder, uids))
    except Unavailable:
        return frozenset(), 0, 0


def mark_seen(
    tx: Tx, person: Person, folder: Folder, uids: Sequence[int]
) -> tuple[frozenset[int], int, int]:
    """(UIDs that became seen, modseq before, after). Raises Invisible."""
    folder = as_it_is(tx, person, folder)
    before = rows.state(tx, person.id, folder.id).modseq
    if "s" not in folder.rights or not uids:
        return frozenset(), before, before
    view = _View.load(tx, person, folder, uids)
    new = frozenset(uid for uid in view.asked if not view.own[uid] & SEEN)
    if not new:
        return new, before, before
    after = entries.next_modseq(tx, folder.id)
    runs.write(tx, person.id, folder.id, view.stretches(new), SEEN, 0, after)
    return new, before, after


def _nothing_to_see(tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> bool:
    """Whether `mark_seen` would write nothing. False too if one that isn't seen is gone."""
    if "s" not in folder.rights or not uids:
        return True
    bits = flag_names.own_bits(runs.load(tx, person.id, folder.id, min(uids), max(uids)))
    return all(bits(uid) & SEEN for uid in uids)


@dataclass(frozen=True, slots=True)
class _View:
    """The messages asked for as they are. standing: UIDs that are there, ascending: all of the
    range if whole, else only those asked for. asked: of them, those asked for. shared: UID ->
    (flags, keywords). own: UID -> this person's bits."""

    folder_id: int
    whole: bool
    standing: list[int]
    asked: list[int]
    shared: dict[int, tuple[int, str]]
    own: dict[int, int]

    @classmethod
    def load(cls, tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> _View:
        wanted = sorted(set(uids))
        if not wanted:
            return cls(folder.id, True, [], [], {}, {})
        found = rows.entries(tx, folder.id, wanted, ("flags", "keywords"))
        chosen = frozenset(wanted)
        standing = [row[0] for row in found]
        asked = [uid for uid in standing if uid in chosen]
        bits = flag_names.own_bits(runs.load(tx, person.id, folder.id, wanted[0], wanted[-1]))
        return cls(
            folder_id=folder.id,
            whole=rows.dense(wanted),
            standing=standing,
            asked=asked,
            shared={row[0]: (row[1], row[2]) for row in found if row[0] in chosen},
            own={uid: bits(uid) for uid in asked},
        )

    def flags(self) -> list[tuple[int, bytes]]:
        return [
            (uid, flag_names.ready(self.shared[uid][0], self.own[uid], self.shared[uid][1]))
            for uid in self.asked
        ]

    def stretches(self, chosen: Collection[int]) -> list[tuple[int, int]]:
        """chosen as (first, last) UIDs. Gaps in which nothing stands are bridged (nothing ever
        will: UIDs only grow), so that "all of them" is one stretch."""
        if not self.whole:
            return runs.stretches(chosen)
        found: list[tuple[int, int]] = []
        first = last = None
        for uid in self.standing:
            if uid in chosen:
                first, last = uid if first is None else first, uid
            elif first is not None and last is not None:
                found.append((first, last))
                first = None
        if first is not None and last is not None:
            found.append((first, last))
        return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """A STORE's flags: own and shared bits, keywords in the folder's spelling."""

    mode: bytes
    own: int
    shared: int
    keywords: frozenset[str]

    @classmethod
    def read(cls, mode: bytes, flags: Sequence[bytes], known: dict[str, str]) -> _Asked:
        """\\Recent and unknown system flags are passed over: nobody can set them."""
        own = shared = 0
        spelled = dict(known)
        keywords = set()
        for flag in map(flag_names.canonical, flags):
            own |= flag_names.OWN.get(flag, 0)
            shared |= flag_names.SHARED.get(flag, 0)
            if not flag_names.is_system(flag):
                name = flag.decode("ascii", "replace")
                keywords.add(spelled.setdefault(name.lower(), name))
        return cls(mode, own, shared, frozenset(keywords))

    @property
    def anything(self) -> bool:
        return bool(self.own or self.shared or self.keywords)

    def allowed_anywhere(self, folder: Folder, deletable: frozenset[int], view: _View) -> bool:
        """Whether something of it may be done to at least one message."""
        if self.own & SEEN and "s" in folder.rights:
            return True
        if (self.shared or self.keywords) and "w" in folder.rights:
            return True
        if not self.own & DELETED or "t" not in folder.rights:
            return False
        return self.mode == b"-" or bool(deletable) or not view.asked

    def refused(self, folder: Folder, deletable: frozenset[int], view: _View) -> frozenset[int]:
        """UIDs for which something of it isn't allowed; of a replacement also taking away what it
        doesn't name."""
        needed = {
            "s": self.own & SEEN,
            "t": self.own & DELETED,
            "w": self.shared or self.keywords,
        }
        if any(what and right not in folder.rights for right, what in needed.items()):
            return frozenset(view.asked)
        kept = self._kept(folder, view) if self.mode == b"" else frozenset()
        if not self.own & DELETED or self.mode == b"-":
            return kept
        return kept | frozenset(
            uid for uid in view.asked if uid not in deletable and not view.own[uid] & DELETED
        )

    def _kept(self, folder: Folder, view: _View) -> frozenset[int]:
        """UIDs that keep, after a replacement, flags that it doesn't name and that this person may
        not change."""
        own = (0 if "s" in folder.rights else SEEN) | (0 if "t" in folder.rights else DELETED)
        found = {uid for uid in view.asked if view.own[uid] & own & ~self.own}
        if "w" not in folder.rights:
            for uid in view.asked:
                flags, keywords = view.shared[uid]
                if flags & ~self.shared or not self.keywords.issuperset(keywords.split()):
                    found.add(uid)
        return frozenset(found)


class _Change:
    """What a STORE makes of the messages in a view, as far as it is allowed."""

    def __init__(
        self, view: _View, asked: _Asked, folder: Folder, deletable: frozenset[int]
    ) -> None:
        self._view = view
        self._asked = asked
        allowed = (SEEN if "s" in folder.rights else 0) | (DELETED if "t" in folder.rights else 0)
        self._add = asked.own & allowed if asked.mode != b"-" else 0
        self._remove = 0
        if asked.mode == b"-":
            self._remove = asked.own & allowed
        elif asked.mode == b"":
            self._remove = ~asked.own & allowed
        self._deletable = deletable
        self._own = self._new_own()
        self._shared = self._new_shared() if "w" in folder.rights else {}

    @property
    def anything(self) -> bool:
        return bool(self._own or self._shared)

    def flags(self) -> list[tuple[int, bytes]]:
        view = self._view
        found = []
        for uid in view.asked:
            flags, keywords = self._shared.get(uid) or view.shared[uid]
            own = self._own.get(uid, view.own[uid])
            found.append((uid, flag_names.ready(flags, own, keywords)))
        return found

    def write(self, tx: Tx, person: Person, modseq: int) -> None:
        view, folder_id = self._view, self._view.folder_id
        if self._own:
            everywhere = view.stretches(frozenset(view.asked))
            add = self._add & ~DELETED
            runs.write(tx, person.id, folder_id, everywhere, add, self._remove, modseq)
            if self._add & DELETED:
                there = view.stretches(self._deletable)
                runs.write(tx, person.id, folder_id, there, DELETED, 0, modseq)
        by_value: dict[tuple[int, str], set[int]] = {}
        for uid, value in self._shared.items():
            by_value.setdefault(value, set()).add(uid)
        for (flags, names), changed in by_value.items():
            there = view.stretches(changed)
            flagging.set_shared(tx, folder_id, there, flags, names, modseq)
            keywords.add(tx, folder_id, names.split())

    def _new_own(self) -> dict[int, int]:
        """UID -> new bits, where they differ."""
        new = {}
        add, remove, deletable = self._add & ~DELETED, self._remove, self._deletable
        deleted = self._add & DELETED
        for uid, old in self._view.own.items():
            bits = (old | add) & ~remove
            if deleted and uid in deletable:
                bits |= DELETED
            if bits != old:
                new[uid] = bits
        return new

    def _new_shared(self) -> dict[int, tuple[int, str]]:
        """UID -> new (flags, keywords), where they differ."""
        made: dict[tuple[int, str], tuple[int, str]] = {}
        new = {}
        for uid, old in self._view.shared.items():
            value = made.get(old)
            if value is None:
                value = made[old] = self._on_shared(*old)
            if value != old:
                new[uid] = value
        return new

    def _on_shared(self, flags: int, keywords: str) -> tuple[int, str]:
        asked = self._asked
        names = frozenset(keywords.split())
        match asked.mode:
            case b"+":
                flags, names = flags | asked.shared, names | asked.keywords
            case b"-":
                flags, names = flags & ~asked.shared, names - asked.keywords
            case _:
                flags, names = asked.shared, asked.keywords
        return flags, " ".join(sorted(names))
