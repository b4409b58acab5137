"""Puts messages into folders and reads them, for tests of what stands in folders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sexp
from world import World

from imapgate.activities.people import Person
from imapgate.folders import ready, tree
from imapgate.folders.changed import FlagsNow
from imapgate.folders.opening import Opened, open_folder
from imapgate.folders.reading import FetchCursor
from imapgate.folders.tree import Folder
from imapgate.wire.commands import BodyItem, Item, Section
from storage import standing
from storage.entries import NewEntry, add

PLAIN = b"From: ann@example.org\r\nSubject: hello\r\n\r\nbody\r\n"


def folder(world: World, person: Person, name: str = "INBOX") -> Folder:
    found = world.db.read(lambda tx: tree.find(tx, person, name))
    assert found is not None
    return found


def opened(world: World, person: Person, name: str = "INBOX") -> Opened:
    here = folder(world, person, name)
    return world.db.read(lambda tx: open_folder(tx, person, here))


def said(flags: Sequence[FlagsNow]) -> list[tuple[int, bytes]]:
    """(UID, flags) alone."""
    return [(one.uid, one.flags) for one in flags]


def put(
    world: World,
    person: Person,
    name: str,
    contents: Sequence[bytes],
    *,
    droppers: Sequence[Person] = (),
    **columns: Any,
) -> list[int]:
    """Straight into a folder, as plain entries without an activity; the UIDs."""
    here = folder(world, person, name)
    prepared = [ready.prepare(content) for content in contents]
    given = {"internal_at": 1_000_000_000, **columns}

    def work(tx: Any) -> list[int]:
        uids = add(
            tx,
            here.id,
            [
                NewEntry(ready.store(tx, world.segment_id, one), len(one.content), **given)
                for one in prepared
            ],
        )
        standing.add_droppers(tx, here.id, [(uid, one.id) for uid in uids for one in droppers])
        return uids

    return world.db.write(work)


def item(name: str) -> Item:
    return Item(name.encode())


def body(
    path: tuple[int, ...] = (),
    text: str = "",
    fields: tuple[bytes, ...] = (),
    partial: tuple[int, int] | None = None,
) -> BodyItem:
    """As the grammar gives it for BODY.PEEK[...]."""
    inside = ".".join([*map(str, path), *([text] if text else [])])
    if fields:
        inside += f" ({' '.join(name.decode() for name in fields)})"
    section = Section(path, text.encode(), fields)
    return BodyItem(section, True, f"BODY[{inside}]".encode(), partial)


def answers(
    world: World,
    person: Person,
    name: str,
    numbered: Sequence[tuple[int, int]],
    items: Sequence[Item | BodyItem],
    **options: Any,
) -> list[list[bytes]]:
    """What a FetchCursor says, step by step."""
    here = folder(world, person, name)
    cursor = FetchCursor(
        person, here, numbered, items, options.pop("recent_from", 2**32), **options
    )
    steps = []
    while not cursor.done:
        steps.append(world.db.read(cursor.step))
        assert b"".join(steps[-1]), "no progress"
    return steps


def fetch(
    world: World,
    person: Person,
    name: str,
    uids: Sequence[int],
    items: Sequence[Item | BodyItem],
    **options: Any,
) -> dict[int, dict[str, Any]]:
    """UID -> item -> value, of the messages numbered from 1."""
    numbered = list(enumerate(uids, start=1))
    steps = answers(world, person, name, numbered, items, **options)
    said = sexp.fetches(b"".join(piece for step in steps for piece in step))
    assert [number for number, _ in said] == [number for number, _ in numbered]
    return {uid: values for uid, (_, values) in zip(uids, said, strict=True)}
