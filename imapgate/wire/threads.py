"""`* THREAD` (RFC 5256 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imapgate.wire.responses import untagged


@dataclass(frozen=True, slots=True)
class Forest:
    """Threads without recursion: they may be as deep as a folder has messages. roots: what each
    begins with, in order; children: of those that have some, in order. Numbers above 0 are
    messages, those below stand for what isn't in the result and holds several together: only
    roots."""

    roots: Sequence[int]
    children: Mapping[int, Sequence[int]]


def thread(forest: Forest, names: Mapping[int, int] | None = None) -> bytes:
    """One response with CRLF. names: what each message is called there, if not as in the forest.

    A single child stands behind its parent, several in parentheses of their own."""
    parts: list[bytes] = []
    for root in forest.roots:
        waiting: list[int | bytes] = [b")", root, b"("]
        while waiting:
            here = waiting.pop()
            if isinstance(here, bytes):
                parts.append(here)
                continue
            children = forest.children.get(here, ())
            if here > 0:
                parts.append(b"%d" % (here if names is None else names[here]))
                parts.append(b" " if children else b"")
            if len(children) == 1:
                waiting.append(children[0])
            else:
                for child in reversed(children):
                    waiting += (b")", child, b"(")
    return untagged(b"THREAD", b"".join(parts)) if parts else untagged(b"THREAD")
