"""What waited in the spool comes to its owner once, whatever came between (rules 3, 17)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, mail, records
from spooling import KEPT, SUPPORT, Place, marks
from sqlalchemy import update
from world import build

from imapgate.folders.spool import Spool
from imapgate.folders.verdict import Outcome
from storage import Database
from storage.engine import Unavailable
from storage.schema import principal


@pytest.fixture
def place(db: Database) -> Place:
    return Place(build(db), Spool(db.path.parent / "spool", LIMITS))


def test_a_crash_between_commit_and_unlink_takes_nothing_in_twice(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=1), mail(n=2))

    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(Spool, "_remove", crash)
        with pytest.raises(Crash):
            place.spool.take_in(place.world.db)
    assert len(place.recovered("alice")) == 2
    desk = place.desk("alice")
    desk.move("Recovered Messages", [1], SUPPORT)
    before = (len(records(place.world)), place.recovered("alice"))
    assert place.anew().take_in(place.world.db) == 0
    assert (len(records(place.world)), place.recovered("alice")) == before
    assert (place.files, marks(place)) == ([], [])


@pytest.mark.parametrize("removed", [1, 2])
def test_a_crash_while_files_are_removed_leaves_rubbish_that_the_next_start_removes(
    place: Place, removed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=1), mail(n=2))
    unlink, calls = Path.unlink, iter(range(100))

    class Crash(BaseException):
        pass

    def crash(path: Path, missing_ok: bool = False) -> None:
        if next(calls) == removed:
            raise Crash
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", crash)
        with pytest.raises(Crash):
            place.spool.take_in(place.world.db)
    assert place.files
    assert place.anew().take_in(place.world.db) == 0
    assert (place.files, marks(place)) == ([], [])
    assert place.recovered("alice") == [mail(n=1), mail(n=2)]
    assert len(records(place.world)) == 2


def test_what_was_filed_meanwhile_isnt_put_there_but_is_recorded(place: Place) -> None:
    """The client tried again, before the spool was taken in."""
    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=1), mail(n=2))
        place.append("alice", "Sent", mail(n=3))
        place.append("alice", "Drafts", mail(n=4))
    assert place.append("alice", SUPPORT, mail(n=1)).outcome is Outcome.DONE
    assert place.append("alice", "Sent", mail(n=3)).outcome is Outcome.DONE
    assert place.append("alice", "INBOX", mail(n=4)).outcome is Outcome.DONE
    assert place.spool.take_in(place.world.db) == 4
    assert place.recovered("alice") == [mail(n=2), mail(n=4)]
    assert [one.verdict for one in records(place.world)] == ["filed", *["later"] * 4]


def test_what_was_filed_before_or_by_another_is_put_there(place: Place) -> None:
    place.append("alice", SUPPORT, mail(n=1))
    place.world.db.write(
        lambda tx: tx.connection.exec_driver_sql("UPDATE drop_record SET at = at - 10")
    )
    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=1))
        place.append("alice", SUPPORT, mail(n=2))
    place.append("bob", SUPPORT, mail(n=2))
    place.spool.take_in(place.world.db)
    assert place.recovered("alice") == [mail(n=1), mail(n=2)]


def test_what_comes_again_while_it_is_taken_in_is_recorded_too(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between COMMIT and unlink the database went away again, and the client tried again."""
    with place.elsewhere():
        place.append("alice", SUPPORT, mail())
    remove = Spool._remove

    def late(spool: Spool, drop: Any) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(place.world.db, "write", _away)
            assert place.append("alice", SUPPORT, mail()).text == KEPT
        remove(spool, drop)

    with monkeypatch.context() as patched:
        patched.setattr(Spool, "_remove", late)
        assert place.spool.take_in(place.world.db) == 1
    assert place.spool.waiting
    assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("alice") == [mail()]
    assert sum(one.times for one in records(place.world)) == 2
    assert (place.files, marks(place)) == ([], [])


def _away(*_: object) -> None:
    raise Unavailable("gone")


def test_a_copy_that_was_promised_comes_even_where_recovered_messages_is_full(
    place: Place,
) -> None:
    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=1))
    place.anew(replace(LIMITS, recovered=1)).take_in(place.world.db)
    assert place.recovered("alice") == [mail(n=1)]


def test_a_disabled_users_mail_is_taken_in(place: Place) -> None:
    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=1))
    place.world.db.write(
        lambda tx: tx.connection.execute(
            update(principal).where(principal.c.name == "alice").values(disabled=True)
        )
    )
    assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("alice") == [mail(n=1)]
