"""THREAD=REFERENCES written down as RFC 5256 3 tells it, without regard to speed or depth: what the
server's own is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from imapgate.folders.order import ID_OCTETS
from imapgate.folders.threading import Threaded


@dataclass(eq=False)
class Node:
    message: Threaded | None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def adopt(self, child: Node) -> None:
        above: Node | None = self
        while above is not None:
            if above is child:
                return
            above = above.parent
        child.parent = self
        self.children.append(child)

    def leave(self) -> None:
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent = None


def _when(node: Node) -> tuple[int, int]:
    if node.message is None:
        return min(map(_when, node.children))
    return node.message.sent_at, node.message.uid


def _first(node: Node) -> Threaded:
    if node.message is not None:
        return node.message
    return _first(sorted(node.children, key=_when)[0])


def by_the_book(messages: Sequence[Threaded]) -> str:
    """The threads as THREAD writes them."""
    # (1)
    nodes = [Node(one) for one in messages]
    named: dict[bytes, Node] = {}
    for node, one in zip(nodes, messages, strict=True):
        if one.own_id is not None and one.own_id not in named:
            named[one.own_id] = node
    every = list(nodes)
    for node, one in zip(nodes, messages, strict=True):
        before: Node | None = None
        ids = [
            one.reference_ids[at : at + ID_OCTETS]
            for at in range(0, len(one.reference_ids), ID_OCTETS)
        ]
        for wanted in ids:
            if wanted not in named:
                named[wanted] = Node(None)
                every.append(named[wanted])
            if before is not None and named[wanted].parent is None:
                before.adopt(named[wanted])
            before = named[wanted]
        if node.parent is not before or before is None:
            node.leave()
            if before is not None:
                before.adopt(node)
    # (2)
    root = Node(None)
    for node in every:
        if node.parent is None:
            node.parent = root
            root.children.append(node)
    # (3)
    _prune(root, root)
    # (4)
    root.children.sort(key=_when)
    # (5)
    table: dict[str, Node] = {}
    for node in root.children:
        subject = _first(node).base_subject
        if not subject:
            continue
        if subject not in table:
            table[subject] = node
            continue
        there = table[subject].message
        if there is not None and (
            node.message is None or (there.is_reply and not node.message.is_reply)
        ):
            table[subject] = node
    for node in list(root.children):
        subject = _first(node).base_subject
        if not subject or table[subject] is node:
            continue
        there_node = table[subject]
        if there_node.message is None and node.message is None:
            there_node.children += node.children
            root.children.remove(node)
        elif there_node.message is None or (
            node.message is not None and node.message.is_reply and not there_node.message.is_reply
        ):
            root.children.remove(node)
            there_node.children.append(node)
        else:
            dummy = Node(None, children=[node, there_node])
            root.children.remove(node)
            root.children[root.children.index(there_node)] = dummy
            table[subject] = dummy
    # (6)
    _sort(root)
    return "".join(f"({_written(node)})" for node in root.children)


def _prune(node: Node, root: Node) -> None:
    kept: list[Node] = []
    for child in node.children:
        _prune(child, root)
        if child.message is not None:
            kept.append(child)
        elif child.children and (node is not root or len(child.children) == 1):
            kept += child.children
        elif child.children:
            kept.append(child)
    node.children = kept


def _sort(node: Node) -> None:
    for child in node.children:
        _sort(child)
    node.children.sort(key=_when)


def _written(node: Node) -> str:
    own = "" if node.message is None else str(node.message.uid)
    if len(node.children) == 1:
        return f"{own} {_written(node.children[0])}".strip()
    nested = "".join(f"({_written(child)})" for child in node.children)
    return f"{own} {nested}".strip()
