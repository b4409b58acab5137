"""The log that is kept: whole lines, by several processes at once, in bounded files."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imapgate import log_files
from imapgate.log import OneObject
from imapgate.log_files import REST, SIGN_INS, LogFiles, Of, alone, current, files, source
from imapgate.log_reading import Query, Reader
from imapgate.log_stream import LogStream


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "log"


def line(n: int, more: str = "", **said: Any) -> str:
    known = {"time": f"2026-11-21T08:00:{n % 60:02}.000Z", "level": "info", "message": f"{n}{more}"}
    return json.dumps({**known, **said}) + "\n"


def write(directory: Path, *lines: str, row: str = REST) -> None:
    out = LogFiles(directory, row)
    for one in lines:
        out.write(one)
    out.flush()


def read(directory: Path, query: Query | None = None) -> list[str]:
    """Their messages."""
    return [one.said["message"] for one in Reader(directory).new(query or Query())]


def test_it_is_its_owner_s_alone(directory: Path) -> None:
    write(directory, line(1))
    write(directory, line(2), row=SIGN_INS)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in directory.iterdir()}
    assert modes == {"imapgate.log": 0o600, "sign-ins.log": 0o600, "lock": 0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_it_never_grows_past_its_bound(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go; what is left is whole and in order. What is no sign-in has its own room."""
    monkeypatch.setattr(log_files, "LARGEST", 10_000)
    write(directory, line(0, "started"))
    for n in range(2000):
        write(directory, line(n, "x" * 100), row=SIGN_INS)
    sizes = [one.stat().st_size for one in files(directory, SIGN_INS)]
    assert len(sizes) == log_files.FULL + 1
    assert max(sizes) <= 10_000
    left = read(directory)
    assert left.pop(next(i for i, one in enumerate(left) if one == "0started")) == "0started"
    numbers = sorted(int(one.partition("x")[0]) for one in left)
    assert numbers == list(range(2000 - len(numbers), 2000))


PROGRAM = """
import json, sys
from pathlib import Path
from imapgate import log_files
log_files.LARGEST = 40_000
out = log_files.LogFiles(Path(sys.argv[1]), log_files.REST)
for n in range(150):
    said = {"time": "2026-11-21T08:00:00Z", "by": sys.argv[2], "message": n, "more": "y" * 300}
    out.write(json.dumps(said) + "\\n")
    out.flush()
"""


def test_several_processes_write_at_once(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is lost, cut or mixed with another, while files are put aside."""
    directory.mkdir()
    writers = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(directory), str(n)]) for n in range(3)
    ]
    assert [one.wait(60) for one in writers] == [0, 0, 0]
    found = [one.said for one in Reader(directory).new(Query())]
    assert len(files(directory, REST)) > 3
    for n in range(3):
        assert [one["message"] for one in found if one["by"] == str(n)] == list(range(150))


def test_who_holds_the_lock_for_long_keeps_no_line_out(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped in the midst: lines are added, no file is put aside, and there is
    an end to it."""
    monkeypatch.setattr(log_files, "PATIENCE", 0.01)
    monkeypatch.setattr(log_files, "LARGEST", 1000)
    directory.mkdir()
    with alone(directory) as held:
        assert held
        for n in range(50):
            write(directory, line(n))
    assert len(files(directory, REST)) == 1
    assert 2000 < current(directory, REST).stat().st_size < 2200
    assert read(directory)[:3] == ["0", "1", "2"]


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="no symbolic links to be wary of")
def test_it_follows_no_link_to_elsewhere(directory: Path, tmp_path: Path) -> None:
    """Whoever owns the data directory doesn't write elsewhere with the administrator's hand."""
    directory.mkdir()
    (tmp_path / "elsewhere").touch()
    current(directory, REST).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        write(directory, line(1))
    assert (tmp_path / "elsewhere").read_text() == ""


def test_a_line_that_was_cut_spoils_no_other(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full in its midst."""
    out = LogFiles(directory, REST)
    out.write(line(1))
    out.flush()
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, octets, real=os.write: real(file, octets[:9]))
        out.write(line(2))
        out.flush()
    out.write(line(3))
    out.flush()
    assert read(directory) == ["1", "3"]


def test_a_server_s_last_lines_are_written(directory: Path) -> None:
    """Each in its row, with source and maker."""
    logger = logging.Logger("imapgate.session.x")
    outs = []
    for row in (SIGN_INS, REST):
        out = LogStream(LogFiles(directory, row))
        out.addFilter(Of(row))
        out.setFormatter(OneObject("server"))
        logger.addHandler(out)
        outs.append(out)
    logger.warning("failed", extra={"event": "sign_in_failed", "fields": {"login": "eve"}})
    for n in range(100):
        logger.info("%d", n)
    for out in outs:
        out.close()
    found = [one.said for one in Reader(directory).new(Query())]
    assert len(found) == 101
    (failed,) = [one for one in found if one["level"] == "warning"]
    assert (failed["source"], failed["by"], failed["login"]) == ("imap-auth", "server", "eve")
    assert {one["source"] for one in found if one is not failed} == {"imap"}
    assert "failed" in current(directory, SIGN_INS).read_text()


def test_a_server_whose_log_can_t_be_kept_says_so_and_goes_on(tmp_path: Path) -> None:
    """Once, on the standard error."""
    (tmp_path / "log").touch()
    program = (
        "import logging, sys; from pathlib import Path; from imapgate import log;"
        "log.begin(directory=Path(sys.argv[1])); logging.getLogger('imapgate.x').info('goes on')"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "log")]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0
    first, second = done.stderr.splitlines()
    assert f"WARNING imapgate.log the log isn't kept in {tmp_path / 'log'}: " in first
    assert second.endswith(" INFO imapgate.x goes on")


@pytest.mark.parametrize(
    ("logger", "event", "expected"),
    [
        ("imapgate.session.commands.sign_in", "sign_in", "imap-auth"),
        ("imapgate.session.drop_log", "drop", "imap"),
        ("imapgate.folders.incidents", "incident", "server"),
        ("imapgate.incoming.visits", "incoming_failed", "incoming"),
        ("imapgate.outgoing.mailer", None, "outgoing"),
        ("imapgate.service", "listening", "server"),
        ("storage.writer", None, "server"),
        ("twisted", None, "server"),
    ],
)
def test_each_event_has_a_source(logger: str, event: str | None, expected: str) -> None:
    record = logging.LogRecord(logger, logging.INFO, __file__, 1, "text", (), None)
    if event is not None:
        record.event = event
    assert source(record) == expected
