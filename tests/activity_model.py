"""What becomes of mails that wander between personal folders, groups and activities' folders, by
the rules alone: where each stands, whose drop it was, and what it is linked to. Apart from
imapgate's code, for tests that hold the two against each other.

Everybody here is a member of all groups: contributors, or managers. A mail is its number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

RECOVERED = "Recovered Messages"


@dataclass
class Filed:
    """What a mail became, once: another time only where nobody may know of the first."""

    mail: int
    groups: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    concerned: set[str] = field(default_factory=set)


class Refused(Exception):
    """args: the response code."""


class House:
    """named: mail -> activities whose numbers stand in its subject. group_of: activity -> its group
    (name of the folder). closed: groups that take no mail."""

    def __init__(
        self,
        people: Sequence[str],
        managers: Sequence[str],
        group_of: Mapping[str, str],
        named: Mapping[int, Sequence[str]],
        closed: Sequence[str],
    ) -> None:
        self.managers = set(managers)
        self.group_of = group_of
        self.named = named
        self.closed = set(closed)
        self.personal: dict[str, dict[str, Counter[int]]] = {
            person: {"INBOX": Counter(), "Trash": Counter()} for person in people
        }
        self.recovered: dict[str, set[int]] = {person: set() for person in people}
        self.filed: list[Filed] = []
        self.droppers: dict[tuple[str, int], set[str]] = {}

    def in_group(self, group: str) -> set[int]:
        return {one.mail for one in self.filed if group in one.groups}

    def about(self, activity: str) -> set[int]:
        """What stands in its folder, beside its own message."""
        return {one.mail for one in self.filed if activity in one.links and one.groups}

    def inside(self, person: str, place: str) -> set[int]:
        if place == RECOVERED:
            return self.recovered[person]
        if place in self.personal[person]:
            return set(+self.personal[person][place])
        return self.about(place) if place in self.group_of else self.in_group(place)

    def append(self, person: str, place: str, mail: int) -> None:
        if place in self.personal[person]:
            self.personal[person][place][mail] += 1
            return
        try:
            self._drop(person, place, mail)
        except Refused:
            self.recovered[person].add(mail)
            raise

    def copy(self, person: str, source: str, mail: int, target: str) -> None:
        if target == RECOVERED or (source == target and target not in self.personal[person]):
            raise Refused("CANNOT")
        if target in self.personal[person]:
            self.personal[person][target][mail] += 1
        else:
            self._drop(person, target, mail)

    def move(self, person: str, source: str, mail: int, target: str) -> None:
        own = source == RECOVERED or source in self.personal[person]
        if source == target or (target == RECOVERED and own):
            raise Refused("CANNOT")
        if own:
            if target in self.personal[person]:
                self.personal[person][target][mail] += 1
            else:
                self._drop(person, target, mail)
            self._leave_own(person, source, mail)
            return
        stays = target in self.group_of and self.group_of[target] == source
        if not stays and not self.may_go(person, source, mail):
            raise Refused("NOPERM")
        if stays:
            self._drop(person, target, mail)
        elif target == RECOVERED or target in self.personal[person]:
            self.expunge(person, source, mail)
            if target == RECOVERED:
                self.recovered[person].add(mail)
            else:
                self.personal[person][target][mail] += 1
        else:
            self._turn(person, source, mail, target)

    def expunge(self, person: str, source: str, mail: int) -> None:
        """Out of a group or an activity's folder, where it may go."""
        one = self._seen(mail)
        if source not in self.group_of:
            self._take_out(person, source, one)
            return
        one.links.discard(source)
        group = self.group_of[source]
        one.concerned.add(person)
        if not one.links and group in one.groups:
            self._take_out(person, group, one)

    def may_go(self, person: str, source: str, mail: int) -> bool:
        if person in self.managers:
            return True
        group = self.group_of.get(source, source)
        groups = self._seen(mail).groups
        counted = {group} & groups or groups
        return all(self.droppers[one, mail] == {person} for one in counted)

    def _drop(self, person: str, target: str, mail: int) -> None:
        group = self.group_of.get(target, target)
        if group in self.closed:
            raise Refused("CANNOT")
        one = self._known(person, mail)
        self._put(person, one, group, set())
        one.links |= set(self.named[mail]) | ({target} & self.group_of.keys())

    def _turn(self, person: str, source: str, mail: int, target: str) -> None:
        """MOVE between groups and activities' folders, where it leaves the source."""
        group = self.group_of.get(target, target)
        if group in self.closed:
            raise Refused("CANNOT")
        one = self._seen(mail)
        leaving = self.group_of.get(source, source)
        whose = set(self.droppers.get((leaving, mail), ()))
        if source in self.group_of:
            if target in self.group_of and leaving == self.group_of[target]:
                group = leaving
            one.links.discard(source)
            stays = bool(one.links) or leaving == group
        else:
            one.links |= set(self.named[mail])
            stays = False
        if not stays and leaving in one.groups:
            one.groups.discard(leaving)
            del self.droppers[leaving, mail]
        self._put(person, one, group, whose)
        one.links |= {target} & self.group_of.keys()

    def _put(self, person: str, one: Filed, group: str, whose: set[str]) -> None:
        one.groups.add(group)
        one.concerned.add(person)
        self.droppers.setdefault((group, one.mail), set()).update({person} | whose)
        self.recovered[person].discard(one.mail)

    def _take_out(self, person: str, group: str, one: Filed) -> None:
        for each in {person} | self.droppers.pop((group, one.mail)):
            self.recovered[each].add(one.mail)
        one.groups.discard(group)
        one.concerned.add(person)
        if not one.groups:
            one.links.clear()

    def _leave_own(self, person: str, source: str, mail: int) -> None:
        if source == RECOVERED:
            self.recovered[person].discard(mail)
        else:
            self.personal[person][source][mail] -= 1

    def _seen(self, mail: int) -> Filed:
        """Of several only one can be in a group."""
        [one] = [one for one in self.filed if one.mail == mail and one.groups]
        return one

    def _known(self, person: str, mail: int) -> Filed:
        same = [one for one in self.filed if one.mail == mail]
        seen = [one for one in same if one.groups] or [
            one for one in same if person in one.concerned
        ]
        if not seen:
            seen = [Filed(mail)]
            self.filed += seen
        return seen[0]
