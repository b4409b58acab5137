"""Runs of per-user flags, against a plain dictionary of UIDs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from storage_rows import make_folder, make_principal, make_segment

from storage import Database, Tx, runs
from storage.runs import Run
from storage.schema import DELETED, SEEN, user_run

Step = tuple[list[tuple[int, int]], int, int]
Model = dict[int, tuple[int, int]]

uids = st.sets(st.integers(1, 300), max_size=40).map(runs.stretches)
wide = st.tuples(st.integers(1, 300), st.integers(0, 200)).map(lambda t: [(t[0], t[0] + t[1])])
flags = st.integers(0, SEEN | DELETED)
steps = st.lists(st.tuples(uids | wide, flags, flags), max_size=8)


def model_change(model: Model, step: Step, modseq: int) -> None:
    stretches, add, remove = step
    for first, last in stretches:
        for uid in range(first, last + 1):
            old = model.get(uid, (0, 0))[0]
            new = (old | add) & ~remove
            if new != old:
                model[uid] = (new, modseq)


def expanded(found: Sequence[Run]) -> Model:
    return {uid: (run.flags, run.modseq) for run in found for uid in range(run.first, run.last + 1)}


def in_normal_form(found: Sequence[Run]) -> bool:
    """Ascending, disjoint, nothing left to join."""
    return all(run.first <= run.last for run in found) and all(
        one.last < two.first
        and (one.last + 1 < two.first or (one.flags, one.modseq) != (two.flags, two.modseq))
        for one, two in pairwise(found)
    )


@given(steps)
@settings(deadline=None, max_examples=200)
def test_change_does_what_a_dictionary_does(wanted: list[Step]) -> None:
    found: list[Run] = []
    model: Model = {}
    for modseq, step in enumerate(wanted, 2):
        found = runs.change(found, *step, modseq)
        model_change(model, step, modseq)
        assert in_normal_form(found)
        assert expanded(found) == model
    assert all(runs.flags_at(found, uid) == model.get(uid, (0, 0))[0] for uid in range(502))


@given(st.lists(st.integers(1, 60)))
@settings(deadline=None, max_examples=100)
def test_stretches_hold_the_same_uids_with_nothing_left_to_join(given_uids: list[int]) -> None:
    found = runs.stretches(given_uids)
    assert {uid for first, last in found for uid in range(first, last + 1)} == set(given_uids)
    assert all(one[1] + 1 < two[0] for one, two in pairwise(found))


class _Undo(Exception):
    """Ends a request that must leave nothing."""


@given(steps)
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_write_leaves_the_rows_that_change_gives(db: Database, wanted: list[Step]) -> None:
    def work(tx: Tx) -> None:
        segment = make_segment(tx)
        whose = (make_principal(tx, segment), make_folder(tx, segment))
        other = (make_principal(tx, segment, "bob"), whose[1])
        runs.write(tx, *other, [(1, 500)], SEEN, 0, 1)
        found: list[Run] = []
        for modseq, step in enumerate(wanted, 2):
            runs.write(tx, *whose, *step, modseq)
            found = runs.change(found, *step, modseq)
            assert runs.load(tx, *whose) == found
        assert runs.load(tx, *whose, 100, 200) == [
            run for run in found if run.first <= 200 and run.last >= 100
        ]
        assert runs.load(tx, *other) == [Run(1, 500, SEEN, 1)]
        raise _Undo

    with pytest.raises(_Undo):
        db.write(work)


@pytest.fixture
def whose(db: Database) -> tuple[int, int]:
    def work(tx: Tx) -> tuple[int, int]:
        segment = make_segment(tx)
        return make_principal(tx, segment), make_folder(tx, segment)

    return db.write(work)


def rows(db: Database) -> int:
    return len(db.read(lambda tx: tx.connection.execute(select(user_run)).all()))


def test_all_seen_is_one_row_and_stays_one(db: Database, whose: tuple[int, int]) -> None:
    for modseq in (2, 3, 4):
        db.write(lambda tx, at=modseq: runs.write(tx, *whose, [(1, 100_000)], SEEN, 0, at))
        assert rows(db) == 1
    db.write(lambda tx: runs.write(tx, *whose, [(5, 5)], 0, SEEN, 5))
    assert db.read(lambda tx: runs.load(tx, *whose)) == [
        Run(1, 4, SEEN, 2),
        Run(5, 5, 0, 5),
        Run(6, 100_000, SEEN, 2),
    ]


def test_a_cleared_flag_keeps_a_run_so_that_others_hear_of_it(
    db: Database, whose: tuple[int, int]
) -> None:
    db.write(lambda tx: runs.write(tx, *whose, [(1, 9)], SEEN, 0, 2))
    db.write(lambda tx: runs.write(tx, *whose, [(1, 20)], 0, SEEN, 3))
    assert db.read(lambda tx: runs.load(tx, *whose)) == [Run(1, 9, 0, 3)]


def test_a_change_among_thousands_of_runs_writes_its_neighbours_only(
    db: Database, whose: tuple[int, int]
) -> None:
    def alternate(tx: Tx) -> None:
        runs.write(tx, *whose, [(uid, uid) for uid in range(1, 8001, 2)], SEEN, 0, 2)

    db.write(alternate)
    assert rows(db) == 4000

    def one(tx: Tx) -> int:
        driver = tx.connection.connection.driver_connection
        assert driver is not None
        before = driver.total_changes
        runs.write(tx, *whose, [(4000, 4000)], SEEN, 0, 2)
        return int(driver.total_changes - before)

    assert db.write(one) == 3  # two neighbours go, the joined run comes
    assert db.read(lambda tx: runs.load(tx, *whose, 4000, 4000)) == [Run(3999, 4001, SEEN, 2)]


def test_uids_up_to_the_last_of_32_bits_are_kept(db: Database, whose: tuple[int, int]) -> None:
    top = 2**32 - 1
    db.write(lambda tx: runs.write(tx, *whose, [(1, top)], SEEN, 0, 2**62))
    assert db.read(lambda tx: runs.load(tx, *whose, top, top)) == [Run(1, top, SEEN, 2**62)]
