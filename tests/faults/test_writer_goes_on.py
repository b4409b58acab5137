"""An error of ours in the writer itself, outside of any request: who asked is told, and the next
one is served."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "storage"))
from storage_rows import held_writer, marks, put

from storage import Database
from storage.engine import Unavailable
from storage.writer import Writer


@pytest.mark.parametrize("step", ["_begin", "_run_gathered", "_finish", "_alone", "_answer"])
def test_the_writer_outlives_an_error_at_each_of_its_own_steps(
    db: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of ours")

    with held_writer(db) as ask:
        calls = [ask(put(f"m{n}")) for n in range(3)]
        monkeypatch.setattr(Writer, step, broken)
        if step == "_alone":
            monkeypatch.setattr(Writer, "_finish", broken)
    for number, call in enumerate(calls):
        assert call.error is None or isinstance(call.error, ZeroDivisionError | Unavailable)
        if call.error is None:
            assert f"m{number}" in marks(db)
    monkeypatch.undo()
    assert db.write(put("after")) == "after"
    assert "after" in marks(db)
