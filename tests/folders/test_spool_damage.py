"""What can't be taken in stays in the spool, is told, and stops nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, mail
from spooling import KEPT, SUPPORT, Place
from sqlalchemy import update
from world import build

from imapgate.folders import taking_in
from imapgate.folders.spool import Spool
from storage import Database
from storage.schema import principal


@pytest.fixture
def place(db: Database) -> Place:
    return Place(build(db), Spool(db.path.parent / "spool", LIMITS))


def damaged_text(file: Path) -> None:
    file.write_bytes(b"{}")


def damaged_value(file: Path) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), "at": "now"}))


def newer_form(file: Path) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), "form": 99}))


def longer(file: Path) -> None:
    with file.with_suffix(".0").open("ab") as content:
        content.write(b"x")


def flipped(file: Path) -> None:
    content = bytearray(file.with_suffix(".0").read_bytes())
    content[-5] ^= 1
    file.with_suffix(".0").write_bytes(content)


def missing(file: Path) -> None:
    file.with_suffix(".0").unlink()


def unreadable(file: Path) -> None:
    """For anybody, the administrator too: a link to itself."""
    file.unlink()
    file.symlink_to(file)


@pytest.mark.parametrize(
    "damage", [damaged_text, damaged_value, newer_form, longer, flipped, missing, unreadable]
)
def test_what_is_damaged_stays_is_told_once_and_stops_nobody(
    place: Place, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    with place.elsewhere():
        place.append("alice", SUPPORT, mail("Secret subject", 1))
        (file,) = place.directory.glob("*.json")
        damage(file)
        before = place.files
        place.append("alice", SUPPORT, mail(n=2))
    assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("alice") == [mail(n=2)]
    assert place.spool.take_in(place.world.db) == 0
    assert not place.spool.waiting
    assert place.files == before
    told = [one.getMessage() for one in caplog.records if "stays in the spool" in one.getMessage()]
    assert len(told) == 1
    assert "Secret" not in caplog.text
    with place.elsewhere():
        assert place.append("alice", SUPPORT, mail("Secret subject", 1)).text == KEPT
    assert place.spool.take_in(place.world.db) == 1, "the client brought it again, whole"


def test_whose_user_is_gone_stays_and_nobody_else_gets_it(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor another person, who has the number in a database that was made anew."""
    with place.elsewhere():
        place.append("bob", SUPPORT, mail(n=1))
        place.append("alice", SUPPORT, mail(n=2))
    bob = place.world.bob
    place.world.db.write(
        lambda tx: tx.connection.execute(
            update(principal)
            .where(principal.c.id == bob.id)
            .values(name="eve", name_key="eve", email=None, email_key=None)
        )
    )
    assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("bob") == []
    assert place.recovered("alice") == [mail(n=2)]
    assert len(place.files) == 2
    assert "its user isn't there" in caplog.text


def test_an_error_of_ours_while_taking_in_stops_nobody(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=1))
        place.append("bob", SUPPORT, mail(n=2))
    keep_all = taking_in.recovered.keep_all

    def slip(tx: Any, principal_id: int, *rest: Any) -> None:
        if principal_id == place.world.alice.id:
            raise ZeroDivisionError("a slip")
        keep_all(tx, principal_id, *rest)

    with monkeypatch.context() as patched:
        patched.setattr("imapgate.folders.recovered.keep_all", slip)
        assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("bob") == [mail(n=2)]
    assert "incident" in caplog.text
    assert place.anew().take_in(place.world.db) == 1, "after the next start it is tried again"
    assert place.recovered("alice") == [mail(n=1)]


def test_files_of_others_are_left_alone(place: Place) -> None:
    place.directory.mkdir()
    other = place.directory / "notes.txt"
    other.write_text("mine")
    with place.elsewhere():
        place.append("alice", SUPPORT, mail())
    assert place.spool.take_in(place.world.db) == 1
    assert place.files == [other]


def test_a_repeat_that_cant_be_written_costs_nothing_of_what_is_there(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file descriptor is free, say."""

    def none_free(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    db = place.world.db
    with place.elsewhere():
        assert place.append("alice", SUPPORT, mail()).text == KEPT
        with monkeypatch.context() as patched:
            patched.setattr("pathlib.Path.read_bytes", none_free)
            assert "no copy was kept" in place.append("alice", SUPPORT, mail()).text
        with monkeypatch.context() as patched:
            # As if it could not be taken in: then it is written anew.
            patched.setattr(place.spool, "_aside", {one.stem for one in place.files})
            patched.setattr("imapgate.folders.spool.write", none_free)
            assert "no copy was kept" in place.append("alice", SUPPORT, mail()).text
    assert place.anew().take_in(db) == 1
    assert place.recovered("alice") == [mail()]
