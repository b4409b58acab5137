"""What must be found after a crash, kept outside of the server: an account of every command.

A worker (one session) touches only mails of its own making, so each worker has its own account. A
crash leaves at most one command of each worker undecided: it was done whole, or not at all.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from imap import Fetched

Place: TypeAlias = tuple[str, str]
"""Whose (empty: a group's) and the folder's name."""
Copy: TypeAlias = tuple[Place, str]
"""A mail (its key) in a place."""

RECOVERED = "Recovered Messages"
SUPPORT, SALES, EMAILS = (("", f"Trackers/{name}") for name in ("Support", "Sales", "E-Mails"))
GROUPS = (SUPPORT, SALES, EMAILS)
PERSONAL = ("INBOX", "Archive", RECOVERED)
USERS = ("alice", "bob", "carol")
NEW = 0
"""Instead of a number: the activity that a wrapper made."""
PLACES = (*GROUPS, *((user, name) for user in USERS for name in PERSONAL))


def key_of(content: bytes) -> str:
    """Two mails have the same key only if they are the same octet for octet."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """One command and what it changes when it is done.

    drops: mails of which an APPEND leaves a record. links: mail -> numbers that it is linked to.
    flags: (copies, flag, on). wrapper_in: where a wrapper was dropped; made: the name of the
    activity, told: the title of the follow-up that it makes. refused: the answer is NO. words: of
    an APPEND, which can be repeated.
    """

    tag: str = ""
    adds: tuple[Copy, ...] = ()
    removes: tuple[Copy, ...] = ()
    drops: tuple[str, ...] = ()
    links: Mapping[str, frozenset[int]] = field(default_factory=dict)
    flags: tuple[tuple[Copy, ...], str, bool] | None = None
    wrapper_in: Place | None = None
    made: str | None = None
    told: str | None = None
    refused: bool = False
    words: tuple[str | bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server acknowledged: UIDs of what was added, the activity's number if it was told,
    the UID that a wrapper got."""

    uids: Mapping[Copy, int] = field(default_factory=dict)
    number: int | None = None
    spent: tuple[Place, int] | None = None


@dataclass(slots=True)
class Account:
    """Of one worker. stands: where each mail must be, and its UID as far as it is known. links:
    what it is linked to; named: what its subject names."""

    stands: dict[Place, dict[str, int | None]] = field(default_factory=dict)
    flags: dict[Copy, dict[str, bool]] = field(default_factory=dict)
    links: dict[str, frozenset[int]] = field(default_factory=dict)
    named: dict[str, frozenset[int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    drops: Counter[str] = field(default_factory=Counter)
    perhaps: Counter[str] = field(default_factory=Counter)
    made: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    spent: set[tuple[Place, int]] = field(default_factory=set)

    def copy(self) -> Account:
        return Account(
            {place: dict(here) for place, here in self.stands.items()},
            {copy: dict(flags) for copy, flags in self.flags.items()},
            dict(self.links),
            dict(self.named),
            dict(self.numbers),
            dict(self.dates),
            Counter(self.drops),
            Counter(self.perhaps),
            set(self.made),
            set(self.told),
            set(self.spent),
        )

    def at(self, place: Place) -> dict[str, int | None]:
        return self.stands.setdefault(place, {})

    def _is_filed(self, key: str) -> bool:
        return any(key in self.at(group) for group in GROUPS)

    def done(self, step: Step, receipt: Receipt | None) -> None:
        """receipt None: nobody acknowledged it, but it was found done."""
        filed = {key: self._is_filed(key) for _, key in (*step.adds, *step.removes)}
        for place, key in step.removes:
            self.at(place).pop(key, None)
            self.flags.pop((place, key), None)
        for place, key in step.adds:
            self.at(place).setdefault(key, None)
        for key, was_filed in filed.items():
            # What leaves its last group is linked to nothing any more; what its subject names it
            # is linked to when it comes back.
            if was_filed and not self._is_filed(key):
                self.links.pop(key, None)
            elif not was_filed and self._is_filed(key) and key in self.named:
                self.links[key] = self.named[key]
        for key, numbers in step.links.items():
            self.links[key] = self.links.get(key, frozenset()) | numbers
            if step.wrapper_in is None:
                self.named[key] = numbers
        if step.made:
            self.made.add(step.made)
        if step.told:
            self.told.add(step.told)
        if step.flags:
            copies, flag, on = step.flags
            for copy in copies:
                self.flags.setdefault(copy, {})[flag] = on
        if receipt is None:
            return
        self.drops.update(step.drops)
        for (place, key), uid in receipt.uids.items():
            assert self.at(place)[key] in (None, uid), f"{step.tag}: not the UID it had before"
            self.at(place)[key] = uid
        if receipt.number is not None:
            ((_, key),) = step.adds
            known = self.numbers.setdefault(key, receipt.number)
            assert known == receipt.number, f"{step.tag}: a second activity for one mail"
        if receipt.spent:
            self.spent.add(receipt.spent)

    def undecided(self, step: Step, found: Mapping[Place, Mapping[str, Fetched]]) -> bool:
        """A command without an answer: whether it was done. It must be whole or absent."""
        facts = [key in found[place] for place, key in step.adds if key not in self.at(place)]
        facts += [key not in found[place] for place, key in step.removes if key in self.at(place)]
        assert len(set(facts)) <= 1, f"{step.tag} was done by halves: {step}, {facts}"
        self.perhaps.update(step.drops)
        if step.flags:
            self._undecided_flags(*step.flags, found)
        if facts and facts[0]:
            self.done(step, None)
            return True
        return False

    def _undecided_flags(
        self,
        copies: Sequence[Copy],
        flag: str,
        on: bool,
        found: Mapping[Place, Mapping[str, Fetched]],
    ) -> None:
        """Either is right, for all of them: what is found counts from now on."""
        seen = set()
        for place, key in copies:
            known = self.flags.setdefault((place, key), {})
            here = flag in found[place][key].flags
            if known.get(flag, not on) != on:
                seen.add(here)
            known[flag] = here
        assert len(seen) <= 1, f"{flag} was set by halves"


@dataclass(slots=True)
class Memory:
    """What has ever been seen, over all crashes: none of it may be taken back or used again."""

    uids: dict[Place, dict[int, str]] = field(default_factory=dict)
    heads: dict[Place, dict[str, int]] = field(default_factory=dict)

    def copy(self) -> Memory:
        return Memory(
            {place: dict(uids) for place, uids in self.uids.items()},
            {place: dict(head) for place, head in self.heads.items()},
        )

    def look(
        self,
        place: Place,
        found: Mapping[str, Fetched],
        head: Mapping[str, int],
        acknowledged: Mapping[str, int | None],
    ) -> None:
        """UIDs stand for one mail for ever; UIDNEXT and the mod-sequence never go back."""
        ever, before = self.uids.setdefault(place, {}), self.heads.get(place, {})
        assert head["UIDVALIDITY"] == before.get("UIDVALIDITY", head["UIDVALIDITY"]), place
        for name in ("UIDNEXT", "MODSEQ"):
            assert head.get(name, 0) >= before.get(name, 0), f"{place}: {name} went back"
        for key, one in found.items():
            assert one.uid < head["UIDNEXT"], f"{place}: UIDNEXT is not above UID {one.uid}"
            assert ever.setdefault(one.uid, key) == key, f"{place}: UID {one.uid} was used again"
            known = acknowledged.get(key)
            assert known in (None, one.uid), f"{place}: not under the UID {known} it had"
        self.heads[place] = dict(head)

    def spend(self, place: Place, uid: int) -> None:
        """A UID at which nothing may ever stand."""
        assert self.uids.setdefault(place, {}).setdefault(uid, "spent") == "spent", (place, uid)


@dataclass(frozen=True, slots=True)
class Found:
    """What is there: all messages of all places, and their heads (UIDVALIDITY, UIDNEXT, MODSEQ)."""

    messages: Mapping[Place, Sequence[Fetched]]
    heads: Mapping[Place, Mapping[str, int]]

    @property
    def count(self) -> int:
        return sum(len(one) for one in self.messages.values())


def settle(
    found: Found, accounts: Sequence[Account], open_steps: Sequence[Step | None], memory: Memory
) -> list[bool]:
    """Holds what is found against what was acknowledged, and tells which of the open commands (one
    for each account, None: none) was done. Accounts and memory then know what was found."""
    places = {place: by_key(place, here) for place, here in found.messages.items()}
    decided = []
    for account, step in zip(accounts, open_steps, strict=True):
        decided.append(step is not None and account.undecided(step, places))
    for place, here in places.items():
        expected: dict[str, int | None] = {}
        for account in accounts:
            for key, uid in account.at(place).items():
                known = expected.setdefault(key, uid)
                assert uid is None or known in (None, uid), f"{place}: two UIDs for one mail"
                expected[key] = known or uid
        lost, unknown = expected.keys() - here.keys(), here.keys() - expected.keys()
        assert not lost, f"{place}: {len(lost)} acknowledged messages are lost"
        marks = [re.findall(rb"X-Mark: (\S+)", here[key].content[:1000]) for key in unknown]
        assert not unknown, f"{place}: {len(unknown)} messages that nobody put there: {marks}"
        memory.look(place, here, found.heads[place], expected)
        for account in accounts:
            for key in account.at(place):
                account.at(place)[key] = here[key].uid
            _look_at_flags(account, place, here)
    for account in accounts:
        for place, uid in account.spent:
            memory.spend(place, uid)
    return decided


def by_key(place: Place, messages: Sequence[Fetched]) -> dict[str, Fetched]:
    """Every mail is there once."""
    found: dict[str, Fetched] = {}
    for one in messages:
        key = key_of(one.content)
        assert key not in found, f"{place}: UIDs {found[key].uid} and {one.uid} are the same mail"
        found[key] = one
    return found


def _look_at_flags(account: Account, place: Place, here: Mapping[str, Fetched]) -> None:
    for (where, key), flags in account.flags.items():
        if where == place and key in account.at(place):
            for flag, on in flags.items():
                assert (flag in here[key].flags) == on, f"{place}: {flag} of {here[key].uid}"
    for key in account.at(place):
        date = account.dates.get(key)
        if date is not None and place[1] != RECOVERED:
            assert here[key].internal == date, f"{place}: INTERNALDATE of {here[key].uid}"
