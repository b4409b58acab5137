"""SEARCHRES' own examples (RFC 5182; RFC 9051 6.4.4), and what `$` is after each command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from searched import fill, select
from transcript import Stage

from storage.engine import Unavailable

T = TypeVar("T")


@pytest.fixture
def inbox(stage: Stage) -> Stage:
    """21 mails; not from Smith and new enough are 2, 10 to 15 and 21. 3, 10 and 21 are flagged, 4
    and 5 are junk. Their UIDs are 100 more than their numbers."""
    others = set(range(1, 22)) - {2, 10, 11, 12, 13, 14, 15, 21}
    fill(stage.world, 21, uids={1: 101}, smith=others, old=[2])
    select(stage, Flagged="3,10,21", _Junk="4:5")
    return stage


def kept(stage: Stage, numbers: str) -> None:
    """`$` stands for these."""
    said = f" ALL {numbers}" if numbers else ""
    stage.run(f"""
        C: kept SEARCH RETURN (ALL) $
        S: * ESEARCH (TAG "kept"){said}
        S: kept OK ...
    """)


def test_fetching_what_was_found(inbox: Stage) -> None:
    """Examples 1 and 2: one after the other, and pipelined."""
    inbox.run("""
        C: A282 SEARCH RETURN (SAVE) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
        S: A282 OK ...
        C: A283 FETCH $ (UID FLAGS)
        S: * 10 FETCH (UID 110 FLAGS (...\\Flagged...))
        S: * 21 FETCH (UID 121 FLAGS (...\\Flagged...))
        S: A283 OK ...
    """)
    inbox.client("alice").send(
        b'A284 SEARCH RETURN (SAVE) FLAGGED FROM "Smith"\r\nA285 UID FETCH $ (UID)\r\n'
    )
    inbox.run("""
        S: A284 OK ...
        S: * 3 FETCH (UID 103)
        S: A285 OK ...
    """)


def test_searching_in_what_was_found(inbox: Stage) -> None:
    """Examples 3 and 4: as UIDs and as numbers, alone and in an OR."""
    inbox.run(
        """
        C: A300 SEARCH RETURN (SAVE) SINCE 1-Jan-2004 NOT FROM "Smith"
        S: A300 OK ...
        C: A301 UID SEARCH UID $ SUBJECT 1
        S: * SEARCH 110 111 112 113 114 115 121
        S: A301 OK ...
        C: A302 UID SEARCH $ SUBJECT 1
        S: * SEARCH 110 111 112 113 114 115 121
        S: A302 OK ...
        C: P283 SEARCH CHARSET UTF-8 (OR $ 1,3000:3021) TEXT {#words}
        S: + ...
        C: #words
        S: * SEARCH 1 10 11 12 13 14 15 21
        S: P283 OK ...
        C: P284 SEARCH NOT $ FLAGGED
        S: * SEARCH 3
        S: P284 OK ...
        C: P285 UID SEARCH UID 103,$ FLAGGED
        S: * SEARCH 103 110 121
        S: P285 OK ...
    """,
        words=b"example",
    )


def test_an_unknown_charset_empties_it_if_it_was_to_be_saved(inbox: Stage) -> None:
    """Example 5, as RFC 9051 has it; RFC 5182 2.1: without SAVE nothing changes."""
    inbox.run(
        """
        C: B282 SEARCH RETURN (SAVE) FLAGGED
        S: B282 OK ...
        C: B283 SEARCH CHARSET KOI8-R (OR $ 1,3000:3021) TEXT {#words}
        S: + ...
        C: #words
        S: B283 NO [BADCHARSET (US-ASCII UTF-8)] ...
    """,
        words=b"XXXX",
    )
    kept(inbox, "3,10,21")
    inbox.run(
        """
        C: B283 SEARCH RETURN (SAVE) CHARSET KOI8-R (OR $ 1,3000:3021) TEXT {#words}
        S: + ...
        C: #words
        S: B283 NO [BADCHARSET (US-ASCII UTF-8)] ...
    """,
        words=b"XXXX",
    )
    kept(inbox, "")


def test_an_empty_result_is_a_set_that_names_nothing(inbox: Stage) -> None:
    """Example 6, for every command that takes a set; before any SEARCH as well."""
    commands = (
        *("FETCH $ FLAGS", "UID FETCH $ FLAGS", "COPY $ Archive", "UID COPY $ Archive"),
        *("MOVE $ Archive", "UID MOVE $ Archive", r"STORE $ +FLAGS (\Seen)", "UID EXPUNGE $"),
        r"UID STORE $ +FLAGS (\Seen)",
    )
    for command in commands:
        inbox.run(f"C: a {command}\nS: a OK ...")
    inbox.run("C: b SEARCH RETURN (SAVE) SINCE 28-Oct-2036\nS: b OK ...")
    for command in commands:
        inbox.run(f"C: a {command}\nS: a OK ...")
    inbox.run("C: c SEARCH $\nS: * SEARCH\nS: c OK ...")


def test_commands_that_depend_on_each_other_run_in_order(inbox: Stage) -> None:
    """Example 7, with what becomes of it."""
    inbox.client("alice").send(
        b"F282 SEARCH RETURN (SAVE) KEYWORD $Junk\r\n"
        b'F283 COPY $ "Junk"\r\n'
        b"F284 STORE $ +FLAGS.Silent (\\Deleted)\r\n"
    )
    inbox.run("""
        S: F282 OK ...
        S: F283 OK [COPYUID <junk> 104:105 1:2] ...
        S: F284 OK ...
        C: F285 UID EXPUNGE $
        S: * 5 EXPUNGE
        S: * 4 EXPUNGE
        S: F285 OK ...
    """)
    kept(inbox, "")


def test_each_saved_search_replaces_the_one_before(inbox: Stage) -> None:
    """Examples 8 and 9."""
    inbox.client("alice").send(
        b"G282 SEARCH RETURN (SAVE) KEYWORD $Junk\r\n"
        b'G283 SEARCH RETURN (ALL) SINCE 28-Oct-2006 NOT FROM "Smith"\r\n'
    )
    inbox.run("""
        S: G282 OK ...
        S: * ESEARCH (TAG "G283") ALL 10:15,21
        S: G283 OK ...
    """)
    kept(inbox, "4:5")
    inbox.client("alice").send(
        b"H282 SEARCH RETURN (SAVE) KEYWORD $Junk\r\nH283 SEARCH RETURN (SAVE) FLAGGED\r\n"
    )
    inbox.run("S: H282 OK ...\nS: H283 OK ...")
    kept(inbox, "3,10,21")


@pytest.mark.parametrize(
    ("options", "said", "saved"),
    [
        ("ALL", " ALL 2,10:15,21", "4:5"),
        ("ALL SAVE", " ALL 2,10:15,21", "2,10:15,21"),
        ("SAVE MIN", " MIN 2", "2"),
        ("SAVE MAX", " MAX 21", "21"),
        ("MAX SAVE MIN", " MIN 2 MAX 21", "2,21"),
        ("MAX SAVE MIN COUNT", " MIN 2 MAX 21 COUNT 8", "2,10:15,21"),
        ("ALL SAVE MIN", " MIN 2 ALL 2,10:15,21", "2,10:15,21"),
        ("SAVE COUNT", " COUNT 8", "2,10:15,21"),
    ],
)
def test_other_options_beside_save(inbox: Stage, options: str, said: str, saved: str) -> None:
    """Example 10 and the table of section 2.4; `$` was 4:5 before."""
    inbox.run(f"""
        C: c0 SEARCH RETURN (SAVE) KEYWORD $Junk
        S: c0 OK ...
        C: C282 SEARCH RETURN ({options}) SINCE 12-Feb-1990 NOT FROM "Smith"
        S: * ESEARCH (TAG "C282"){said}
        S: C282 OK ...
    """)
    kept(inbox, saved)


def test_min_of_nothing_saves_nothing(inbox: Stage) -> None:
    """RFC 9051 6.4.4.1."""
    inbox.run("""
        C: a SEARCH RETURN (SAVE) FLAGGED
        S: a OK ...
        C: b SEARCH RETURN (SAVE MIN MAX) DRAFT
        S: * ESEARCH (TAG "b")
        S: b OK ...
    """)
    kept(inbox, "")


def test_what_is_bad_or_not_saved_leaves_it(inbox: Stage) -> None:
    """Section 2.1."""
    inbox.run("""
        C: a SEARCH RETURN (SAVE) FLAGGED
        S: a OK ...
        C: b SEARCH RETURN (SAVE) NONSENSE
        S: b BAD ...
        C: c SEARCH RETURN (SAVE SAVED) ALL
        S: c BAD ...
        C: d FETCH $,1 UID
        S: d BAD ...
        C: e FETCH $:5 UID
        S: e BAD ...
        C: f FETCH 500,$ UID
        S: f BAD There is no message with such a number.
        C: g SEARCH DRAFT
        S: * SEARCH
        S: g OK ...
    """)
    kept(inbox, "3,10,21")


def test_a_select_empties_it(inbox: Stage) -> None:
    """Section 2.1: a new SELECT or EXAMINE, of the same folder too."""
    for command in ("SELECT", "EXAMINE"):
        inbox.run(f"""
            C: a SEARCH RETURN (SAVE) ALL
            S: a OK ...
            C: b {command} INBOX
            S: ~
            S: b OK ...
        """)
        kept(inbox, "")


def test_what_is_expunged_leaves_it_and_numbers_follow(inbox: Stage) -> None:
    """Section 2.1; until the client has been told, it is there under its number."""
    inbox.run(r"""
        C: a SEARCH RETURN (SAVE) FLAGGED
        S: a OK ...
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
        alice2 C: b STORE 1,10 +FLAGS.SILENT (\Deleted)
        alice2 S: b OK ...
        alice2 C: b EXPUNGE
        alice2 S: * 10 EXPUNGE
        alice2 S: * 1 EXPUNGE
        alice2 S: b OK ...
        C: c SEARCH RETURN (ALL) $
        S: * ESEARCH (TAG "c") ALL 3,10,21
        S: c OK ...
        C: d NOOP
        S: ~
        S: d OK ...
    """)
    kept(inbox, "2,19")
    inbox.run("""
        C: e UID FETCH $ UID
        S: * 2 FETCH (UID 103)
        S: * 19 FETCH (UID 121)
        S: e OK ...
    """)


def test_a_search_that_fails_empties_what_it_was_to_replace(
    inbox: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Section 2.1: NO to one with SAVE; NO to one without it changes nothing."""
    db = inbox.server.db
    real = db.read

    def away(work: Callable[..., T]) -> T:
        raise Unavailable("away")

    inbox.run("C: a SEARCH RETURN (SAVE) FLAGGED\nS: a OK ...")
    monkeypatch.setattr(db, "read", away)
    inbox.run("C: b SEARCH RETURN (ALL) DRAFT\nS: b NO [UNAVAILABLE] ...")
    monkeypatch.setattr(db, "read", real)
    kept(inbox, "3,10,21")
    monkeypatch.setattr(db, "read", away)
    inbox.run("C: c SEARCH RETURN (SAVE ALL) DRAFT\nS: c NO [UNAVAILABLE] ...")
    monkeypatch.setattr(db, "read", real)
    kept(inbox, "")


def test_what_vanishes_leaves_it(inbox: Stage) -> None:
    """RFC 7162 3.2.10: VANISHED is an EXPUNGE by another word."""
    inbox.run(r"""
        C: a ENABLE QRESYNC
        S: ~
        S: a OK ...
        C: b SEARCH RETURN (SAVE) FLAGGED
        S: b OK ...
        alice2 C: c SELECT INBOX
        alice2 S: ~
        alice2 S: c OK ...
        alice2 C: d STORE 1,10 +FLAGS.SILENT (\Deleted)
        alice2 S: d OK ...
        alice2 C: e EXPUNGE
        alice2 S: ~
        alice2 S: e OK ...
        C: f NOOP
        S: ~
        S: * VANISHED 101,110
        S: ~
        S: f OK ...
    """)
    kept(inbox, "2,19")
