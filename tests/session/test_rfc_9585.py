"""INPROGRESS (RFC 9585): how far a long command has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from searched import fill, select
from transcript import Stage

from imapgate.folders import search
from imapgate.wire.responses import in_progress, status
from storage import Tx

T = TypeVar("T")


@pytest.fixture
def inbox(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Ten mails; a SEARCH looks at four, then at the rest."""
    fill(stage.world, 10)
    select(stage)
    monkeypatch.setattr(search, "FIRST", 4)
    monkeypatch.setattr(search, "LONG", float("inf"))
    return stage


def after_each_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]
) -> list[None]:
    """One more item for each read transaction that has ended."""
    real, reads = stage.server.db.read, list[None]()

    def read(work: Callable[[Tx], T]) -> T:
        found = real(work)
        reads.append(None)
        then()
        return found

    monkeypatch.setattr(stage.server.db, "read", read)
    return reads


def test_a_long_search_tells_how_much_it_has_looked_at(
    inbox: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Section 4: the command's tag, what is done and the whole; each step is a read of its own."""
    reads = after_each_read(inbox, monkeypatch, lambda: inbox.clock.advance(20))
    inbox.run("""
        C: A001 UID SEARCH RETURN (COUNT) TEXT hello
        S: * OK [INPROGRESS ("A001" 4 10)] Still working.
        S: * OK [INPROGRESS ("A001" 9 10)] Still working.
        S: * ESEARCH (TAG "A001") UID COUNT 10
        S: A001 OK ...
    """)
    assert len(reads) == 2


def test_a_search_whose_client_is_gone_ends(inbox: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest isn't looked at."""
    alice = inbox.client("alice")
    reads = after_each_read(inbox, monkeypatch, alice.lose)
    alice.send(b"a SEARCH TEXT hello\r\n")
    assert len(reads) == 1


def test_a_bracket_in_a_tag_is_not_told(stage: Stage) -> None:
    """It would end the code; the tag may be NIL (section 5)."""
    stage.run("C: a NOOP\nS: a OK ...")
    stage.hold = True
    stage.run("""
        C: a]b CREATE Slow
        alice -- 20
        S: * OK [INPROGRESS (NIL NIL NIL)] Still working.
    """)
    stage.hold = False
    stage.release()
    stage.run("S: a]b OK ...")


@pytest.mark.parametrize(
    ("tag", "progress", "code"),
    [
        (b"", None, b"INPROGRESS"),
        (b"A001", None, b'INPROGRESS ("A001" NIL NIL)'),
        (b"A001", (454, 1000), b'INPROGRESS ("A001" 454 1000)'),
        (b"A001", (0, 1), b'INPROGRESS ("A001" 0 1)'),
        (b"A001", (1000, 1000), b'INPROGRESS ("A001" 999 1000)'),
        (b"A001", (0, 0), b'INPROGRESS ("A001" NIL NIL)'),
        (b"a]", (3, 4), b"INPROGRESS (NIL 3 4)"),
        (b"", (3, 4), b"INPROGRESS (NIL 3 4)"),
    ],
)
def test_the_forms_of_section_5(tag: bytes, progress: tuple[int, int] | None, code: bytes) -> None:
    """Unknown, or how much of how much; what is done stays below the goal."""
    said = status(None, b"OK", "Still working.", in_progress(tag, progress))
    assert said == b"* OK [%b] Still working.\r\n" % code
