"""The log's lines."""

from __future__ import annotations

import io
import logging

from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.log import LONGEST, OneLine, one_line


def _logged(text: str, *values: object, error: BaseException | None = None) -> str:
    stream = io.StringIO()
    logger = logging.Logger("imapgate.test")
    out = logging.StreamHandler(stream)
    out.setFormatter(OneLine())
    logger.addHandler(out)
    logger.error(text, *values, exc_info=error)
    return stream.getvalue()


def test_an_event_is_one_line_with_time_level_and_room() -> None:
    """Whatever a client puts into a name."""
    line = _logged("signed in: %s", "x\r\n2025-01-01 INFO forged\x1b[2J\u2028")
    assert line.count("\n") == 1
    assert " ERROR imapgate.test signed in: x\\r\\n2025-01-01 INFO forged\\x1b[2J\\u2028" in line


def test_a_traceback_is_indented_and_as_safe() -> None:
    """Nothing in an exception's text begins a line of its own."""
    try:
        raise ValueError("bad\nERROR forged")
    except ValueError as error:
        lines = _logged("failed", error=error).splitlines()
    assert lines[0].endswith(" failed")
    assert all(line.startswith("    ") for line in lines[1:])
    assert "ValueError: bad" in "\n".join(lines)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=50))
def test_no_text_makes_a_second_line(text: str) -> None:
    """Line ends of every kind are escaped, bytes can be written in any case."""
    assert len(one_line(text).splitlines()) <= 1
    one_line(text).encode("utf-8")


def test_a_long_line_is_cut() -> None:
    """A client can't fill the disk with one command."""
    assert len(one_line("x" * 10 * LONGEST)) < LONGEST + 10
