"""ESORT (RFC 5267 3): SORT with result options, in the order of the sort."""

from __future__ import annotations

import pytest
from mailroom import put
from transcript import Stage


@pytest.fixture
def inbox(stage: Stage) -> Stage:
    """UIDs 1 to 6; by size 6 5 4 1 2 3."""
    sizes = (40, 50, 60, 30, 20, 10)
    mails = [b"Subject: s\r\n\r\n" + b"x" * size for size in sizes]
    put(stage.world, stage.world.alice, "INBOX", mails)
    stage.run("""
        C: s SELECT INBOX
        S: ~
        S: s OK ...
    """)
    return stage


def test_the_example_of_section_3_3(inbox: Stage) -> None:
    """`RETURN ()` is ALL; no range is written backwards."""
    inbox.run("""
        C: E01 UID SORT RETURN () (SIZE) UTF-8 UNDELETED UNKEYWORD $Junk
        S: * ESEARCH (TAG "E01") UID ALL 6,5,4,1:3
        S: E01 OK ...
        C: E02 UID SORT RETURN (ALL) (REVERSE SIZE) UTF-8 UNDELETED
        S: * ESEARCH (TAG "E02") UID ALL 3,2,1,4:6
        S: E02 OK ...
    """)


def test_min_and_max_are_first_and_last_of_the_sort(inbox: Stage) -> None:
    inbox.run("""
        C: a SORT RETURN (MIN MAX COUNT) (SIZE) UTF-8 2:5
        S: * ESEARCH (TAG "a") MIN 5 MAX 3 COUNT 4
        S: a OK ...
        C: b SORT RETURN (MIN MAX ALL COUNT) (SIZE) UTF-8 DELETED
        S: * ESEARCH (TAG "b") COUNT 0
        S: b OK ...
        C: c SORT RETURN (PARTIAL 2:3) (SIZE) UTF-8 ALL
        S: * ESEARCH (TAG "c") PARTIAL (2:3 5,4)
        S: c OK ...
    """)


def test_what_is_saved_can_be_fetched(inbox: Stage) -> None:
    """SAVE (RFC 5182), and NO [BADCHARSET] empties `$`."""
    inbox.run("""
        C: a SORT RETURN (SAVE MIN) (SIZE) UTF-8 ALL
        S: * ESEARCH (TAG "a") MIN 6
        S: a OK ...
        C: b FETCH $ UID
        S: * 6 FETCH (UID 6)
        S: b OK ...
        C: c SORT RETURN (SAVE) (SIZE) UTF-8 LARGER 50
        S: c OK ...
        C: d SORT (SIZE) UTF-8 $
        S: * SORT 1 2 3
        S: d OK ...
        C: e SORT RETURN (SAVE) (SIZE) KOI8-R ALL
        S: e NO [BADCHARSET (US-ASCII UTF-8)] ...
        C: f THREAD REFERENCES UTF-8 $
        S: * THREAD
        S: f OK ...
    """)


def test_without_options_it_is_plain_also_in_rev2(inbox: Stage) -> None:
    """IMAP4rev2 changes the answer of SEARCH alone (RFC 9051 6.4.4)."""
    inbox.run("""
        C: a ENABLE IMAP4rev2
        S: ~
        S: a OK ...
        C: b UID SORT (SIZE) UTF-8 ALL
        S: * SORT 6 5 4 1 2 3
        S: b OK ...
    """)


def test_modseq_stands_behind_what_was_sorted(inbox: Stage) -> None:
    """RFC 7162 7 (`sort-data`): the highest of what is told."""
    inbox.run("""
        C: a STORE 5 +FLAGS.SILENT (\\Flagged)
        S: ...
        C: b SORT (SIZE) UTF-8 MODSEQ 1 2:5
        S: * OK [HIGHESTMODSEQ <highest>] ...
        S: * SORT 5 4 2 3 (MODSEQ <highest>)
        S: b OK ...
        C: c SORT RETURN (ALL) (SIZE) UTF-8 MODSEQ 1 2:3
        S: * ESEARCH (TAG "c") ALL 2:3 MODSEQ <own>
        S: c OK ...
        C: d SORT (SIZE) UTF-8 MODSEQ 1 DELETED
        S: * SORT
        S: d OK ...
        C: e THREAD REFERENCES UTF-8 MODSEQ 1 2
        S: * THREAD (2)
        S: e OK ...
    """)
