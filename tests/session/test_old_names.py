"""OLDNAME (RFC 9051 6.3.9.7): a folder that is named in another form than its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from transcript import Stage

from storage import Tx
from storage.engine import Unavailable

T = TypeVar("T")

MAIL = b"Subject: x\r\n\r\nabc\r\n"
DECOMPOSED = "Bu\u0308ro"
COMPOSED = "B\u00fcro"
REV2 = """
    C: e ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: e OK ...
"""


@pytest.mark.parametrize(
    ("made", "asked", "old"),
    [
        ("Plans", "plans", "plans"),
        ("Plans", "Plans/", "Plans/"),
        (COMPOSED, f'"{DECOMPOSED}"', f'"{DECOMPOSED}"'),
        ("INBOX/Sub", "inbox/Sub", "inbox/Sub"),
    ],
)
def test_a_folder_asked_for_by_another_name_is_told_with_it(
    stage: Stage, made: str, asked: str, old: str
) -> None:
    """6.3.9.7 OLDNAME; INBOX has the same name in any case."""
    name = f'"{made}"' if not made.isascii() else made
    stage.run(
        rf"""
        {REV2}
        C: a CREATE "{made}"
        S: a OK ...
        C: a SELECT {asked}
        S: ~
        S: * LIST (\HasNoChildren) "/" {name} ("OLDNAME" ({old}))
        S: a OK ...
        C: a UNSELECT
        S: a OK ...
        C: a SELECT "{made}"
        S: ~
        S: * LIST (\HasNoChildren) "/" {name}
        S: a OK ...
    """
    )


def test_a_name_that_is_made_another_is_told(stage: Stage) -> None:
    """6.3.4, 6.3.5, 6.3.6, 6.3.12 and their examples: OLDNAME after CREATE, APPEND, RENAME (the old
    name as the client wrote it) and DELETE; a client of IMAP4rev1 isn't told."""
    stage.run(
        rf"""
        C: A003 CREATE owatagusiam/
        S: A003 OK ...
        {REV2}
        C: A004 CREATE owatagusiam/blurdybloop
        S: A004 OK ...
        C: A004 CREATE OWATAGUSIAM/sub/
        S: * LIST (\HasNoChildren) "/" owatagusiam/sub ("OLDNAME" (OWATAGUSIAM/sub))
        S: A004 OK ...
        C: A005 CREATE "{DECOMPOSED}"
        S: * LIST (\HasNoChildren) "/" "{COMPOSED}" ("OLDNAME" ("{DECOMPOSED}"))
        S: A005 OK ...
        C: A005 CREATE "{DECOMPOSED}"
        S: A005 NO [ALREADYEXISTS] ...
        C: A006 APPEND "{DECOMPOSED}" {{#mail+}}
        C: #mail
        S: * LIST (\HasNoChildren) "/" "{COMPOSED}" ("OLDNAME" ("{DECOMPOSED}"))
        S: A006 OK [APPENDUID <validity> 1] ...
        C: A007 RENAME "{DECOMPOSED}" blurdybloop
        S: * LIST (\HasNoChildren) "/" blurdybloop ("OLDNAME" ("{DECOMPOSED}"))
        S: A007 OK ...
        C: A008 RENAME blurdybloop "{DECOMPOSED}"
        S: * LIST (\HasNoChildren) "/" "{COMPOSED}" ("OLDNAME" (blurdybloop))
        S: A008 OK ...
        C: A009 RENAME "{COMPOSED}" sarasoop
        S: A009 OK ...
        C: A010 DELETE SARASOOP
        S: * LIST (\NonExistent \HasNoChildren) "/" sarasoop ("OLDNAME" (SARASOOP))
        S: A010 OK ...
        C: A011 DELETE owatagusiam
        S: A011 NO [HASCHILDREN] ...
        C: A012 RENAME INBOX old-mail
        S: A012 OK ...
        alice2 C: a CREATE "{DECOMPOSED}"
        alice2 S: a OK ...
        alice2 C: a DELETE "{COMPOSED}/"
        alice2 S: a OK ...
    """,
        mail=MAIL,
    )


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("ours")])
def test_what_is_filed_is_told_ok_whatever_fails_afterwards(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """6.3.12: the other name is known from the filing itself; a NO would make the client send it
    again."""
    db = stage.server.db
    write = db.write

    def fails(_work: object) -> object:
        raise error

    def write_then_fail(work: Callable[[Tx], T]) -> T:
        done = write(work)
        monkeypatch.setattr(db, "read", fails)
        return done

    stage.run(f'{REV2}\nC: a CREATE "{COMPOSED}"\nS: a OK ...')
    monkeypatch.setattr(db, "write", write_then_fail)
    stage.run(
        rf"""
        C: b APPEND "{DECOMPOSED}" {{#mail+}}
        C: #mail
        S: * LIST (\HasNoChildren) "/" "{COMPOSED}" ("OLDNAME" ("{DECOMPOSED}"))
        S: b OK [APPENDUID <validity> 1] ...
    """,
        mail=MAIL,
    )
