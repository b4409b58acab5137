"""A COPY or MOVE that was refused while nothing could be recorded: what is expunged then is kept
(rules 3, 17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, Desk, mail, records
from sqlalchemy import update
from world import World, build

from imapgate.folders import drops, leaving, unrecorded
from imapgate.folders.spool import Spool
from imapgate.folders.verdict import Outcome, Verdict
from storage import Database
from storage.engine import Unavailable
from storage.schema import DELETED, folder

SUPPORT, ARCHIVE = "Trackers/Support", "Trackers/Archive"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    desk = Desk(world, world.alice)
    desk.append("INBOX", mail(n=1), mail(n=2), mail(n=3))
    return desk


@pytest.fixture
def directory(world: World) -> Path:
    return world.db.path.parent / "spool"


@pytest.fixture
def spool(directory: Path) -> Spool:
    return Spool(directory, LIMITS)


@contextmanager
def locked(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process holds the lock for longer than anybody waits: reading goes on."""
    write = world.db.write
    monkeypatch.setattr(world.db, "write", away)
    yield
    monkeypatch.setattr(world.db, "write", write)


def away(_work: object) -> Any:
    raise Unavailable("the database is locked by another process")


def drag(
    desk: Desk, spool: Spool, uids: list[int], name: str = SUPPORT, word: str = "copy"
) -> Verdict:
    found = desk.folder("INBOX")
    drag = drops.move if word == "move" else drops.copy
    return drag(desk.world.db, desk.person, found, uids, name, "Test 1.0", LIMITS, spool=spool)


def expunge(desk: Desk, spool: Spool, uids: list[int]) -> list[int]:
    """As the session does it."""
    desk.set_own("INBOX", uids, DELETED)
    folder, db = desk.folder("INBOX"), desk.world.db
    drops.settle(db, spool, desk.person)
    return db.write(lambda tx: leaving.expunge(tx, desk.person, folder, None))


@pytest.mark.parametrize("word", ["copy", "move"])
def test_what_is_expunged_after_a_drag_that_could_not_be_recorded_is_kept(
    alice: Desk, spool: Spool, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outlook sends COPY, STORE and EXPUNGE without waiting: the lock is gone between the first and
    the last."""
    with locked(alice.world, monkeypatch):
        assert drag(alice, spool, [1, 3], word=word).code == "UNAVAILABLE"
    assert expunge(alice, spool, [1, 3]) == [1, 3]
    assert alice.recovered() == [(mail(n=1), ("$Refused",)), (mail(n=3), ("$Refused",))]
    found = [(one.verdict, one.code, one.command, one.subject) for one in records(alice.world)]
    assert found == [("later", "UNAVAILABLE", word.upper(), "Hello")] * 2
    assert not list(alice.world.db.path.parent.glob("spool/*"))


def test_it_is_recorded_after_a_start_too(
    alice: Desk, spool: Spool, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(alice.world, monkeypatch):
        drag(alice, spool, [1])
    (directory / "2-0123.refusing").write_bytes(b"half")
    anew = Spool(directory, LIMITS)
    assert anew.waiting
    assert expunge(alice, anew, [1]) == [1]
    assert alice.recovered() == [(mail(n=1), ("$Refused",))]
    assert not anew.refusals.waiting
    assert not list(directory.iterdir())


def test_the_spool_records_it_by_itself(
    alice: Desk, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.take_in(alice.world.db)
    assert not spool.waiting
    with locked(alice.world, monkeypatch):
        for _ in range(3):
            drag(alice, spool, [1, 2], ARCHIVE)
    assert spool.waiting
    spool.take_in(alice.world.db)
    assert not spool.waiting
    assert [(one.verdict, one.times) for one in records(alice.world)] == [("later", 3)] * 2


def test_a_refusal_whose_record_fails_is_recorded_later(
    alice: Desk, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer keeps its code; an error of ours is no reason to lose the mail."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a slip")

    with monkeypatch.context() as patched:
        patched.setattr("imapgate.folders.copying.record_refusal", broken)
        verdict = drag(alice, spool, [1], ARCHIVE)
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert expunge(alice, spool, [1]) == [1]
    assert alice.recovered() == [(mail(n=1), ("$Refused",))]
    (record,) = records(alice.world)
    assert (record.verdict, record.code, record.text) == ("refused", "CANNOT", verdict.text)


def test_what_was_filed_meanwhile_isnt_kept(
    alice: Desk, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client tried again, and its second try was filed."""
    with locked(alice.world, monkeypatch):
        drag(alice, spool, [1])
    spool.take_in(alice.world.db)
    assert drag(alice, spool, [1]).outcome is Outcome.DONE
    expunge(alice, spool, [1])
    assert alice.recovered() == []


def test_while_it_cant_be_recorded_nothing_is_expunged(
    alice: Desk, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(alice.world, monkeypatch):
        drag(alice, spool, [1])
        with pytest.raises(Unavailable):
            drops.settle(alice.world.db, spool, alice.person)
    drops.settle(alice.world.db, spool, alice.person)
    assert len(records(alice.world)) == 1


def test_a_full_disk_keeps_it_in_memory(
    alice: Desk,
    spool: Spool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with locked(alice.world, monkeypatch), monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        drag(alice, spool, [1])
    assert "No space left on device" in caplog.text
    expunge(alice, spool, [1])
    assert alice.recovered() == [(mail(n=1), ("$Refused",))]


def test_so_much_waits_and_no_more(
    alice: Desk,
    spool: Spool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(unrecorded, "MOST", 1000)
    with locked(alice.world, monkeypatch):
        for n in range(5):
            drag(alice, spool, [1], f"Trackers/{n}")
    assert "too many wait" in caplog.text
    spool.take_in(alice.world.db)
    assert 0 < len(records(alice.world)) < 5
    with locked(alice.world, monkeypatch):
        drag(alice, spool, [1], "Trackers/again")
    spool.take_in(alice.world.db)
    assert records(alice.world)[-1].folder_name == "Trackers/again"


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])


def mistyped(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"COPY"', b"7"))


@pytest.mark.parametrize("damage", [cut, mistyped])
def test_what_is_damaged_is_passed_over(
    alice: Desk,
    spool: Spool,
    directory: Path,
    damage: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with locked(alice.world, monkeypatch):
        drag(alice, spool, [1])
        drag(alice, spool, [2])
    first, _ = sorted(directory.glob("*.refused"))
    damage(first)
    anew = Spool(directory, LIMITS)
    anew.take_in(alice.world.db)
    assert len(records(alice.world)) == 1
    assert "passed over" in caplog.text
    assert list(directory.iterdir()) == [first]


def test_whose_user_is_gone_stops_nobody(
    alice: Desk, spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bob = Desk(alice.world, alice.world.bob)
    bob.append("INBOX", mail(n=7))
    with locked(alice.world, monkeypatch):
        drag(bob, spool, [1])
        drag(alice, spool, [1])
    bob.world.db.write(
        lambda tx: tx.connection.exec_driver_sql(
            "UPDATE principal SET name = 'eve', name_key = 'eve' WHERE name = 'bob'"
        )
    )
    spool.take_in(alice.world.db)
    assert [one.principal_id for one in records(alice.world)] == [alice.person.id]
    assert "its user isn't there" in caplog.text


def test_a_mail_that_goes_to_trash_first_is_followed(
    alice: Desk, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal is recorded while the mail still stands where it was refused."""
    with locked(alice.world, monkeypatch):
        drag(alice, spool, [1])
    assert drag(alice, spool, [1], "Trash", "move").outcome is Outcome.DONE
    trash, db = alice.folder("Trash"), alice.world.db
    alice.set_own("Trash", [1], DELETED)
    db.write(lambda tx: leaving.expunge(tx, alice.person, trash, None))
    assert alice.recovered() == [(mail(n=1), ("$Refused",))]


def test_an_error_of_ours_in_recording_expunges_nothing_and_the_refusal_waits_on(
    alice: Desk, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(alice.world, monkeypatch):
        drag(alice, spool, [1])

    def broken(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(unrecorded, "_record", broken)
        with pytest.raises(MemoryError):
            expunge(alice, spool, [1])
        bob = Desk(alice.world, alice.world.bob)
        bob.append("INBOX", mail(n=9))
        assert expunge(bob, spool, [1]) == [1], "nobody else is held up"
    assert expunge(alice, spool, [1]) == [1]
    assert alice.recovered() == [(mail(n=1), ("$Refused",))]


def test_another_folder_under_its_number_is_not_meant(
    alice: Desk, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restored database gives numbers of folders out again, under another UIDVALIDITY."""
    with locked(alice.world, monkeypatch):
        drag(alice, spool, [1])
    renewed = update(folder).values(uidvalidity=folder.c.uidvalidity + 9)
    alice.world.db.write(lambda tx: tx.connection.execute(renewed))
    spool.refusals.settle(alice.world.db)
    assert records(alice.world) == []
