"""A SEARCH of a big folder looks at it in steps: what others do between two of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from searched import fill, select
from transcript import Stage

from imapgate.folders import search
from storage import Tx

T = TypeVar("T")


@pytest.fixture
def inbox(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Four mails, two of them in the first step; alice2 sees them as well."""
    fill(stage.world, 4)
    select(stage)
    stage.run("alice2 C: s SELECT INBOX\nalice2 S: ~\nalice2 S: s OK ...")
    monkeypatch.setattr(search, "FIRST", 2)
    monkeypatch.setattr(search, "LONG", float("inf"))
    return stage


def between(stage: Stage, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Once, after the next read transaction."""
    real = stage.server.db.read

    def read(work: Callable[[Tx], T]) -> T:
        found = real(work)
        monkeypatch.setattr(stage.server.db, "read", real)
        act()
        return found

    monkeypatch.setattr(stage.server.db, "read", read)


def test_each_mail_is_found_as_its_step_sees_it(
    inbox: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is flagged after its step isn't found, what is flagged before it is; the news follow."""
    alice2 = inbox.client("alice2")
    between(inbox, monkeypatch, lambda: alice2.send(b"b STORE 1,4 +FLAGS.SILENT (\\Flagged)\r\n"))
    inbox.run(r"""
        C: a SEARCH RETURN (SAVE ALL) FLAGGED
        S: * ESEARCH (TAG "a") ALL 4
        S: * 1 FETCH (FLAGS (\Flagged \Recent))
        S: * 4 FETCH (FLAGS (\Flagged \Recent))
        S: a OK ...
        alice2 S: b OK ...
    """)


def test_what_is_expunged_on_the_way_keeps_the_numbers(
    inbox: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no flags any more, and is told only by a later command."""
    inbox.run(r"C: a STORE 3 +FLAGS.SILENT (\Deleted)" + "\nS: a OK ...")
    between(inbox, monkeypatch, lambda: inbox.client("alice2").send(b"b UID EXPUNGE 3\r\n"))
    inbox.run("""
        C: c SEARCH RETURN (COUNT ALL) UNANSWERED
        S: * ESEARCH (TAG "c") ALL 1:4 COUNT 4
        S: c OK ...
        alice2 S: * 3 EXPUNGE
        alice2 S: b OK ...
        C: d NOOP
        S: * 3 EXPUNGE
        S: d OK ...
    """)


def test_the_modseq_is_one_that_every_step_has_seen(
    inbox: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 7162 3.1.5: whoever goes on from the MODSEQ that was told misses no change."""
    alice2 = inbox.client("alice2")
    changes = b"b STORE 1 +FLAGS.SILENT (x)\r\nb STORE 4 +FLAGS.SILENT (x)\r\n"
    between(inbox, monkeypatch, lambda: alice2.send(changes))
    inbox.run("""
        C: c SEARCH MODSEQ 3
        S: * OK [HIGHESTMODSEQ 2] ...
        S: * SEARCH 4 (MODSEQ 2)
        S: ~
        S: c OK ...
        alice2 S: ~
        alice2 S: b OK ...
        alice2 S: b OK ...
        C: d SEARCH MODSEQ 3
        S: * SEARCH 1 4 (MODSEQ 4)
        S: d OK ...
    """)
