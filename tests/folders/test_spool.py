"""The spool (rules 3, 17): what arrived while the database was away is kept and comes back."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, Desk, activities, mail, records
from sqlalchemy import select, update
from world import World, build

from imapgate.folders import drops, spool_files, taking_in
from imapgate.folders.drops import Arrival
from imapgate.folders.spool import Spool
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.limits import Limits
from storage import Database
from storage.engine import Unavailable
from storage.schema import meta, principal

SUPPORT, ARCHIVE = "Trackers/Support", "Trackers/Archive"
KEPT = (
    "Not filed: the database is away. Your mail stays where it was; "
    "a copy is kept and comes to Recovered Messages."
)


@dataclass
class Place:
    """A world whose database can be away, and a spool beside it."""

    world: World
    spool: Spool

    def append(
        self,
        who: str,
        name: str,
        *contents: bytes,
        at: int | None = None,
        limits: Limits = LIMITS,
        flags: tuple[bytes, ...] = (),
    ) -> Verdict:
        arrivals = [Arrival(one, flags, at, 60 if at else 0) for one in contents]
        person = self.world.people[who]
        db = self.world.db
        return drops.append(db, person, name, arrivals, "Test 1.0", limits, self.spool)

    def desk(self, who: str) -> Desk:
        return Desk(self.world, self.world.people[who])

    def recovered(self, who: str) -> list[bytes]:
        return [content for content, _ in self.desk(who).recovered()]

    @property
    def files(self) -> list[Path]:
        directory = self.world.db.path.parent / "spool"
        return sorted(directory.iterdir()) if directory.exists() else []

    @property
    def directory(self) -> Path:
        return self.world.db.path.parent / "spool"

    def anew(self, limits: Limits = LIMITS) -> Spool:
        """As after a start."""
        self.spool = Spool(self.directory, limits)
        return self.spool

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """The database file is moved away."""
        path = self.world.db.path
        moved = path.rename(path.with_name("moved.db"))
        try:
            yield
        finally:
            moved.rename(path)


@pytest.fixture
def place(db: Database) -> Place:
    return Place(build(db), Spool(db.path.parent / "spool", LIMITS))


def marks(place: Place) -> list[str]:
    """Keys of what was taken in and isn't known to have left the spool."""
    return place.world.db.read(
        lambda tx: list(
            tx.connection.execute(
                select(meta.c.key).where(meta.c.key.startswith("spooled:"))
            ).scalars()
        )
    )


# -- keeping -------------------------------------------------------------------------------------


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
    assert len([one for one in caplog.records if one.exc_info]) == 1
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


# -- taking in -----------------------------------------------------------------------------------


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


def test_files_of_others_are_left_alone(place: Place) -> None:
    place.directory.mkdir()
    other = place.directory / "notes.txt"
    other.write_text("mine")
    with place.elsewhere():
        place.append("alice", SUPPORT, mail())
    assert place.spool.take_in(place.world.db) == 1
    assert place.files == [other]


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
