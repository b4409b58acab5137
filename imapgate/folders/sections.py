"""Where each section of a message stands in its bytes: BODY[...] without parsing (RFC 3501).

The offsets are kept as JSON beside the message. A part is `[header_start, body_start, body_end,
kind, children, names, places, unended]`, empty ends left out; names and places are the header
fields' names and (start, end) offsets, of messages only (the whole one and attached ones):
HEADER.FIELDS reads them. unended: the last field has no line end.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from imapgate.mime.index import Content, Part
from imapgate.wire.commands import Section

LEAF, MULTIPART, MESSAGE = 0, 1, 2

Piece = tuple[int, int] | bytes
"""Octets [start, end) of the message, or octets that don't stand in it."""

_Node = list[Any]

_LINE_END = b"\r\n"


def write(content: Content, root: Part) -> bytes:
    """The JSON of a message's parts."""
    return json.dumps(_node(content, root, True), separators=(",", ":")).encode("ascii")


@dataclass(frozen=True, slots=True)
class Place:
    """A part: its header in [header_start, body_start), its body in [body_start, end). leaf: it has
    octets of its own, and is neither a multipart nor an attached message."""

    header_start: int
    body_start: int
    end: int
    leaf: bool


@dataclass(frozen=True, slots=True)
class Sections:
    """The parts of one message, as `write` kept them."""

    root: _Node

    @classmethod
    def read(cls, kept: bytes) -> Sections:
        return cls(json.loads(kept))

    @property
    def body_start(self) -> int:
        """Where the top header ends."""
        return int(self.root[1])

    def pieces(self, section: Section) -> list[Piece] | None:
        """What the section consists of, in order. None: there is no such part. HEADER and TEXT of a
        part that is no message are empty: RFC 3501 6.4.5 has them for message/rfc822 only."""
        found = self._node(section.path)
        if found is None:
            return None
        node, is_message = found, not section.path
        if section.text == b"MIME":
            return [(node[0], node[1])]
        if section.text == b"":
            return [(0 if is_message else node[1], node[2])]
        message = node if is_message else _attached(node)
        if message is None:
            return []
        if section.text == b"TEXT":
            return [(message[1], message[2])]
        if section.text == b"HEADER":
            return [(message[0], message[1])]
        wanted = frozenset(name.lower().decode("ascii", "replace") for name in section.fields)
        if section.text == b"HEADER.FIELDS":
            return _only(message, wanted)
        return _without(message, wanted)

    def place(self, path: tuple[int, ...]) -> Place | None:
        """Where a part stands; () is the whole message with its header. None: there is none."""
        node = self._node(path)
        if node is None:
            return None
        if not path:
            return Place(0, 0, node[2], leaf=False)
        return Place(node[0], node[1], node[2], leaf=node[3] == LEAF)

    def _node(self, path: tuple[int, ...]) -> _Node | None:
        node, is_message = self.root, True
        for number in path:
            found = _inside(node, is_message, number)
            if found is None:
                return None
            node, is_message = found, False
        return node


def header_only(section: Section) -> bool:
    """Whether the section lies within the top header."""
    return not section.path and section.text.startswith(b"HEADER")


def total(pieces: Sequence[Piece]) -> int:
    """Octets."""
    return sum(len(one) if isinstance(one, bytes) else one[1] - one[0] for one in pieces)


def cut(pieces: Sequence[Piece], origin: int, octets: int) -> list[Piece]:
    """The partial `<origin.octets>` of them (RFC 3501 6.4.5): empty beyond the end."""
    kept: list[Piece] = []
    for one in pieces:
        if octets <= 0:
            break
        start, end = (0, len(one)) if isinstance(one, bytes) else one
        start += origin
        if start >= end:
            origin = start - end
            continue
        origin = 0
        end = min(end, start + octets)
        octets -= end - start
        kept.append(one[start:end] if isinstance(one, bytes) else (start, end))
    return kept


def _node(content: Content, part: Part, is_message: bool) -> _Node:
    kind = LEAF
    if part.children:
        kind = MULTIPART if part.type == b"MULTIPART" else MESSAGE
    node: _Node = [part.header_start, part.body_start, part.body_end, kind]
    children = [_node(content, child, kind == MESSAGE) for child in part.children]
    if is_message and part.fields:
        names = ":".join(field.name.lower().decode("ascii", "replace") for field in part.fields)
        places = [place for field in part.fields for place in (field.start, field.end)]
        node += [children, names, places]
        if content[places[-1] - 1 : places[-1]] != b"\n":
            node.append(1)
    elif children:
        node.append(children)
    return node


def _inside(node: _Node, is_message: bool, number: int) -> _Node | None:
    """Part `number` of a part. A message that isn't multipart is its own part 1."""
    if not is_message:
        message = _attached(node)
        if message is not None:
            node, is_message = message, True
    if node[3] == MULTIPART:
        children: list[_Node] = node[4]
        return children[number - 1] if number <= len(children) else None
    return node if is_message and number == 1 else None


def _attached(node: _Node) -> _Node | None:
    """The message inside a message/rfc822."""
    if node[3] != MESSAGE:
        return None
    message: _Node = node[4][0]
    return message


def _fields(message: _Node) -> tuple[list[str], list[int]]:
    if len(message) < 7:
        return [], []
    return message[5].split(":"), message[6]


def _only(message: _Node, wanted: frozenset[str]) -> list[Piece]:
    names, places = _fields(message)
    pieces: list[Piece] = [
        (places[2 * at], places[2 * at + 1]) for at, name in enumerate(names) if name in wanted
    ]
    if len(message) > 7 and names[-1] in wanted:
        pieces.append(_LINE_END)
    # Clients look for the blank line even where the message itself has none.
    return [*pieces, _LINE_END]


def _without(message: _Node, wanted: frozenset[str]) -> list[Piece]:
    names, places = _fields(message)
    pieces: list[Piece] = []
    start = message[0]
    for at, name in enumerate(names):
        if name in wanted:
            if start < places[2 * at]:
                pieces.append((start, places[2 * at]))
            start = places[2 * at + 1]
    if start < message[1]:
        pieces.append((start, message[1]))
    return pieces
