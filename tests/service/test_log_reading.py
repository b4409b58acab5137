"""Reading the log that is kept: what is asked for, in order, also what comes meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_log_files import line, read, write

from imapgate import log_files
from imapgate.log_files import REST, SIGN_INS, current
from imapgate.log_reading import Query, Reader


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_there_may_be_no_log_yet(directory: Path) -> None:
    reader = Reader(directory)
    assert list(reader.new(Query())) == []
    write(directory, line(1))
    assert [one.said["message"] for one in reader.new(Query())] == ["1"]


def test_both_rows_are_one_log(directory: Path) -> None:
    """By their time."""
    write(directory, line(1), line(4))
    write(directory, line(2), line(3), row=SIGN_INS)
    assert read(directory) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(), ["1", "2", "3", "4", "5"]),
        (Query(sources=frozenset({"imap-auth"})), ["1", "2"]),
        (Query(sources=frozenset({"imap", "incoming"})), ["3", "4"]),
        (Query(level="info"), ["1", "2", "3", "5"]),
        (Query(level="warning"), ["2", "5"]),
        (Query(level="error"), ["5"]),
        (Query(user="alice@acme"), ["1", "3"]),
        (Query(user="ALICE"), ["1", "2", "3"]),
        (Query(user="support"), ["4"]),
        (Query(user="ali"), []),
        (Query(since=1795248003), ["3", "4", "5"]),
    ],
)  # fmt: skip
def test_only_what_is_asked_for(directory: Path, query: Query, found: list[str]) -> None:
    write(
        directory,
        line(1, source="imap-auth", user="alice@Acme"),
        line(2, source="imap-auth", login="alice@Elsewhere", level="warning"),
        row=SIGN_INS,
    )
    write(
        directory,
        line(3, source="imap", user="alice@Acme"),
        line(4, source="incoming", account="Support", level="debug"),
        line(5, source="server", level="critical"),
    )
    assert read(directory, query) == found


def test_what_comes_is_read_once_while_files_are_put_aside(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several at a time, too; a line that isn't whole yet waits."""
    monkeypatch.setattr(log_files, "LARGEST", 1000)
    reader, found = Reader(directory), []
    for n in range(0, 60, 4):
        write(directory, *(line(one) for one in range(n, n + 2)))
        write(directory, *(line(one) for one in range(n + 2, n + 4)))
        with current(directory, REST).open("a") as half:
            half.write("{")
        found += [one.said["message"] for one in reader.new(Query())]
        with current(directory, REST).open("rb+") as half:
            half.seek(-1, os.SEEK_END)
            half.truncate()
    assert found == [str(n) for n in range(60)]


def test_what_was_thrown_away_unread_is_passed_over(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "LARGEST", 200)
    reader = Reader(directory)
    write(directory, line(0))
    assert len(list(reader.new(Query()))) == 1
    for n in range(1, 50):
        write(directory, line(n))
    found = [int(one.said["message"]) for one in reader.new(Query())]
    assert found == list(range(50 - len(found), 50))


@pytest.mark.parametrize("spoiled", ["not JSON", "[]", '"text"', '{"time": 5}', "{}"])
def test_what_is_no_line_of_the_log_is_passed_over(directory: Path, spoiled: str) -> None:
    write(directory, line(1), spoiled + "\n", line(2))
    assert read(directory) == ["1", "2"]
