"""SEARCH step by step: what one step looks at."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mailroom import folder, put
from world import World, build

from imapgate.folders import flags
from imapgate.folders import search as searching
from imapgate.limits import Limits
from imapgate.wire.commands import HasFlag, HasModseq, HasSize, HasText, InNumbers, SearchKey
from imapgate.wire.numbers import STAR, NumberSet
from storage import Database

SUPPORT = "Trackers/Support"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.mark.parametrize(
    "key",
    [
        HasModseq(1),
        HasModseq(2),
        HasFlag(b"\\Seen", True),
        HasFlag(b"\\Flagged", True),
        HasFlag(b"\\Recent", True),
        InNumbers(NumberSet((), saved=True), by_uid=True),
        InNumbers(NumberSet(((1, STAR),)), by_uid=True),
        InNumbers(NumberSet(((1, STAR),)), by_uid=False),
        HasSize(1, True),
        HasText(b"TEXT", "body"),
    ],
    ids=repr,
)
def test_no_step_looks_beyond_its_messages(
    world: World, monkeypatch: pytest.MonkeyPatch, key: SearchKey
) -> None:
    """Else each of a large folder's thousands of steps costs as much as the whole search."""
    uids = put(
        world,
        world.alice,
        SUPPORT,
        [b"Subject: x\r\n\r\nbody %d\r\n" % number for number in range(8)],
    )
    here = folder(world, world.alice, SUPPORT)
    flag = [b"\\Seen", b"\\Flagged"]
    world.db.write(lambda tx: flags.store(tx, world.alice, here, uids, b"+", flag, Limits()))
    monkeypatch.setattr(searching, "FIRST", 2)
    cursor = searching.SearchCursor(world.alice, here, uids, 0, uids, key)
    looked_at: list[int] = []
    for name in ("_matching", "_flagged"):
        inner = getattr(searching._Search, name)

        def counted(
            self: object, *asked: object, inner: Callable[..., list[int]] = inner
        ) -> object:
            matching = inner(self, *asked)
            looked_at.append(len(set(matching)))
            return matching

        monkeypatch.setattr(searching._Search, name, counted)
    world.db.read(cursor.step)
    assert cursor.found == uids[:2]
    assert looked_at == [2]
