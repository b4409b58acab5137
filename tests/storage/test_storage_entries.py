"""UIDs, mod-sequences and what was expunged."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, NoResultFound
from storage_rows import make_folder, make_message, make_principal, make_segment

from storage import Database, Tx, counts, entries, keywords
from storage.changes import Change
from storage.entries import NewEntry
from storage.schema import entry, entry_dropper, expunged_run, folder, folder_keyword


class Ground:
    """A segment with one message and two folders."""

    def __init__(self, tx: Tx) -> None:
        self.segment = make_segment(tx)
        self.message = make_message(tx, self.segment)
        self.folder = make_folder(tx, self.segment, "f")
        self.other = make_folder(tx, self.segment, "g")

    def new(self, keywords: str = "", identity: bytes | None = None) -> NewEntry:
        return NewEntry(self.message, 1, 1000, keywords=keywords, identity=identity)


@pytest.fixture
def ground(db: Database) -> Ground:
    return db.write(Ground)


def uids_and_modseqs(tx: Tx, folder_id: int) -> list[tuple[int, int]]:
    found = tx.connection.execute(
        select(entry.c.uid, entry.c.modseq)
        .where(entry.c.folder_id == folder_id)
        .order_by(entry.c.uid)
    )
    return [(int(uid), int(modseq)) for uid, modseq in found]


def expunged(tx: Tx, folder_id: int) -> list[tuple[int, int, int]]:
    found = tx.connection.execute(
        select(expunged_run.c.modseq, expunged_run.c.first_uid, expunged_run.c.last_uid)
        .where(expunged_run.c.folder_id == folder_id)
        .order_by(expunged_run.c.modseq, expunged_run.c.first_uid)
    )
    return [(row[0], row[1], row[2]) for row in found]


def test_entries_added_together_have_uids_in_order_and_one_modseq(
    db: Database, ground: Ground
) -> None:
    heard: list[Change] = []
    db.changes.subscribe(heard.append)
    assert db.write(lambda tx: entries.add(tx, ground.folder, [ground.new()] * 3)) == [1, 2, 3]
    assert db.write(lambda tx: entries.add(tx, ground.folder, [ground.new()])) == [4]
    assert db.write(lambda tx: entries.add(tx, ground.other, [ground.new()])) == [1]
    found = db.read(lambda tx: uids_and_modseqs(tx, ground.folder))
    assert found == [(1, 2), (2, 2), (3, 2), (4, 3)]
    assert [one.folders for one in heard] == [{ground.folder}, {ground.folder}, {ground.other}]


def test_a_folder_knows_how_much_stands_in_it(db: Database, ground: Ground) -> None:
    """UIDs at which nothing stands are given too; folders are counted apart."""

    def held(folder_id: int) -> tuple[int, int]:
        found = db.read(lambda tx: counts.counts(tx, 1, [folder_id], counts.Wanted.NOTHING))
        return found[folder_id].messages, found[folder_id].octets

    new = [NewEntry(ground.message, size, 0) for size in (5, 7, 11)]
    db.write(lambda tx: entries.add(tx, ground.folder, new))
    db.write(lambda tx: entries.add(tx, ground.other, new[:1]))
    db.write(lambda tx: entries.allocate_expunged(tx, ground.folder))
    assert (held(ground.folder), held(ground.other)) == ((3, 23), (1, 5))
    db.write(lambda tx: entries.remove(tx, ground.folder, [2, 4, 99]))
    assert held(ground.folder) == (2, 16)
    many = [NewEntry(ground.message, 1, 0)] * 1200
    uids = db.write(lambda tx: entries.add(tx, ground.folder, many))
    db.write(lambda tx: entries.remove(tx, ground.folder, uids[::2]))
    assert held(ground.folder) == (602, 616)
    assert held(ground.other) == (1, 5)


def test_nothing_added_is_no_news(db: Database, ground: Ground) -> None:
    heard: list[Change] = []
    db.changes.subscribe(heard.append)
    assert db.write(lambda tx: entries.add(tx, ground.folder, [])) == []
    assert heard == []


def test_all_columns_are_kept(db: Database, ground: Ground) -> None:
    new = NewEntry(ground.message, 123, 1_700_000_000, -210, 5, "$a b", None, b"i" * 32, True)
    [uid] = db.write(lambda tx: entries.add(tx, ground.folder, [new]))
    row = db.read(lambda tx: tx.connection.execute(select(entry)).one())
    assert (row.uid, row.size, row.internal_at, row.internal_zone) == (
        uid,
        123,
        new.internal_at,
        -210,
    )
    assert (row.flags, row.keywords, row.identity, row.rendered) == (5, "$a b", b"i" * 32, True)
    assert abs(row.saved_at - row.internal_at) > 1000


def test_the_same_identity_stands_once_in_a_folder(db: Database, ground: Ground) -> None:
    new = ground.new(identity=b"same")
    db.write(lambda tx: entries.add(tx, ground.folder, [new]))
    db.write(lambda tx: entries.add(tx, ground.other, [new]))
    with pytest.raises(IntegrityError):
        db.write(lambda tx: entries.add(tx, ground.folder, [new]))
    assert db.write(lambda tx: entries.add(tx, ground.folder, [ground.new()])) == [2]


def test_keywords_in_use_are_registered_once(db: Database, ground: Ground) -> None:
    both = [ground.new("$Forwarded work"), ground.new("work")]
    db.write(lambda tx: entries.add(tx, ground.folder, both))
    db.write(lambda tx: keywords.add(tx, ground.folder, ["work", "late", "late"]))
    names = db.read(
        lambda tx: (
            tx.connection.execute(select(folder_keyword.c.name).order_by(folder_keyword.c.name))
            .scalars()
            .all()
        )
    )
    assert names == ["$Forwarded", "late", "work"]


def test_what_is_removed_is_remembered_as_runs_and_its_droppers_go(
    db: Database, ground: Ground
) -> None:
    db.write(lambda tx: entries.add(tx, ground.folder, [ground.new()] * 1200))

    def drop_and_remove(tx: Tx) -> int:
        who = make_principal(tx, ground.segment)
        row = {"folder_id": ground.folder, "principal_id": who}
        tx.connection.execute(insert(entry_dropper), [{**row, "uid": uid} for uid in (5, 1001)])
        odd = list(range(1, 1000, 2))
        return entries.remove(tx, ground.folder, [*odd, 5, 1100, 1001, *range(1002, 1100)])

    assert db.write(drop_and_remove) == 3
    left = {uid for uid, _ in db.read(lambda tx: uids_and_modseqs(tx, ground.folder))}
    assert left == {*range(2, 1000, 2), 1000, *range(1101, 1201)}
    runs = db.read(lambda tx: expunged(tx, ground.folder))
    assert runs[-1] == (3, 1001, 1100)
    assert len(runs) == 501
    assert db.read(lambda tx: tx.connection.execute(select(entry_dropper)).all()) == []


def test_removing_nothing_changes_nothing(db: Database, ground: Ground) -> None:
    heard: list[Change] = []
    db.changes.subscribe(heard.append)
    assert db.write(lambda tx: entries.remove(tx, ground.folder, [])) == 1
    assert heard == []


def test_a_uid_that_is_expunged_at_once_is_never_given_out_again(
    db: Database, ground: Ground
) -> None:
    assert db.write(lambda tx: entries.allocate_expunged(tx, ground.folder)) == 1
    assert db.read(lambda tx: expunged(tx, ground.folder)) == [(2, 1, 1)]
    assert db.write(lambda tx: entries.add(tx, ground.folder, [ground.new()])) == [2]


def test_uidvalidity_is_counted_up_from_the_making(tmp_path: Path) -> None:
    before = int(time.time())
    db = Database.create(tmp_path / "new.db", "tests")
    first = db.write(entries.next_uidvalidity)
    assert before < first <= int(time.time()) + 1
    assert db.write(lambda tx: [entries.next_uidvalidity(tx) for _ in range(3)]) == [
        first + 1,
        first + 2,
        first + 3,
    ]
    db.close()


def test_an_undone_write_gives_its_uid_to_the_next(db: Database, ground: Ground) -> None:
    def undone(tx: Tx) -> None:
        entries.add(tx, ground.folder, [ground.new()])
        raise ValueError

    with pytest.raises(ValueError):
        db.write(undone)
    assert db.write(lambda tx: entries.add(tx, ground.folder, [ground.new()])) == [1]


def test_a_folder_that_is_gone_takes_nothing(db: Database, ground: Ground) -> None:
    with pytest.raises(NoResultFound):
        db.write(lambda tx: entries.add(tx, 999, [ground.new()]))


def test_uids_of_32_bits_and_modseqs_of_63_are_kept(db: Database, ground: Ground) -> None:
    high = {"uidnext": 2**32 - 1, "modseq": 2**62}
    db.write(lambda tx: tx.connection.execute(folder.update().values(high)))
    assert db.write(lambda tx: entries.add(tx, ground.folder, [ground.new()])) == [2**32 - 1]
    assert db.read(lambda tx: uids_and_modseqs(tx, ground.folder)) == [(2**32 - 1, 2**62 + 1)]


class _Undo(Exception):
    """Ends a request that must leave nothing."""


@given(
    st.lists(st.tuples(st.sampled_from(["add", "remove", "wrapper", "touch"]), st.integers(1, 5)))
)
@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_uids_and_modseqs_only_rise(db: Database, steps: list[tuple[str, int]]) -> None:
    def work(tx: Tx) -> None:
        ground = Ground(tx)
        given_out: list[int] = []
        modseqs = [1]
        for what, count in steps:
            if what == "add":
                given_out += entries.add(tx, ground.folder, [ground.new()] * count)
            elif what == "remove":
                entries.remove(tx, ground.folder, [uid for uid, _ in standing(tx, ground)][:count])
            elif what == "wrapper":
                given_out.append(entries.allocate_expunged(tx, ground.folder))
            else:
                entries.next_modseq(tx, ground.folder)
            row = tx.connection.execute(select(folder).where(folder.c.id == ground.folder)).one()
            modseqs.append(row.modseq)
            assert row.uidnext == len(given_out) + 1
        assert given_out == list(range(1, len(given_out) + 1))
        assert modseqs == sorted(modseqs)
        gone = {
            uid for _, first, last in expunged(tx, ground.folder) for uid in range(first, last + 1)
        }
        assert gone | {uid for uid, _ in standing(tx, ground)} == set(given_out)
        assert not gone & {uid for uid, _ in standing(tx, ground)}
        raise _Undo

    def standing(tx: Tx, ground: Ground) -> list[tuple[int, int]]:
        return uids_and_modseqs(tx, ground.folder)

    with pytest.raises(_Undo):
        db.write(work)


def test_many_at_once_never_share_a_uid(db: Database, ground: Ground) -> None:
    given_out: list[int] = []

    def drop() -> None:
        for _ in range(10):
            given_out.extend(db.write(lambda tx: entries.add(tx, ground.folder, [ground.new()])))

    threads = [threading.Thread(target=drop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(given_out) == list(range(1, 41))
