"""The spool (rules 3, 17): what arrives while the database is away is kept, or it is told that
nothing was."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, activities, mail, records
from spooling import ARCHIVE, KEPT, SUPPORT, Place, marks
from world import build

from imapgate.folders import drops, spool_files
from imapgate.folders.drops import Arrival
from imapgate.folders.spool import Spool
from imapgate.folders.verdict import Outcome
from storage import Database
from storage.engine import Unavailable


@pytest.fixture
def place(db: Database) -> Place:
    return Place(build(db), Spool(db.path.parent / "spool", LIMITS))


def test_what_arrives_while_the_database_is_away_comes_to_recovered_messages(place: Place) -> None:
    with place.elsewhere():
        verdict = place.append("alice", SUPPORT, mail(n=1), at=1_700_000_000)
        assert (verdict.outcome, verdict.code) == (Outcome.LATER, "UNAVAILABLE")
        assert verdict.text == KEPT
        assert place.spool.take_in(place.world.db) == 0, "it is away still"
        assert place.spool.waiting
    assert place.spool.take_in(place.world.db) == 1
    (row,) = place.desk("alice").rows("Recovered Messages")
    assert (row.content, row.keywords) == (mail(n=1), ("$Failed",))
    assert row.internal_at == 1_700_000_000
    (record,) = records(place.world)
    assert (record.verdict, record.code, record.text) == ("later", "UNAVAILABLE", KEPT)
    assert (record.folder_name, record.client, record.command) == (SUPPORT, "Test 1.0", "APPEND")
    assert (record.subject, record.message_id) == ("Hello", "m1@example.com")
    assert record.stored_message_id
    assert (place.files, place.spool.waiting, marks(place)) == ([], False, [])
    assert activities(place.world) == []


def test_order_and_owner_are_kept_and_a_mail_without_a_date_has_that_of_its_arrival(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.elsewhere():
        for n in (3, 1, 2):
            monkeypatch.setattr("time.time", lambda n=n: 1_700_000_000.0 + 10 - n)
            place.append("alice", SUPPORT, mail(n=n))
        monkeypatch.undo()
        place.append("bob", "INBOX", mail(n=4), mail(n=5))
    assert place.spool.take_in(place.world.db) == 5
    rows = place.desk("alice").rows("Recovered Messages")
    assert [one.content for one in rows] == [mail(n=3), mail(n=1), mail(n=2)]
    assert [one.internal_at for one in rows] == [1_700_000_007, 1_700_000_009, 1_700_000_008]
    assert place.recovered("bob") == [mail(n=4), mail(n=5)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_nobody_else_reads_the_spool(place: Place) -> None:
    before = os.umask(0)
    try:
        with place.elsewhere():
            place.append("alice", SUPPORT, mail())
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(one.stat().st_mode) for one in place.files}
    assert len(place.files) == 2
    assert modes == {0o600}
    assert stat.S_IMODE(place.directory.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform != "linux", reason="names of open files are asked for in /proc")
def test_a_drop_is_flushed_before_its_description_gets_its_name(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut leaves whole drops or rubbish: bytes, description, name, directory, in this
    order, and then the answer."""
    seen: list[str] = []
    fsync, rename = os.fsync, os.replace

    def flushed(descriptor: int) -> None:
        seen.append("flush " + Path(os.readlink(f"/proc/self/fd/{descriptor}")).suffix)
        fsync(descriptor)

    def renamed(old: Path, new: Path) -> None:
        seen.append("name " + Path(new).suffix)
        rename(old, new)

    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=1))
        monkeypatch.setattr("os.fsync", flushed)
        monkeypatch.setattr("os.replace", renamed)
        place.append("alice", SUPPORT, mail(n=2), mail(n=3))
        monkeypatch.undo()
    messages = ["flush .new", "flush .new", "name .0", "name .1"]
    assert seen == [*messages, "flush .new", "name .json", "flush "]


def test_a_large_message_is_copied_and_taken_in_in_pieces(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither on the way into the spool nor out of it is one held whole."""
    large = mail(body="x" * (3 * 1024 * 1024))
    mapped: list[int] = []
    mapping = spool_files.mmap.mmap

    def counted(*args: Any, **options: Any) -> Any:
        mapped.append(1)
        return mapping(*args, **options)

    monkeypatch.setattr(spool_files.mmap, "mmap", counted)
    with place.elsewhere():
        place.append("alice", SUPPORT, large)
    assert max(len(piece) for piece in spool_files.pieces(large)) == spool_files.PIECE
    assert place.spool.take_in(place.world.db) == 1
    assert mapped == [1]
    assert place.recovered("alice") == [large]


def test_the_same_drop_again_takes_no_room_and_is_counted(place: Place) -> None:
    """A client that tries for ever fills nothing, and is told the truth each time."""
    spool = place.anew(replace(LIMITS, recovered=10_000))
    with place.elsewhere():
        for _ in range(5):
            assert place.append("alice", SUPPORT, mail()).text == KEPT
        assert len(place.files) == 2
    assert spool.take_in(place.world.db) == 1
    (record,) = records(place.world)
    assert (record.verdict, record.times) == ("later", 5)
    assert record.first_at <= record.at
    assert place.recovered("alice") == [mail()]


@pytest.mark.parametrize("limit", ["recovered", "spool"])
def test_a_full_spool_says_that_no_copy_was_kept(
    place: Place, limit: str, caplog: pytest.LogCaptureFixture
) -> None:
    place.anew(replace(LIMITS, **{limit: 4 * 4096 - 1}))
    with place.elsewhere():
        assert place.append("alice", SUPPORT, mail(n=1)).text == KEPT
        other = place.append("bob", SUPPORT, mail(n=2))
        verdict = place.append("alice", SUPPORT, mail(n=3), mail(n=4))
    assert (verdict.outcome, verdict.code) == (Outcome.LATER, "UNAVAILABLE")
    assert verdict.text == (
        "Not filed: the database is away. Your mail stays where it was, no copy was kept; "
        "try again later."
    )
    assert "it is full" in caplog.text
    assert ("no copy" in other.text) == (limit == "spool"), "another user's room is another"
    place.spool.take_in(place.world.db)
    assert place.recovered("alice") == [mail(n=1)], "all messages of a command, or none"


def test_there_is_room_again_when_it_was_taken_in(place: Place) -> None:
    place.anew(replace(LIMITS, recovered=2 * 4096))
    for n in (1, 2):
        with place.elsewhere():
            assert place.append("alice", SUPPORT, mail(n=n)).text == KEPT
        assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("alice") == [mail(n=1), mail(n=2)]


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_full_disk_leaves_nothing_and_says_so(
    place: Place, step: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At each of the files that a drop is."""
    fsync, calls = os.fsync, iter(range(100))

    def full(descriptor: int) -> None:
        if next(calls) == step:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=9))
        monkeypatch.setattr("os.fsync", full)
        verdict = place.append("alice", SUPPORT, mail(n=1), mail(n=2))
        monkeypatch.undo()
    assert "no copy was kept" in verdict.text
    assert "No space left on device" in caplog.text
    assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("alice") == [mail(n=9)]
    assert place.files == []


def test_without_a_spool_the_answer_promises_nothing(place: Place) -> None:
    with place.elsewhere():
        verdict = place.desk("alice").append(SUPPORT, mail())
    assert verdict.code == "UNAVAILABLE"
    assert "no copy was kept" in verdict.text


def test_what_cant_be_kept_in_recovered_messages_is_spooled(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """For any reason; the answer's code stays that of the refusal."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip")

    with monkeypatch.context() as patched:
        patched.setattr("imapgate.folders.recovered.keep_all", broken)
        verdict = place.append("alice", ARCHIVE, mail())
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert verdict.text == (
        'Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; '
        "a copy is kept and comes to Recovered Messages."
    )
    assert len([one for one in caplog.records if one.exc_info]) == 1, caplog.text
    assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("alice") == [mail()]
    (record,) = records(place.world)
    assert (record.verdict, record.code, record.text) == ("refused", "CANNOT", verdict.text)


def test_what_cant_even_be_read_is_spooled(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip")

    with monkeypatch.context() as patched:
        patched.setattr("imapgate.folders.marks.read", broken)
        verdict = place.append("alice", SUPPORT, mail())
    assert verdict.code == "SERVERBUG"
    assert verdict.text.endswith("a copy is kept and comes to Recovered Messages.")
    assert place.spool.take_in(place.world.db) == 1
    assert place.recovered("alice") == [mail()]


def test_refused_and_then_away_keeps_the_refusals_code(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = place.world.db.write, iter(range(100))

    def away(work: Callable[[Any], Any]) -> Any:
        if next(calls) == 1:
            raise Unavailable("gone")
        return write(work)

    monkeypatch.setattr(place.world.db, "write", away)
    verdict = place.append("alice", ARCHIVE, mail())
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert verdict.text.endswith("a copy is kept and comes to Recovered Messages.")
    place.spool.take_in(place.world.db)
    assert place.recovered("alice") == [mail()]


def test_what_had_arrived_of_a_command_that_was_cut_short_is_spooled(place: Place) -> None:
    arrivals = [Arrival(mail(n=n), (), None, 0) for n in (1, 2)]
    alice, db = place.world.alice, place.world.db
    with place.elsewhere():
        upload = drops.Upload(db, alice, SUPPORT, arrivals, "", LIMITS, place.spool)
        verdict = upload.cut_short("UNAVAILABLE", "it is away")
    assert (verdict.outcome, verdict.code) == (Outcome.LATER, "UNAVAILABLE")
    assert verdict.text.endswith("no copy was kept."), "the rest never arrived"
    assert place.spool.take_in(db) == 2
    assert place.recovered("alice") == [mail(n=1), mail(n=2)]


@pytest.mark.parametrize("written", range(4))
def test_a_crash_while_a_drop_is_kept_leaves_it_whole_or_not_at_all(
    place: Place, written: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the description has its name nobody was told anything."""

    class Crash(BaseException):
        pass

    fsync, calls = os.fsync, iter(range(100))

    def crash(descriptor: int) -> None:
        if next(calls) == written:
            raise Crash
        fsync(descriptor)

    with place.elsewhere():
        place.append("alice", SUPPORT, mail(n=9))
        with monkeypatch.context() as patched:
            patched.setattr("os.fsync", crash)
            with pytest.raises(Crash):
                place.append("alice", SUPPORT, mail(n=1), mail(n=2))
    place.anew().take_in(place.world.db)
    assert place.files == []
    assert place.recovered("alice") == [mail(n=9)] + ([mail(n=1), mail(n=2)] * (written == 3))


def test_a_folder_of_any_name_and_flags_of_any_kind_are_kept(place: Place) -> None:
    name = "Trackers/Büro \U0001f600 & Ablage" + "x" * 500
    with place.elsewhere():
        verdict = place.append("alice", name, mail(), flags=(b"\\Seen", b"\xff\x00$x"))
        assert verdict.text == KEPT
    assert place.spool.take_in(place.world.db) == 1
    (record,) = records(place.world)
    assert record.folder_name == name


def test_copy_and_move_while_the_database_is_away_say_that_the_mail_stayed(place: Place) -> None:
    desk = place.desk("alice")
    desk.append("INBOX", mail())
    inbox, db = desk.folder("INBOX"), place.world.db
    with place.elsewhere():
        copied = drops.copy(db, desk.person, inbox, [1], SUPPORT, "", LIMITS)
        moved = drops.move(db, desk.person, inbox, [1], SUPPORT, "", LIMITS)
    assert (copied.outcome, copied.code, moved.code) == (
        Outcome.LATER,
        "UNAVAILABLE",
        "UNAVAILABLE",
    )
    stays = "the database is away. Your mail stays where it was; try again later."
    assert (copied.text, moved.text) == (f"Not copied: {stays}", f"Not moved: {stays}")
    assert desk.contents("INBOX") == [mail()]
    assert place.files == []
