"""Every limit at a tiny value: at it things work, beyond it they are refused (docs/limits.md).

A row for each field of Limits. What a client may go on with is shown by its next command; Stage
looks that no connection, budget or timer is left, and `files` that no temporary file is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import limits_of_activities
import limits_of_commands
import limits_of_http
import limits_of_sessions
import limits_of_submission
import pytest
from limit_rows import ROWS
from transcript import Stage
from world import World

from imapgate.folders.spool import Spool
from imapgate.limits import Limits

MODULES = (
    limits_of_activities,
    limits_of_commands,
    limits_of_http,
    limits_of_sessions,
    limits_of_submission,
)
"""Loaded for their rows."""


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Temporary files that were made; all are closed in the end."""
    made: list[Any] = []
    real = tempfile.TemporaryFile

    def opened(*arguments: Any, **options: Any) -> Any:
        made.append(real(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", opened)
    yield made
    assert all(one.closed for one in made)


def test_every_limit_has_its_row() -> None:
    """A new field without one fails here."""
    assert set(ROWS) == {one.name for one in fields(Limits)}


@pytest.mark.parametrize("name", [one.name for one in fields(Limits)])
def test_at_the_limit_it_works_and_beyond_it_is_refused(
    world: World, files: list[Any], name: str
) -> None:
    """As the row's dialogue says."""
    tiny, play = ROWS[name]
    value = tiny(world) if callable(tiny) else tiny
    limits = replace(Limits(), **{"login_delay": 0.0, name: value})
    stage = Stage(world, limits, spool=Spool(world.db.path.parent / "spool", limits))
    play(stage)
    stage.close()
    assert len(files) == (1 if name == "literal_in_memory" else 0)
