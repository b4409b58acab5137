"""Who may be at work on a data directory beside whom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from storage import occupancy
from storage.faults import Unavailable
from storage.occupancy import Occupied, alone, at_work, serving

HOLD = """
import sys
from pathlib import Path
from storage import occupancy
with getattr(occupancy, sys.argv[1])(Path(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""
Way = Callable[[Path], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupancy, "PATIENCE", 0.0)


@pytest.mark.parametrize(
    ("one", "other"), [(at_work, at_work), (at_work, serving), (serving, at_work)]
)
def test_commands_work_beside_each_other_and_beside_a_server(
    tmp_path: Path, one: Way, other: Way
) -> None:
    with one(tmp_path), other(tmp_path):
        pass


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (serving, serving, "A server is running"),
        (serving, alone, "A server is running"),
        (at_work, alone, "Another command is at work"),
        (alone, at_work, "being restored or upgraded"),
        (alone, serving, "being restored or upgraded"),
        (alone, alone, "being restored or upgraded"),
    ],
)
def test_what_excludes_each_other_is_told_in_a_sentence(
    tmp_path: Path, one: Way, other: Way, told: str
) -> None:
    with one(tmp_path), pytest.raises(Occupied, match=told), other(tmp_path):
        pass
    with other(tmp_path):
        pass


@pytest.mark.skipif(os.name == "nt", reason="kills by a signal")
def test_another_process_holds_it_until_it_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, "serving", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdin
    try:
        assert process.stdout.readline() == b"held\n"
        for way in (serving, alone):
            with pytest.raises(Occupied), way(tmp_path):
                pass
        with at_work(tmp_path):
            pass
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        process.stdin.close()
    with alone(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [occupancy.FILE_NAME]


def test_a_second_look_of_the_same_process_gives_up_nothing(tmp_path: Path) -> None:
    """POSIX locks end with the first close of the file by anybody in the process."""
    with serving(tmp_path):
        with at_work(tmp_path):
            pass
        with pytest.raises(Occupied), serving(tmp_path):
            pass
        found = subprocess.run(
            [sys.executable, "-c", HOLD, "alone", str(tmp_path)],
            input=b"",
            capture_output=True,
        )
    assert b"Occupied" in found.stderr


def test_where_no_file_can_be_made_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"imapgate\.lock can't be made"), at_work(tmp_path / "x"):
        pass
