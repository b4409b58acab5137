"""FETCH: what is served, in which steps, and what is touched for it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import sexp
from corpus import MESSAGES
from mailroom import PLAIN, answers, body, fetch, folder, item, put
from sqlalchemy import Engine, event
from world import World, build

from imapgate.folders import flags, ready
from imapgate.folders.reading import BATCH, FetchCursor
from imapgate.limits import Limits
from storage import Database, entries, messages
from storage.schema import ANSWERED

ALL_ITEMS = [
    *map(
        item,
        ("FLAGS", "UID", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE"),
    ),
    body(),
    body((), "HEADER"),
    body((), "TEXT"),
    body((1,)),
    body((1,), "MIME"),
    body((), "HEADER.FIELDS", (b"FROM", b"SUBJECT")),
    body((), "HEADER.FIELDS.NOT", (b"FROM",)),
    body((2, 1)),
    body((), "TEXT", partial=(3, 10)),
]


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """SQL that is sent while a test runs."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def test_all_items_of_a_plain_message(world: World) -> None:
    uids = put(
        world, world.alice, "INBOX", [PLAIN], internal_zone=120, flags=ANSWERED, keywords="$x"
    )
    found = fetch(world, world.alice, "INBOX", uids, ALL_ITEMS, recent_from=1)[uids[0]]
    assert found == {
        "FLAGS": ["\\Answered", "$x", "\\Recent"],
        "UID": uids[0],
        "INTERNALDATE": b" 9-Sep-2001 03:46:40 +0200",
        "RFC822.SIZE": len(PLAIN),
        "ENVELOPE": sexp.whole(ready.prepare(PLAIN).envelope),
        "BODY": sexp.whole(ready.prepare(PLAIN).body),
        "BODYSTRUCTURE": sexp.whole(ready.prepare(PLAIN).bodystructure),
        "BODY[]": PLAIN,
        "BODY[HEADER]": b"From: ann@example.org\r\nSubject: hello\r\n\r\n",
        "BODY[TEXT]": b"body\r\n",
        "BODY[1]": b"body\r\n",
        "BODY[1.MIME]": b"From: ann@example.org\r\nSubject: hello\r\n\r\n",
        "BODY[HEADER.FIELDS (FROM SUBJECT)]": b"From: ann@example.org\r\nSubject: hello\r\n\r\n",
        "BODY[HEADER.FIELDS.NOT (FROM)]": b"Subject: hello\r\n\r\n",
        "BODY[2.1]": None,
        "BODY[TEXT]<3>": b"y\r\n",
    }


def test_uid_is_told_once_and_first_in_uid_fetch(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN])
    said = answers(world, world.alice, "INBOX", [(7, uids[0])], [item("FLAGS")], with_uid=True)
    assert b"".join(said[0]) == b"* 7 FETCH (UID %d FLAGS ())\r\n" % uids[0]
    asked = [item("UID"), item("UID")]
    said = answers(world, world.alice, "INBOX", [(7, uids[0])], asked, with_uid=True)
    assert b"".join(said[0]) == b"* 7 FETCH (UID %d)\r\n" % uids[0]


def test_flags_are_told_along_for_what_became_seen(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN, PLAIN])
    here = folder(world, world.alice)
    new, before, after = world.db.write(lambda tx: flags.mark_seen(tx, world.alice, here, uids[:1]))
    assert (new, after) == (frozenset(uids[:1]), before + 1)
    found = fetch(world, world.alice, "INBOX", uids, [body((), "TEXT")], flags_changed=new)
    assert found[uids[0]] == {"BODY[TEXT]": b"body\r\n", "FLAGS": ["\\Seen"]}
    assert found[uids[1]] == {"BODY[TEXT]": b"body\r\n"}


@pytest.mark.parametrize(
    ("partial", "expected"),
    [((0, 4), b"body"), ((4, 100), b"\r\n"), ((6, 1), b""), ((100, 5), b"")],
)
def test_partial_beyond_the_end_is_empty(
    world: World, partial: tuple[int, int], expected: bytes
) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN])
    found = fetch(world, world.alice, "INBOX", uids, [body((), "TEXT", partial=partial)])
    assert found[uids[0]] == {f"BODY[TEXT]<{partial[0]}>": expected}


def test_bodies_are_always_literals(world: World) -> None:
    """neomutt looks for `{n}`, even for nothing."""
    uids = put(world, world.alice, "INBOX", [b"Subject: x\r\n\r\n"])
    said = answers(world, world.alice, "INBOX", [(1, uids[0])], [body((), "TEXT")])
    assert b"".join(said[0]) == b"* 1 FETCH (BODY[TEXT] {0}\r\n)\r\n"


def test_every_nasty_message_comes_back_byte_for_byte(world: World) -> None:
    uids = put(world, world.alice, "INBOX", list(MESSAGES.values()))
    found = fetch(world, world.alice, "INBOX", uids, ALL_ITEMS)
    for uid, content in zip(uids, MESSAGES.values(), strict=True):
        values = found[uid]
        assert values["BODY[]"] == content
        assert values["RFC822.SIZE"] == len(content)
        assert values["BODY[HEADER]"] + values["BODY[TEXT]"] == content
        made = ready.prepare(content)
        assert values["ENVELOPE"] == sexp.whole(made.envelope)
        assert values["BODYSTRUCTURE"] == sexp.whole(made.bodystructure)


def test_large_body_is_served_in_bounded_steps(world: World) -> None:
    content = b"Subject: large\r\n\r\n" + random.Random(1).randbytes(3 * messages.CHUNK + 77)
    uids = put(world, world.alice, "INBOX", [PLAIN, content, PLAIN])
    numbered = list(enumerate(uids, start=1))
    steps = answers(world, world.alice, "INBOX", numbered, [body(), body((), "TEXT")])
    assert len(steps) > 6
    assert all(sum(map(len, step)) <= BATCH + messages.CHUNK for step in steps)
    said = sexp.fetches(b"".join(piece for step in steps for piece in step))
    assert [values["BODY[]"] for _, values in said] == [PLAIN, content, PLAIN]
    assert said[1][1]["BODY[TEXT]"] == content[18:]


def test_header_longer_than_what_is_kept_is_read_from_the_message(world: World) -> None:
    content = b"Subject: x\r\nX-Long: " + b"v" * ready.HEADER_KEPT + b"\r\n\r\ntext"
    assert ready.prepare(content).header is None
    uids = put(world, world.alice, "INBOX", [content])
    asked = [body((), "HEADER"), body((), "HEADER.FIELDS", (b"SUBJECT",))]
    found = fetch(world, world.alice, "INBOX", uids, asked)[uids[0]]
    assert found["BODY[HEADER]"] == content[:-4]
    assert found["BODY[HEADER.FIELDS (SUBJECT)]"] == b"Subject: x\r\n\r\n"


def test_many_names_for_one_part_are_not_held_at_once(world: World) -> None:
    content = b"Subject: x\r\n\r\n" + b"v" * 60_000
    uids = put(world, world.alice, "INBOX", [content])
    asked = [body((), "TEXT", partial=(at, 60_000)) for at in range(100)]
    steps = answers(world, world.alice, "INBOX", [(1, uids[0])], asked)
    assert all(sum(map(len, step)) <= 1024 * 1024 + BATCH + messages.CHUNK for step in steps)
    ((_, values),) = sexp.fetches(b"".join(piece for step in steps for piece in step))
    assert all(values[f"BODY[TEXT]<{at}>"] == content[14 + at :] for at in range(100))


def test_batches_give_the_same_as_one_message_at_a_time(world: World) -> None:
    """However many messages a step reads, and in whichever order and gaps they are named."""
    contents = [PLAIN + b"%d" % at * (at % 50) * 40 for at in range(400)]
    uids = put(world, world.alice, "INBOX", contents)
    world.db.write(lambda tx: entries.remove(tx, folder(world, world.alice).id, uids[50:90]))
    asked = [item("FLAGS"), item("UID"), item("ENVELOPE"), body(), body((), "HEADER")]
    for chosen in (uids, uids[::2], uids[5:6], [uids[0], uids[-1]], uids[300:310]):
        numbered = list(enumerate(chosen, start=1))
        steps = answers(world, world.alice, "INBOX", numbered, asked)
        together = b"".join(piece for step in steps for piece in step)
        alone = b"".join(
            piece
            for pair in numbered
            for step in answers(world, world.alice, "INBOX", [pair], asked)
            for piece in step
        )
        assert together == alone


def test_flags_are_read_without_the_messages(world: World, statements: list[str]) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN] * 300)
    here = folder(world, world.alice)
    asked = [item("FLAGS"), item("UID")]
    cursor = FetchCursor(world.alice, here, list(enumerate(uids, 1)), asked, 1)
    del statements[:]
    world.db.read(cursor.step)
    assert cursor.done
    read = [one for one in statements if one.startswith("SELECT")]
    assert read
    assert not any("message" in one for one in read)
    assert len(read) <= 12, "a few queries for a batch, none for each message"


def test_envelopes_are_read_without_the_bytes(world: World, statements: list[str]) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN] * 300)
    here = folder(world, world.alice)
    cursor = FetchCursor(world.alice, here, list(enumerate(uids, 1)), [item("ENVELOPE")], 1)
    del statements[:]
    world.db.read(cursor.step)
    read = [one for one in statements if one.startswith("SELECT")]
    assert read
    assert not any("message_chunk" in one or "user_run" in one for one in read)


def test_what_others_expunged_is_served_until_the_session_knows(world: World) -> None:
    """RFC 2180 4.1: the session still has the message's number."""
    uids = put(world, world.alice, "INBOX", [PLAIN, PLAIN + b"other"])
    before = fetch(world, world.alice, "INBOX", uids, ALL_ITEMS)
    here = folder(world, world.alice)
    world.db.write(lambda tx: entries.remove(tx, here.id, uids[1:]))
    after = fetch(world, world.alice, "INBOX", uids, ALL_ITEMS)
    assert after == before


def test_flags_of_what_others_expunged_are_empty(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN], flags=ANSWERED, keywords="$x")
    here = folder(world, world.alice)
    world.db.write(lambda tx: entries.remove(tx, here.id, uids))
    found = fetch(world, world.alice, "INBOX", uids, [item("FLAGS"), item("RFC822.SIZE")])
    assert found[uids[0]] == {"FLAGS": [], "RFC822.SIZE": len(PLAIN)}


def test_what_nobody_knows_any_more_is_answered_all_the_same(world: World) -> None:
    """Such as a wrapper's UID: numbers must not be passed over (RFC 2180 4.1.3)."""
    found = fetch(world, world.alice, "INBOX", [77], ALL_ITEMS)[77]
    assert found["ENVELOPE"] == [None] * 10
    assert found["RFC822.SIZE"] == 0
    assert found["BODY[]"] is None
    assert found["BODY"][:2] == [b"TEXT", b"PLAIN"]


def test_own_flags_are_each_users_own(world: World) -> None:
    uids = put(world, world.alice, "Trackers/Support", [PLAIN])
    here = folder(world, world.alice, "Trackers/Support")
    world.db.write(
        lambda tx: flags.store(
            tx, world.alice, here, uids, b"+", (rb"\Seen", rb"\Flagged", b"$todo"), Limits()
        )
    )
    asked = [item("FLAGS")]
    mine = fetch(world, world.alice, "Trackers/Support", uids, asked)[uids[0]]
    bobs = fetch(world, world.bob, "Trackers/Support", uids, asked)[uids[0]]
    assert mine == {"FLAGS": ["\\Flagged", "\\Seen", "$todo"]}
    assert bobs == {"FLAGS": ["\\Flagged", "$todo"]}


def test_nothing_asked_for_is_done_at_once(world: World) -> None:
    here = folder(world, world.alice)
    assert FetchCursor(world.alice, here, [], [item("FLAGS")], 1).done
