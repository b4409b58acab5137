"""Rows of accounts: how their rounds went, and what of them waits."""

from __future__ import annotations

from sqlalchemy import insert, select
from storage_rows import make_segment

from storage import Database, Tx, accounts
from storage.schema import incoming


def make(tx: Tx, name: str = "a") -> int:
    return accounts.add(tx, make_segment(tx), name, name, "mailbox", True, None, None, {"x": 1})


def in_queue(tx: Tx, account_id: int | None, state: str, segment_id: int = 1) -> None:
    tx.connection.execute(
        insert(incoming).values(
            segment_id=segment_id,
            account_id=account_id,
            origin="o",
            state=state,
            settled=False,
            size=1,
            subject="",
            internal_at=0,
            internal_zone=0,
            fetched_at=0,
            changed_at=0,
            attempts=0,
            text="",
            wanted="{}",
            reported=False,
        )
    )


def test_rounds_that_went_well_or_not(db: Database) -> None:
    """Failures are counted in a row; the administrator is told once, and once when it is over."""
    one = db.write(make)

    def state() -> accounts.StateRow:
        return db.read(lambda tx: accounts.state(tx, one))

    assert state() == accounts.StateRow()
    assert db.write(lambda tx: accounts.failed(tx, one, "no route")) == 1
    assert db.write(lambda tx: accounts.failed(tx, one, "no reply")) == 2
    assert (state().failures, state().error, state().told) == (2, "no reply", False)
    db.write(lambda tx: accounts.set_told(tx, one))
    assert db.write(lambda tx: accounts.failed(tx, one, "no reply")) == 3
    assert state().told
    assert db.write(lambda tx: accounts.succeeded(tx, one, fetched=5, filed=4)) is True
    assert db.write(lambda tx: accounts.succeeded(tx, one, filed=1)) is False
    now = state()
    assert (now.failures, now.told, now.fetched, now.filed) == (0, False, 5, 5)
    assert now.error == "no reply", "it stays to be seen"
    assert now.failed_at is not None
    assert now.succeeded_at is not None
    db.write(lambda tx: accounts.set_position(tx, one, {"of": "x", "at": {"uid": 7}}))
    assert state().position == {"of": "x", "at": {"uid": 7}}


def test_what_waits_is_counted_by_account_and_state(db: Database) -> None:
    """Not what is filed or discarded, nor what no account brought."""

    def fill(tx: Tx) -> int:
        one = make(tx)
        for state in ("fetched", "failed", "failed", "held", "filed", "discarded"):
            in_queue(tx, one, state)
            in_queue(tx, None, state)
        return one

    one = db.write(fill)
    wanted = {one: {"fetched": 1, "failed": 2, "held": 1}}
    assert db.read(accounts.queued) == wanted
    assert db.read(lambda tx: accounts.queued(tx, 1)) == wanted
    assert db.read(lambda tx: accounts.queued(tx, 2)) == {}


def test_removing_one_leaves_what_it_brought(db: Database) -> None:
    """Of no account; and its state, secrets and settings are gone."""

    def work(tx: Tx) -> None:
        one = make(tx)
        accounts.set_secrets(tx, one, b"sealed")
        in_queue(tx, one, "failed")
        accounts.remove(tx, one)
        assert accounts.by_id(tx, one) is None
        assert accounts.secrets(tx, one) is None
        accounts.failed(tx, one, "a round that was under way")
        assert accounts.state(tx, one) == accounts.StateRow()

    db.write(work)
    left = db.read(lambda tx: tx.connection.execute(select(incoming.c.account_id)).all())
    assert [row[0] for row in left] == [None]


def test_defaults_are_exchanged_whole(db: Database) -> None:
    """Of one segment alone."""

    def work(tx: Tx) -> None:
        segment_id = make_segment(tx)
        accounts.set_defaults(tx, segment_id, {"interval": 60, "move_to": "Büro"})
        assert accounts.defaults(tx, segment_id) == {"interval": 60, "move_to": "Büro"}
        assert accounts.defaults(tx, segment_id + 1) == {}
        accounts.set_defaults(tx, segment_id, {"debug": False})
        assert accounts.defaults(tx, segment_id) == {"debug": False}
        accounts.set_defaults(tx, segment_id, {})
        assert accounts.defaults(tx, segment_id) == {}

    db.write(work)
