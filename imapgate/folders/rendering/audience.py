"""Whom a message is written for: the members of a group, of whom each is told only what all of them
may see."""

from __future__ import annotations

from collections.abc import Collection

from storage import Tx, surroundings


class Audience:
    """The members of one group, within one transaction."""

    def __init__(self, tx: Tx, group_id: int) -> None:
        self._tx = tx
        self._group_id = group_id
        self._known: dict[frozenset[int], bool] = {}

    def is_in(self, groups: frozenset[int]) -> bool:
        """Whether every one of them is a member of one of these groups."""
        if self._group_id in groups:
            return True
        if groups not in self._known:
            outside = surroundings.is_outside(self._tx, self._group_id, groups)
            self._known[groups] = not outside
        return self._known[groups]

    def seen(self, activity_ids: Collection[int]) -> set[int]:
        """Those of the activities that every one of them may see."""
        groups = surroundings.groups_of_some(self._tx, activity_ids)
        return {one for one in activity_ids if self.is_in(frozenset(groups.get(one, ())))}
