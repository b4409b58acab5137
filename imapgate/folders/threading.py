"""THREAD's algorithms (RFC 5256 3). Nothing here recurses: a thread may be as long as a folder.
Sorted is by one number or text at a time: with pairs, one sort of 50,000 would stop every thread of
the process for 100 ms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from imapgate.folders.order import ID_OCTETS
from imapgate.wire.threads import Forest

REFERENCES_AT_ONCE = 500_000
"""References of one THREAD that are followed; of a message beyond that only the last one is."""
STEPS = 5_000_000
"""Steps up from child to parent that one THREAD takes in search of loops. Beyond that a link that
might close one is left out."""


@dataclass(frozen=True, slots=True)
class Threaded:
    """A message. uid: in the order of sequence numbers. own_id, reference_ids, base_subject,
    is_reply: as in message_order; sent_at: seconds since 1970, INTERNALDATE where there is none."""

    uid: int
    own_id: bytes | None
    reference_ids: bytes
    base_subject: str
    is_reply: bool
    sent_at: int


def ordered_subject(messages: Sequence[Threaded]) -> Forest:
    """ORDEREDSUBJECT: of each base subject the first message, and the others as its children."""
    by_date = sorted(messages, key=lambda one: one.sent_at)
    by_subject = sorted(by_date, key=lambda one: one.base_subject)
    threads = [list(group) for _, group in groupby(by_subject, lambda one: one.base_subject)]
    threads.sort(key=lambda thread: thread[0].uid)
    threads.sort(key=lambda thread: thread[0].sent_at)
    return Forest(
        [thread[0].uid for thread in threads],
        {thread[0].uid: [one.uid for one in thread[1:]] for thread in threads if len(thread) > 1},
    )


def references(messages: Sequence[Threaded]) -> Forest:
    """REFERENCES, its six steps in their order. messages: ascending."""
    children = _pruned(len(messages), _parents(messages))
    forest = _Forest(messages, children)
    forest.gather()
    return forest.sorted()


# Steps 1 to 3: messages are numbered from 0 in their order, dummies behind them.


def _parents(messages: Sequence[Threaded]) -> list[int]:
    """Step 1: of each message and dummy its parent, -1 if it has none."""
    nodes: dict[bytes, int] = {}
    for at, one in enumerate(messages):
        if one.own_id is not None:
            # Of several with one Message-ID the first has it.
            nodes.setdefault(one.own_id, at)
    links = _Links(len(messages))
    left = REFERENCES_AT_ONCE
    for at, one in enumerate(messages):
        ids = one.reference_ids
        start = 0 if len(ids) <= left * ID_OCTETS else max(0, len(ids) - ID_OCTETS)
        left -= (len(ids) - start) // ID_OCTETS
        before = -1
        for place in range(start, len(ids), ID_OCTETS):
            wanted = ids[place : place + ID_OCTETS]
            node = nodes.get(wanted)
            if node is None:
                node = nodes[wanted] = links.dummy()
            if before >= 0 and links.parents[node] < 0:
                links.link(before, node)
            before = node
        if links.parents[at] != before:
            links.unlink(at)
            if before >= 0:
                links.link(before, at)
    return links.parents


class _Links:
    """Who is whose parent; there never is a loop."""

    def __init__(self, messages: int) -> None:
        self.parents = [-1] * messages
        self._children = [0] * messages
        self._steps_left = STEPS

    def dummy(self) -> int:
        self.parents.append(-1)
        self._children.append(0)
        return len(self.parents) - 1

    def unlink(self, child: int) -> None:
        parent = self.parents[child]
        if parent >= 0:
            self._children[parent] -= 1
            self.parents[child] = -1

    def link(self, parent: int, child: int) -> None:
        """child has no parent yet. Not done if it is above the parent."""
        if parent == child or (self._children[child] and self._may_be_above(child, parent)):
            return
        self.parents[child] = parent
        self._children[parent] += 1

    def _may_be_above(self, node: int, start: int) -> bool:
        while start >= 0 and start != node:
            self._steps_left -= 1
            if self._steps_left < 0:
                return True
            start = self.parents[start]
        return start == node


def _pruned(messages: int, parents: Sequence[int]) -> dict[int, list[int]]:
    """Steps 2 and 3: of each that is left its children, in no order; those of -1 are the roots.
    Dummies only among these, with several children."""
    children: dict[int, list[int]] = {}
    for child, parent in enumerate(parents):
        children.setdefault(parent, []).append(child)
    from_above = list(children.get(-1, ()))
    for node in from_above:
        from_above.extend(children.get(node, ()))
    for node in reversed(from_above):
        if any(child >= messages for child in children.get(node, ())):
            children[node] = _spliced(messages, children, children[node])
    roots: list[int] = []
    for root in children.get(-1, ()):
        if root < messages or len(children.get(root, ())) > 1:
            roots.append(root)
        else:
            roots.extend(children.pop(root, ()))
    children[-1] = roots
    return children


def _spliced(messages: int, children: dict[int, list[int]], among: Sequence[int]) -> list[int]:
    """The children of dummies, which have been pruned themselves, in the dummies' places."""
    parts = [children.pop(one, []) for one in among if one >= messages]
    parts.append([one for one in among if one < messages])
    # The longest is taken as it is: in a long row of dummies each would be copied many times.
    parts.sort(key=len)
    spliced = parts.pop()
    for part in parts:
        spliced.extend(part)
    return spliced


class _Forest:
    """Steps 4 to 6, on what is left."""

    def __init__(self, messages: Sequence[Threaded], children: dict[int, list[int]]) -> None:
        self._messages = messages
        self._children = children
        self._roots = children.pop(-1)
        self._dummies = max([len(messages) - 1, *self._roots]) + 1
        self._ranks = [0] * len(messages)
        by_date = sorted(range(len(messages)), key=lambda node: messages[node].sent_at)
        for rank, node in enumerate(by_date):
            self._ranks[node] = rank

    def gather(self) -> None:
        """Steps 4 and 5: threads of one subject become one."""
        self._roots.sort(key=self._when)
        subjects: dict[str, int] = {}
        for root in self._roots:
            subject = self._messages[self._first(root)].base_subject
            known = subjects.setdefault(subject, root) if subject else root
            if known < len(self._messages) and (
                self._is_dummy(root) or (self._is_reply(known) and not self._is_reply(root))
            ):
                subjects[subject] = root
        gone: set[int] = set()
        new: list[int] = []
        for root in self._roots:
            subject = self._messages[self._first(root)].base_subject
            known = subjects[subject] if subject else root
            if known == root:
                continue
            if self._is_dummy(known) and self._is_dummy(root):
                self._children[known] += self._children.pop(root)
            elif self._is_dummy(known) or (self._is_reply(root) and not self._is_reply(known)):
                self._children.setdefault(known, []).append(root)
            else:
                dummy = subjects[subject] = self._dummies
                self._dummies += 1
                self._children[dummy] = [known, root]
                new.append(dummy)
                gone.add(known)
            gone.add(root)
        self._roots = [root for root in (*self._roots, *new) if root not in gone]

    def sorted(self) -> Forest:
        """Step 6. Siblings are sorted apart from each other, so that their order is no matter; but
        a dummy's own come before it."""
        for siblings in self._children.values():
            siblings.sort(key=self._ranks.__getitem__)
        self._roots.sort(key=self._when)
        return Forest(
            [self._called(root) for root in self._roots],
            {
                self._called(node): [self._called(child) for child in siblings]
                for node, siblings in self._children.items()
                if siblings
            },
        )

    def _called(self, node: int) -> int:
        return -node if self._is_dummy(node) else self._messages[node].uid

    def _is_dummy(self, node: int) -> bool:
        return node >= len(self._messages)

    def _is_reply(self, node: int) -> bool:
        """Of a message."""
        return self._messages[node].is_reply

    def _first(self, node: int) -> int:
        """The message itself; of a dummy its first child by date."""
        if not self._is_dummy(node):
            return node
        return min(self._children[node], key=self._ranks.__getitem__)

    def _when(self, node: int) -> int:
        """Its place by date, then by number."""
        return self._ranks[self._first(node)]


ALGORITHMS: dict[bytes, Callable[[Sequence[Threaded]], Forest]] = {
    b"ORDEREDSUBJECT": ordered_subject,
    b"REFERENCES": references,
}
"""By the names of wire.sorting_grammar."""
