"""PARTIAL's own examples (RFC 9394), at a tenth of their size."""

from __future__ import annotations

import pytest
from mailroom import opened
from searched import fill, select
from transcript import Stage


@pytest.fixture
def inbox(stage: Stage) -> Stage:
    """30 mails under the UIDs 101 to 130; 1 to 6 are junk, so that 24 are found."""
    fill(stage.world, 30, uids={1: 101})
    select(stage, _Junk="1:6")
    return stage


def test_the_examples_of_section_3_1(inbox: Stage) -> None:
    """The latest, the end, the start, and beyond the end."""
    inbox.run("""
        C: A01 UID SEARCH RETURN (PARTIAL -1:-10) UNDELETED UNKEYWORD $Junk
        S: * ESEARCH (TAG "A01") UID PARTIAL (-1:-10 121:130)
        S: A01 OK ...
        C: A02 UID SEARCH RETURN (PARTIAL 20:29) UNDELETED UNKEYWORD $Junk
        S: * ESEARCH (TAG "A02") UID PARTIAL (20:29 126:130)
        S: A02 OK ...
        C: A03 UID SEARCH RETURN (PARTIAL 1:5) UNDELETED UNKEYWORD $Junk
        S: * ESEARCH (TAG "A03") UID PARTIAL (1:5 107:111)
        S: A03 OK ...
        C: A04 UID SEARCH RETURN (PARTIAL 25:30) UNDELETED UNKEYWORD $Junk
        S: * ESEARCH (TAG "A04") UID PARTIAL (25:30 NIL)
        S: A04 OK ...
        C: A05 SEARCH RETURN (PARTIAL 5:1 COUNT) UNDELETED UNKEYWORD $Junk
        S: * ESEARCH (TAG "A05") PARTIAL (5:1 7:11) COUNT 24
        S: A05 OK ...
        C: A06 SEARCH RETURN (PARTIAL 1:5) DRAFT
        S: * ESEARCH (TAG "A06") PARTIAL (1:5 NIL)
        S: A06 OK ...
    """)


@pytest.mark.parametrize(
    ("options", "said", "saved"),
    [
        ("SAVE PARTIAL 2:3", "PARTIAL (2:3 108:109)", "108:109"),
        ("SAVE PARTIAL 2:3 MIN", "MIN 107 PARTIAL (2:3 108:109)", "107:109"),
        ("SAVE PARTIAL 2:3 MAX", "MAX 130 PARTIAL (2:3 108:109)", "108:109,130"),
        ("MIN MAX PARTIAL 2:3 SAVE", "MIN 107 MAX 130 PARTIAL (2:3 108:109)", "107:109,130"),
        ("SAVE PARTIAL 2:3 COUNT", "PARTIAL (2:3 108:109) COUNT 24", "107:130"),
        ("SAVE PARTIAL 2:3 COUNT MIN", "MIN 107 PARTIAL (2:3 108:109) COUNT 24", "107:130"),
    ],
)
def test_what_is_saved(inbox: Stage, options: str, said: str, saved: str) -> None:
    """Table 1 of section 3.2."""
    inbox.run(f"""
        C: a UID SEARCH RETURN ({options}) UNKEYWORD $Junk
        S: * ESEARCH (TAG "a") UID {said}
        S: a OK ...
        C: b UID SEARCH RETURN () $
        S: * ESEARCH (TAG "b") UID ALL {saved}
        S: b OK ...
    """)


def test_the_examples_of_section_3_3(inbox: Stage) -> None:
    """The last three and the first two of a UID range with gaps; none beyond it."""
    inbox.run(r"""
        C: a STORE 28 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: b EXPUNGE
        S: * 28 EXPUNGE
        S: b OK ...
        C: 10 UID FETCH 120:900 (UID) (PARTIAL -1:-3)
        S: * 27 FETCH (UID 127)
        S: * 28 FETCH (UID 129)
        S: * 29 FETCH (UID 130)
        S: 10 OK ...
        C: 11 UID FETCH 120:900 UID (PARTIAL 1:2)
        S: * 20 FETCH (UID 120)
        S: * 21 FETCH (UID 121)
        S: 11 OK ...
        C: 12 UID FETCH 120:900 (UID) (PARTIAL 50:60)
        S: 12 OK ...
    """)


def test_only_what_is_told_becomes_seen(inbox: Stage) -> None:
    """Section 3.3: BODY[] touches none of the others."""
    inbox.run("""
        C: a UID FETCH 101:* (UID BODY[TEXT]<0.1>) (PARTIAL -1:-1)
        S: * 30 FETCH (UID 130 BODY[TEXT]<0> {1}
        S: h ...
        S: a OK ...
        C: b SEARCH SEEN
        S: * SEARCH 30
        S: b OK ...
    """)


@pytest.mark.parametrize(
    "command",
    [
        "SEARCH RETURN (PARTIAL 1:5 ALL) ALL",
        "SEARCH RETURN (PARTIAL 1:5 PARTIAL 6:9) ALL",
        "SEARCH RETURN (PARTIAL 0:5 SAVE) ALL",
        "SEARCH RETURN (PARTIAL 1:-5) ALL",
        "FETCH 1:* UID (PARTIAL 1:5)",
        "UID FETCH 1:* UID (PARTIAL 1:*)",
        "UID FETCH 1:* UID (PARTIAL 1:2 PARTIAL 3:4)",
    ],
)
def test_bad_input_is_bad(inbox: Stage, command: str) -> None:
    """Section 3.1; what was saved before stays."""
    inbox.run(f"""
        C: a SEARCH RETURN (SAVE) 4
        S: a OK ...
        C: b {command}
        S: b BAD Expected ...
        C: c FETCH $ UID
        S: * 4 FETCH (UID 104)
        S: c OK ...
    """)


def test_the_example_of_section_3_4(inbox: Stage) -> None:
    """First the last three, then of these what has changed; in either order of the modifiers."""
    inbox.run(r"""
        C: a STORE 20,28,30 +FLAGS.SILENT (\Flagged)
        S: ~
        S: a OK ...
        C: c STORE 20,29 +FLAGS.SILENT (\Answered)
        S: ~
        S: c OK ...
    """)
    now = opened(inbox.world, inbox.world.alice).modseq
    since = f"CHANGEDSINCE {now - 1}"
    for modifiers in (f"PARTIAL -1:-3 {since}", f"{since} PARTIAL -1:-3"):
        inbox.run(f"""
            C: d UID FETCH 101:200 (UID) ({modifiers})
            S: ~
            S: * 29 FETCH (UID 129 MODSEQ ({now}))
            S: d OK ...
        """)
