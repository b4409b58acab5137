"""Erasing an activity for good: bytes, texts and everybody's copies go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, Desk, activities, content_of, mail
from erasures import (
    MARK,
    SUPPORT,
    check_whole,
    erase,
    everything,
    planned,
    shown,
    spread_about,
)
from mailroom import body, fetch, item, opened
from sqlalchemy import func, select
from world import World, build

from imapgate.activities import by_hand
from imapgate.activities.names import Mistake
from imapgate.folders import erasing, opening
from imapgate.folders.erasing import Erased
from storage import Database, Tx, messages
from storage import erasing as rows
from storage.schema import expunged_entry, message, message_chunk


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def bob(world: World) -> Desk:
    return Desk(world, world.bob)


def count(world: World, table: Any) -> int:
    found: int = world.db.read(
        lambda tx: tx.connection.execute(select(func.count()).select_from(table)).scalar_one()
    )
    return found


@pytest.fixture
def spread(world: World) -> World:
    return spread_about(world)


def test_nothing_of_it_stands_in_any_table(spread: World) -> None:
    """Bytes, header, structure, search text, digest, names, follow-ups, records, media, notes."""
    erase(spread, 10000002)
    assert MARK.casefold() not in everything(spread)
    assert "erika@example.com" in everything(spread), "other mails' texts stay"
    check_whole(spread)


def test_nothing_of_it_stands_in_the_database_s_files(
    spread: World, alice: Desk, db_path: Path
) -> None:
    """Neither in the file nor in the log, though rows moved from page to page before; by another
    process than the one that serves."""
    for n in range(60):
        alice.append(SUPPORT, mail(f"Noise {n}", n, body="word " * (n * n % 1700)))
    log = db_path.with_name(db_path.name + "-wal")

    def found() -> bool:
        files = [one.read_bytes() for one in (db_path, log) if one.exists()]
        return any(MARK.lower().encode() in one.lower() for one in files)

    assert found()
    command_line = Database.open(db_path)
    try:
        plan = erasing.plan(command_line, spread.segment_id, [10000002], LIMITS)
        erased = erasing.erase(command_line, spread.segment_id, plan, "private", None)
        assert erased.overwritten
        assert not found()
    finally:
        command_line.close()
    assert not found()
    assert len(alice.rows(SUPPORT)) == 61


def test_every_connection_overwrites_what_it_deletes(db: Database) -> None:
    """However SQLite was built: what rows leave behind when they move counts too."""
    for work in (db.read, db.write):
        found = work(lambda tx: tx.connection.exec_driver_sql("PRAGMA secure_delete").scalar())
        assert found == 1


def test_a_reader_that_stays_keeps_the_log_and_that_is_told(
    spread: World, db_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next run does it."""
    monkeypatch.setattr(rows, "PATIENCE", 0.0)
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.01)
    plan = planned(spread, 10000002)

    def work(tx: Tx) -> Erased:
        tx.connection.execute(select(message.c.id)).all()
        return erasing.erase(spread.db, spread.segment_id, plan, "private", None)

    assert not spread.db.read(work).overwritten
    assert erasing.finish(spread.db)
    log = db_path.with_name(db_path.name + "-wal")
    assert log.stat().st_size == 0


def test_it_is_gone_from_every_folder_of_everybody(spread: World, alice: Desk, bob: Desk) -> None:
    """Groups, Recovered Messages, personal folders; what else stands there stays."""
    plan = planned(spread, 10000002)
    assert (plan.groups, plan.people, plan.kept_by, plan.wrappers) == (1, 3, (), 0)
    assert (
        plan.folders
        == plan.personal
        == len(["INBOX", "Drafts", "Trash", "carol's INBOX", "bob's recovered"])
    )
    erase(spread, 10000002)
    assert [one.content for one in alice.rows(SUPPORT)] == [mail("An incident", "i")]
    assert alice.contents("INBOX") == [mail("Nothing secret", 7)]
    for desk, name in ((alice, "Drafts"), (bob, "Trash"), (bob, "Recovered Messages")):
        assert desk.rows(name) == []
    assert Desk(spread, spread.carol).rows("INBOX") == []


def test_open_sessions_hear_of_it_and_can_fetch_nothing_any_more(
    spread: World, alice: Desk
) -> None:
    """EXPUNGE; until then a FETCH of it is answered, with nothing in it (RFC 2180 4.1.3)."""
    before = opened(spread, spread.alice, SUPPORT)
    trash = opened(spread, spread.bob, "Trash")
    erase(spread, 10000002)
    news = spread.db.read(
        lambda tx: opening.changes(
            tx, spread.alice, before.folder.id, before.modseq, before.uidnext
        )
    )
    assert news.expunged == [2]
    assert spread.db.read(
        lambda tx: (
            opening.changes(tx, spread.bob, trash.folder.id, trash.modseq, trash.uidnext).expunged
        )
    ) == [1]
    items = [item("ENVELOPE"), item("RFC822.SIZE"), body(), body((), "HEADER")]
    said = fetch(spread, spread.alice, SUPPORT, [1, 2], items)
    assert said[1]["BODY[]"] == mail("An incident", "i")
    assert not said[2]["BODY[]"]
    assert not said[2]["BODY[HEADER]"]
    assert MARK not in str(said[2])
    # Sales' entry was expunged before; what is kept of it for a day goes as well.
    assert count(spread, expunged_entry) == 0


def test_a_large_one_goes_in_short_transactions_and_a_cut_is_made_good(
    world: World, alice: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of sight at once; what an interrupted run left is removed by the next."""
    content = mail("Large", 1, body="x" * 9 * 1024 * 1024)
    alice.append(SUPPORT, content)
    sizes = []
    remove = rows._remove_chunks

    def counted(tx: Tx, stored_message_id: int) -> bool:
        if len(sizes) == 2:
            raise KeyboardInterrupt
        before = tx.connection.execute(select(func.count()).select_from(message_chunk)).scalar()
        more = remove(tx, stored_message_id)
        after = tx.connection.execute(select(func.count()).select_from(message_chunk)).scalar()
        sizes.append((before or 0) - (after or 0))
        return more

    monkeypatch.setattr(rows, "_remove_chunks", counted)
    plan = planned(world, 10000001)
    with pytest.raises(KeyboardInterrupt):
        erasing.erase(world.db, world.segment_id, plan, "private", None)
    assert sizes == [16, 16], "4 MiB at a time"
    assert alice.rows(SUPPORT) == []
    assert shown(world, 10000001)["name"] == "[erased]"
    assert count(world, message_chunk) == 5
    again = alice.append(SUPPORT, content)
    assert again.text == "Filed as #10000002 in Support."
    monkeypatch.setattr(rows, "_remove_chunks", remove)
    assert erasing.finish(world.db)
    assert count(world, message) == 1
    check_whole(world)
    (row,) = alice.rows(SUPPORT)
    assert row.content == content


def test_unknown_numbers_and_erased_ones_are_told(spread: World) -> None:
    with pytest.raises(Mistake, match="There is no activity #99"):
        planned(spread, 10000002, 99)
    erase(spread, 10000002)
    with pytest.raises(Mistake, match="was erased already"):
        planned(spread, 10000002)


def test_an_activity_without_a_mail_loses_its_texts(world: World, alice: Desk) -> None:
    number = world.db.write(
        lambda tx: by_hand.new_activity(
            tx, world.segment_id, MARK, creator="GadgetASupport", description=MARK
        )
    )
    erase(world, number)
    assert MARK.casefold() not in everything(world)
    assert len(activities(world)) == 1


def test_other_mails_are_read_as_before(spread: World, alice: Desk) -> None:
    kept = alice.contents("INBOX")[-1]
    erase(spread, 10000002)
    found = spread.db.read(
        lambda tx: [
            content_of(tx, one) for one in tx.connection.execute(select(message.c.id)).scalars()
        ]
    )
    assert sorted(found) == sorted([kept, mail("An incident", "i")])
    assert messages.CHUNK == 256 * 1024
