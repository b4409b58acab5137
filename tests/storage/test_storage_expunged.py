"""What was expunged is remembered in few rows, and nothing of it is ever kept from anybody."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from storage_rows import make_folder, make_segment

from storage import Database, Tx, expunged
from storage.runs import stretches
from storage.schema import expunged_run

APART = 4


def rows(tx: Tx, folder_id: int) -> int:
    count = select(func.count()).where(expunged_run.c.folder_id == folder_id)
    return int(tx.connection.execute(count).scalar_one())


class _Undo(Exception):
    """Ends a request that must leave nothing."""


@given(
    st.lists(
        st.tuples(st.sets(st.integers(1, 40), min_size=1, max_size=6), st.integers(1, 3)),
        max_size=25,
    )
)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_too_much_may_be_told_too_little_never(
    db: Database, steps: list[tuple[set[int], int]]
) -> None:
    """Exact for the latest mod-sequences; for older ones, what is told besides has gone, too."""

    def work(tx: Tx) -> None:
        folder_id = make_folder(tx, make_segment(tx), "f")
        left: dict[int, int] = {}
        modseq = 1
        for wanted, pause in steps:
            modseq += pause
            gone = wanted - left.keys()
            if gone:
                expunged.remember(tx, folder_id, modseq, stretches(gone))
                left.update(dict.fromkeys(gone, modseq))
            for since in range(modseq + 1):
                told = [
                    uid
                    for first, last in expunged.since(tx, folder_id, since)
                    for uid in range(first, last + 1)
                ]
                assert len(told) == len(set(told))
                missed = {uid for uid, at in left.items() if at > since}
                assert missed <= set(told) <= left.keys()
                if since >= modseq - APART:
                    assert missed == set(told)
        raise _Undo

    with patch.object(expunged, "TOLD_APART", APART), pytest.raises(_Undo):
        db.write(work)


def test_a_folder_that_is_emptied_mail_by_mail_has_few_rows(db: Database) -> None:
    """Newest first, and every second one first."""

    def work(tx: Tx, uids: list[int], name: str) -> int:
        folder_id = make_folder(tx, segment, name)
        for modseq, uid in enumerate(uids, start=2):
            expunged.remember(tx, folder_id, modseq, [(uid, uid)])
        assert expunged.since(tx, folder_id, 0)[0][0] == 1
        return rows(tx, folder_id)

    segment = db.write(make_segment)
    with patch.object(expunged, "TOLD_APART", 16):
        assert db.write(lambda tx: work(tx, list(range(400, 0, -1)), "f")) < 3 * 16
        scattered = [*range(1, 401, 2), *range(2, 401, 2)]
        assert db.write(lambda tx: work(tx, scattered, "g")) < 3 * 16
