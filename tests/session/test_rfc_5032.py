"""WITHIN's own example (RFC 5032), and the second on which it turns."""

from __future__ import annotations

import time

import pytest
from mailroom import put
from searched import select
from transcript import Stage

NOW = 1_700_000_000


@pytest.fixture
def inbox(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Five mails: three days and a second old, three days, a minute, none, one from the future."""
    for age in (259_201, 259_200, 60, 0, -3600):
        content = b"Subject: %d\r\n\r\nx\r\n" % age
        put(stage.world, stage.world.alice, "INBOX", [content], internal_at=NOW - age)
    select(stage, Seen="4")
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    return stage


def test_the_example_of_section_4(inbox: Stage) -> None:
    """An age of just that many seconds is both younger and older (section 2)."""
    inbox.run("""
        C: a1 SEARCH UNSEEN YOUNGER 259200
        S: * SEARCH 2 3 5
        S: a1 OK ...
        C: a2 SEARCH OLDER 259200
        S: * SEARCH 1 2
        S: a2 OK ...
        C: a3 SEARCH OLDER 259201
        S: * SEARCH 1
        S: a3 OK ...
        C: a4 UID SEARCH RETURN (COUNT) YOUNGER 1
        S: * ESEARCH (TAG "a4") UID COUNT 2
        S: a4 OK ...
        C: a5 SEARCH NOT YOUNGER 60 NOT OLDER 259201
        S: * SEARCH 2
        S: a5 OK ...
        C: a6 SEARCH YOUNGER 4294967295
        S: * SEARCH 1 2 3 4 5
        S: a6 OK ...
        C: a7 SEARCH OLDER 4294967295
        S: * SEARCH
        S: a7 OK ...
    """)


def test_the_clock_is_asked_each_time(inbox: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was young a minute ago is older now."""
    inbox.run("C: a1 SEARCH YOUNGER 60\nS: * SEARCH 3 4 5\nS: a1 OK ...")
    monkeypatch.setattr(time, "time", lambda: NOW + 61.0)
    inbox.run("C: a2 SEARCH YOUNGER 60\nS: * SEARCH 5\nS: a2 OK ...")


@pytest.mark.parametrize("key", ["YOUNGER 0", "OLDER", "OLDER x", "YOUNGER 4294967296", "OLDER -5"])
def test_a_bad_interval_is_bad(inbox: Stage, key: str) -> None:
    """Section 3: nz-number."""
    inbox.run(f"C: a1 SEARCH {key}\nS: a1 BAD Expected ...")
