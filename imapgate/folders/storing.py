"""What a STORE asks for, and what it makes of messages as far as this person may (rules 15, 16)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from imapgate.activities.people import Person
from imapgate.folders import flag_names
from imapgate.folders.changed import FlagsNow, flags_now
from imapgate.folders.tree import Folder
from storage import Tx, flagging, keywords, runs
from storage import reading as rows
from storage.schema import DELETED, SEEN


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages asked for as they are. standing: UIDs that are there, ascending: all of the
    range if whole, else only those asked for. asked: of them, those asked for. shared: UID ->
    (flags, keywords). own: UID -> this person's bits. modseqs: UID -> (of what is shared, of what
    is the person's own, 0 if that was never set)."""

    folder_id: int
    whole: bool
    standing: list[int]
    asked: list[int]
    shared: dict[int, tuple[int, str]]
    own: dict[int, int]
    modseqs: dict[int, tuple[int, int]]

    @classmethod
    def load(cls, tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> Messages:
        wanted = sorted(set(uids))
        if not wanted:
            return cls(folder.id, True, [], [], {}, {}, {})
        found = rows.entries(tx, folder.id, wanted, ("flags", "keywords", "modseq"))
        chosen = frozenset(wanted)
        standing = [row[0] for row in found]
        asked = [uid for uid in standing if uid in chosen]
        mine = flag_names.own_state(runs.load(tx, person.id, folder.id, wanted[0], wanted[-1]))
        state = {uid: mine(uid) for uid in asked}
        return cls(
            folder_id=folder.id,
            whole=rows.dense(wanted),
            standing=standing,
            asked=asked,
            shared={row[0]: (row[1], row[2]) for row in found if row[0] in chosen},
            own={uid: bits for uid, (bits, _) in state.items()},
            modseqs={row[0]: (row[3], state[row[0]][1]) for row in found if row[0] in chosen},
        )

    def without(self, uids: frozenset[int]) -> Messages:
        """As if those hadn't been asked for."""
        if not uids:
            return self
        return replace(
            self,
            asked=[uid for uid in self.asked if uid not in uids],
            shared={uid: one for uid, one in self.shared.items() if uid not in uids},
            own={uid: one for uid, one in self.own.items() if uid not in uids},
            modseqs={uid: one for uid, one in self.modseqs.items() if uid not in uids},
        )

    def flags(self) -> list[FlagsNow]:
        return [
            flags_now(uid, *self.shared[uid], shared, self.own[uid], own)
            for uid, (shared, own) in self.modseqs.items()
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
class Asked:
    """A STORE's flags: own and shared bits, keywords in the folder's spelling."""

    mode: bytes
    own: int
    shared: int
    keywords: frozenset[str]

    @classmethod
    def read(cls, mode: bytes, flags: Sequence[bytes], known: dict[str, str]) -> Asked:
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

    def modified(self, view: Messages, since: int) -> frozenset[int]:
        """UIDs of which something that is to be changed was changed since that modseq (RFC 7162
        3.1.3). What is shared and what is one's own have each a modseq; of a keyword that a message
        doesn't carry there is none. A system flag is always there, also where since is 0."""
        whole = self.mode == b""
        found = set()
        for uid in view.asked:
            shared, own = view.modseqs[uid]
            there = not self.keywords.isdisjoint(view.shared[uid][1].split())
            if (whole or self.shared or there) and shared > since:
                found.add(uid)
            if (whole or self.own) and (own > since or not since):
                found.add(uid)
        return frozenset(found)

    def allowed_anywhere(self, folder: Folder, deletable: frozenset[int], view: Messages) -> bool:
        """Whether something of it may be done to at least one message."""
        if self.own & SEEN and "s" in folder.rights:
            return True
        if (self.shared or self.keywords) and "w" in folder.rights:
            return True
        if not self.own & DELETED or "t" not in folder.rights:
            return False
        return self.mode == b"-" or bool(deletable) or not view.asked

    def refused(self, folder: Folder, deletable: frozenset[int], view: Messages) -> frozenset[int]:
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

    def _kept(self, folder: Folder, view: Messages) -> frozenset[int]:
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


class Change:
    """What a STORE makes of the messages in a view, as far as it is allowed."""

    def __init__(
        self, view: Messages, asked: Asked, folder: Folder, deletable: frozenset[int]
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

    def flags(self, modseq: int) -> list[FlagsNow]:
        """modseq: that of the change."""
        view = self._view
        found = []
        for uid in view.asked:
            flags, keywords = self._shared.get(uid) or view.shared[uid]
            own = self._own.get(uid, view.own[uid])
            changes = uid in self._own or uid in self._shared
            modseqs = (modseq, modseq) if changes else view.modseqs[uid]
            found.append(flags_now(uid, flags, keywords, modseqs[0], own, modseqs[1]))
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
