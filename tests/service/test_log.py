"""The log's lines."""

from __future__ import annotations

import datetime
import io
import json
import logging
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.logger import LogLevel, LogPublisher
from twisted.python.failure import Failure

from imapgate.log import FORMATS, LONGEST, OneLine, _from_twisted, one_line
from storage.engine import Unavailable

HOSTILE = "x\r\n2025-01-01 INFO forged\x1b[2J\u2028\u202e\x85"
"""What a client may put into a name: line ends of every kind, a terminal's codes, an override."""


def _logged(
    text: str,
    *values: object,
    error: BaseException | None = None,
    form: str = "text",
    extra: dict[str, object] | None = None,
) -> str:
    stream = io.StringIO()
    logger = logging.Logger("imapgate.test")
    out = logging.StreamHandler(stream)
    out.setFormatter(FORMATS[form]())
    logger.addHandler(out)
    logger.error(text, *values, exc_info=error, extra=extra)
    return stream.getvalue()


def _raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_an_event_is_one_line_with_time_level_and_room() -> None:
    """Whatever a client puts into a name."""
    line = _logged("signed in: %s", HOSTILE)
    assert len(line.splitlines()) == 1
    assert line.endswith("\n")
    escaped = "x\\r\\n2025-01-01 INFO forged\\x1b[2J\\u2028\\u202e\\x85"
    assert f" ERROR imapgate.test signed in: {escaped}" in line


def test_in_json_an_event_is_one_object_per_line() -> None:
    """In ASCII, so that no terminal and no reader of lines is misled; fields stay what they are."""
    extra = {"event": "drop", "fields": {"user": HOSTILE, "folder": 7, "code": None}}
    line = _logged("dropped: %s", HOSTILE, form="json", extra=extra)
    assert line.count("\n") == len(line.splitlines()) == 1
    assert line.rstrip("\n").isascii()
    assert line.rstrip("\n").isprintable()
    said = json.loads(line)
    assert said["message"] == f"dropped: {HOSTILE}"
    assert (said["user"], said["folder"], said["code"]) == (HOSTILE, 7, None)
    assert (said["level"], said["logger"], said["event"]) == ("error", "imapgate.test", "drop")
    assert datetime.datetime.fromisoformat(said["time"]).tzinfo is not None


def test_in_json_no_field_takes_the_place_of_what_every_line_has() -> None:
    """Nor can a value grow without end."""
    extra = {"event": "x", "fields": {"time": "forged", "level": "forged", "a": "y" * 10 * LONGEST}}
    said = json.loads(_logged("text", form="json", extra=extra))
    assert (said["level"], said["time"] == "forged") == ("error", False)
    assert len(said["a"]) < LONGEST + 10


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_tells_where_and_what_kind_and_not_what_the_error_says(form: str) -> None:
    """An exception's text may quote a message or a password; so may its cause's."""
    cause = _raised(sqlite3.IntegrityError("secret value"))
    assert isinstance(cause, sqlite3.Error)
    told = _logged("failed", error=_raised(ValueError("secret word"), cause), form=form)
    assert "secret" not in told
    for word in ("ValueError", "IntegrityError", "test_log.py", "in _raised"):
        assert word in told
    full = _logged("failed", error=_raised(OSError(28, "No space left on device")), form=form)
    assert "OSError: No space left on device" in full
    away = _logged("failed", error=_raised(Unavailable("the database is locked")), form=form)
    assert "Unavailable: the database is locked" in away


def test_in_json_a_traceback_is_a_field_of_its_event() -> None:
    """One incident, one line."""
    line = _logged("failed", error=_raised(ValueError()), form="json")
    assert line.count("\n") == 1
    lines = json.loads(line)["traceback"]
    assert (lines[0], lines[-1]) == ("Traceback (most recent call last):", "ValueError")


def test_errors_that_nobody_caught_are_told_without_their_text() -> None:
    """Python's own hooks print what an exception says, and what a broken line was to hold."""
    program = """
import gc, logging, threading
from imapgate import log
log.begin("json")
def fail():
    raise ValueError("secret word")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
class Odd:
    def __del__(self):
        fail()
Odd()
gc.collect()
logging.getLogger("x").error("%d", "secret word")
fail()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "secret" not in done.stderr
    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert [one["message"].partition(" by ")[0] for one in said] == [
        "a thread has ended",
        "an object could not be freed",
        "the process ends",
    ]
    assert all(one["traceback"][-1] == "ValueError" for one in said)


def test_errors_that_reach_twisted_are_told_without_their_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twisted's own formats print what the exception says."""
    stream = io.StringIO()
    out = logging.StreamHandler(stream)
    out.setFormatter(OneLine())
    logger = logging.getLogger("twisted")
    monkeypatch.setattr(logger, "handlers", [out])
    monkeypatch.setattr(logger, "propagate", False)
    publisher = LogPublisher(_from_twisted)
    failure = Failure(_raised(ValueError("secret word")))
    publisher(
        {"log_level": LogLevel.critical, "log_failure": failure, "log_format": "{log_failure}"}
    )
    publisher({"log_level": LogLevel.warn, "log_format": "told {what}", "what": HOSTILE})
    publisher({"log_level": LogLevel.info, "log_format": "Factory starting"})
    lines = stream.getvalue().splitlines()
    assert "secret" not in stream.getvalue()
    assert " CRITICAL twisted an error that nobody took" in lines[0]
    assert lines[-2].endswith("ValueError")
    assert " WARNING twisted told x\\r\\n" in lines[-1]


def test_a_traceback_is_indented_and_as_safe() -> None:
    """Nothing in an exception's text begins a line of its own."""
    error = _raised(OSError(5, "bad\nERROR forged\u2028"))
    lines = _logged("failed", error=error).splitlines()
    assert lines[0].endswith(" failed")
    assert all(line.startswith("    ") for line in lines[1:])
    assert lines[-1].endswith("OSError: bad\\nERROR forged\\u2028")


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=50))
def test_no_text_makes_a_second_line(text: str) -> None:
    """Line ends of every kind are escaped, bytes can be written in any case."""
    assert len(one_line(text).splitlines()) <= 1
    one_line(text).encode("utf-8")


def test_a_long_line_is_cut() -> None:
    """A client can't fill the disk with one command."""
    assert len(one_line("x" * 10 * LONGEST)) < LONGEST + 10
