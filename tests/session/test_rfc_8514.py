"""SAVEDATE (RFC 8514): when a mail came into the folder in which it is."""

from __future__ import annotations

import time

import pytest
from mailroom import put
from searched import at, select
from transcript import Stage

# 17:50:53 UTC on 1 January 2015, and a day later.
FIRST, SECOND = at("2015-01-01") + 21_053, at("2015-01-02") + 21_053


@pytest.fixture
def inbox(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Two mails of 2006, saved on the first and the second of January 2015."""
    for when in (FIRST, SECOND):
        monkeypatch.setattr(time, "time", lambda now=when: float(now))
        content = b"Subject: %d\r\n\r\nx\r\n" % when
        put(stage.world, stage.world.alice, "INBOX", [content], internal_at=at("2006-11-10"))
    select(stage)
    return stage


def test_it_is_told_beside_the_internal_date(inbox: Stage) -> None:
    """Section 4.2."""
    inbox.run("""
        C: a1 FETCH 1:2 (UID SAVEDATE INTERNALDATE)
        S: * 1 FETCH (UID 1 SAVEDATE " 1-Jan-2015 17:50:53 +0000" INTERNALDATE "10-Nov-2006 ...
        S: * 2 FETCH (UID 2 SAVEDATE " 2-Jan-2015 17:50:53 +0000" INTERNALDATE "10-Nov-2006 ...
        S: a1 OK ...
    """)


def test_days_are_searched(inbox: Stage) -> None:
    """Section 4.3; INTERNALDATE is another thing, and every folder knows the save date."""
    inbox.run("""
        C: a1 SEARCH SAVEDON 1-Jan-2015
        S: * SEARCH 1
        S: a1 OK ...
        C: a2 SEARCH SAVEDBEFORE 2-Jan-2015
        S: * SEARCH 1
        S: a2 OK ...
        C: a3 SEARCH SAVEDSINCE 2-Jan-2015
        S: * SEARCH 2
        S: a3 OK ...
        C: a4 SEARCH SAVEDBEFORE 1-Jan-2015
        S: * SEARCH
        S: a4 OK ...
        C: a5 SEARCH SAVEDSINCE 1-Jan-0001
        S: * SEARCH 1 2
        S: a5 OK ...
        C: a6 SEARCH SAVEDBEFORE 1-Jan-0001
        S: * SEARCH
        S: a6 OK ...
        C: a7 SEARCH SINCE 1-Jan-2015
        S: * SEARCH
        S: a7 OK ...
        C: a8 SEARCH SAVEDATESUPPORTED
        S: * SEARCH 1 2
        S: a8 OK ...
        C: a9 SEARCH NOT SAVEDATESUPPORTED
        S: * SEARCH
        S: a9 OK ...
    """)


def test_a_copy_has_its_own(inbox: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Section 2: COPY keeps the internal date and not this one."""
    monkeypatch.setattr(time, "time", lambda: float(at("2015-01-09")))
    inbox.run("""
        C: a1 COPY 1 Archive
        S: a1 OK ...
        C: a2 SELECT Archive
        S: ~
        S: a2 OK ...
        C: a3 FETCH 1 (SAVEDATE INTERNALDATE)
        S: * 1 FETCH (SAVEDATE " 9-Jan-2015 12:00:00 +0000" INTERNALDATE "10-Nov-2006 ...
        S: a3 OK ...
    """)


def test_what_is_gone_has_none(inbox: Stage) -> None:
    """Section 4.2: NIL where it isn't known; the rest is served until the client was told."""
    inbox.run(r"""
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
        C: a1 STORE 1 +FLAGS.SILENT (\Deleted)
        S: a1 OK ...
        C: a2 EXPUNGE
        S: * 1 EXPUNGE
        S: a2 OK ...
        alice2 C: b1 FETCH 1:2 (SAVEDATE INTERNALDATE)
        alice2 S: * 1 FETCH (SAVEDATE NIL INTERNALDATE "10-Nov-2006 ...
        alice2 S: * 2 FETCH (SAVEDATE " 2-Jan-2015 17:50:53 +0000" INTERNALDATE ...
        alice2 S: b1 OK ...
        alice2 C: b2 SEARCH SAVEDSINCE 1-Jan-2000
        alice2 S: * SEARCH 2
        alice2 S: b2 OK ...
    """)


@pytest.mark.parametrize(
    "command",
    ["SEARCH SAVEDON", "SEARCH SAVEDSINCE 31-Feb-2015", "SEARCH SAVEDATE", "FETCH 1 SAVEDATE[]"],
)
def test_bad_input_is_bad(inbox: Stage, command: str) -> None:
    inbox.run(f"C: a1 {command}\nS: a1 BAD Expected ...")
