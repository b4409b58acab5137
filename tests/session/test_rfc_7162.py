"""CONDSTORE (RFC 7162 3.1) but for STORE: its examples as dialogues (numbers: see modseqs)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from modseqs import begun
from transcript import Stage
from world import World

from imapgate.session.news import News


@pytest.fixture
def three(world: World) -> Iterator[Stage]:
    made = begun(world)
    yield made
    made.close()


def test_select_tells_how_far_the_client_knows_the_folder(three: Stage) -> None:
    """3.1.2.1, examples 1 and 18: always, with the parameter and without."""
    three.run("""
        C: A142 SELECT INBOX (CONDSTORE)
        S: * OK [CLOSED] ...
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...
        S: * 3 EXISTS
        S: ~
        S: * OK [UIDNEXT 4] ...
        S: * OK [HIGHESTMODSEQ 4] ...
        S: ~
        S: A142 OK [READ-WRITE] ...
        C: A143 EXAMINE INBOX (CONDSTORE)
        S: * OK [CLOSED] ...
        S: ~
        S: * OK [HIGHESTMODSEQ 4] ...
        S: ~
        S: A143 OK [READ-ONLY] ...
    """)


def test_fetch_of_what_changed_since(three: Stage) -> None:
    """3.1.4.1, 3.1.4.2, examples 12 and 13: MODSEQ comes along, in whatever form the items are
    asked for."""
    three.run(r"""
        C: a FETCH 1:3 (MODSEQ)
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * 1 FETCH (MODSEQ (2))
        S: * 2 FETCH (MODSEQ (3))
        S: * 3 FETCH (MODSEQ (4))
        S: a OK ...
        C: s STORE 1 +FLAGS.SILENT (\Seen $x)
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...
        S: * 1 FETCH (UID 1 MODSEQ (5))
        S: s OK ...
        C: s100 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 3)
        S: * 1 FETCH (UID 1 FLAGS (\Seen $x \Recent) MODSEQ (5))
        S: * 3 FETCH (UID 3 FLAGS (\Recent) MODSEQ (4))
        S: s100 OK ...
        C: s101 FETCH 2:3 UID (changedsince 3)
        S: * 3 FETCH (UID 3 MODSEQ (4))
        S: s101 OK ...
        C: s102 FETCH 1:3 FAST (CHANGEDSINCE 4)
        S: * 1 FETCH (FLAGS ... MODSEQ (5))
        S: s102 OK ...
        C: s103 UID FETCH 1:* (UID MODSEQ) (CHANGEDSINCE 5)
        S: s103 OK ...
        C: s104 UID FETCH 1:* FLAGS (CHANGEDSINCE 9223372036854775807)
        S: s104 OK ...
    """)


def test_partial_counts_before_changedsince(three: Stage) -> None:
    """RFC 9394 3.4, in either order."""
    three.run("""
        C: 101 UID FETCH 1:9 (UID) (PARTIAL -1:-2 CHANGEDSINCE 3)
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * 3 FETCH (UID 3 MODSEQ (4))
        S: 101 OK ...
        C: 102 UID FETCH 1:9 (UID) (CHANGEDSINCE 3 PARTIAL 1:2)
        S: 102 OK ...
    """)


@pytest.mark.parametrize(
    "enabling",
    [
        "C: e ENABLE CONDSTORE\nS: * OK [HIGHESTMODSEQ 4] ...\nS: * ENABLED CONDSTORE",
        "C: e STATUS Sent (HIGHESTMODSEQ)\nS: * OK [HIGHESTMODSEQ 4] ...\n"
        "S: * STATUS Sent (HIGHESTMODSEQ 1)",
        "C: e FETCH 3 MODSEQ\nS: * OK [HIGHESTMODSEQ 4] ...\nS: * 3 FETCH (MODSEQ (4))",
        "C: e FETCH 3 UID (CHANGEDSINCE 9)\nS: * OK [HIGHESTMODSEQ 4] ...",
        "C: e STORE 3 (UNCHANGEDSINCE 9) -FLAGS.SILENT (x)\nS: * OK [HIGHESTMODSEQ 4] ...\n"
        "S: * 3 FETCH (UID 3 MODSEQ (4))",
        "C: e SEARCH MODSEQ 4\nS: * OK [HIGHESTMODSEQ 4] ...\nS: * SEARCH 3 (MODSEQ 4)",
        "C: e SELECT INBOX (CONDSTORE)\nS: ~",
        "C: e EXAMINE INBOX (CONDSTORE)\nS: ~",
    ],
)
def test_each_enabling_command_makes_fetch_carry_uid_and_modseq(
    three: Stage, enabling: str
) -> None:
    """3.1 and 3.2.4: whoever makes the change; the second such command tells nothing new."""
    three.run(r"""
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
    """)
    three.run(f"{enabling}\nS: e OK ...\nC: n NOOP\nS: n OK ...")
    three.run(r"""
        alice2 C: b STORE 1 +FLAGS.SILENT (\Seen)
        alice2 S: b OK ...
        C: n NOOP
        S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS (\Seen...))
        S: n OK ...
        C: n FETCH 1 MODSEQ
        S: * 1 FETCH (MODSEQ (5))
        S: n OK ...
        C: n FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS ...)
        S: n OK ...
    """)


def test_without_one_nothing_is_told_of_mod_sequences(three: Stage) -> None:
    three.run(r"""
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
        alice2 C: b STORE 1 +FLAGS (\Seen)
        alice2 S: * 1 FETCH (FLAGS (\Seen))
        alice2 S: b OK ...
        C: n NOOP
        S: * 1 FETCH (FLAGS (\Seen \Recent))
        S: n OK ...
    """)


def test_what_becomes_seen_by_reading_carries_uid_and_modseq(three: Stage) -> None:
    """3.2.4, of a FETCH by number too; what was seen before is told as it was asked for."""
    three.run(r"""
        C: e ENABLE CONDSTORE
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * ENABLED CONDSTORE
        S: e OK ...
        C: a FETCH 1 BODY[]<0.1>
        S: * 1 FETCH (BODY[]<0> {1}
        S: S FLAGS (\Seen \Recent) UID 1 MODSEQ (5))
        S: a OK ...
        C: a FETCH 1 BODY[]<0.1>
        S: * 1 FETCH (BODY[]<0> {1}
        S: S)
        S: a OK ...
        C: a UID FETCH 2 (FLAGS BODY[]<0.1>)
        S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) BODY[]<0> {1}
        S: S MODSEQ (6))
        S: a OK ...
    """)


def test_status_tells_the_mod_sequence(three: Stage) -> None:
    """3.1.7, example 17. Of the selected folder it is what the client has been told of."""
    three.run(r"""
        C: A042 STATUS Sent (UIDNEXT MESSAGES HIGHESTMODSEQ)
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * STATUS Sent (UIDNEXT 1 MESSAGES 0 HIGHESTMODSEQ 1)
        S: A042 OK ...
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
        alice2 C: b STORE 1 +FLAGS.SILENT (\Seen)
        alice2 S: b OK ...
        C: a STATUS INBOX (HIGHESTMODSEQ)
        S: * STATUS INBOX (HIGHESTMODSEQ 4)
        S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS (\Seen \Recent))
        S: a OK ...
        C: a STATUS INBOX (HIGHESTMODSEQ)
        S: * STATUS INBOX (HIGHESTMODSEQ 5)
        S: a OK ...
        alice3 C: b STATUS INBOX (HIGHESTMODSEQ)
        alice3 S: * STATUS INBOX (HIGHESTMODSEQ 5)
        alice3 S: b OK ...
    """)


@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT INBOX (X)",
        "SELECT INBOX ()",
        "SELECT INBOX (CONDSTORE CONDSTORE)",
        "SELECT INBOX CONDSTORE",
        "FETCH 1 FLAGS (CHANGEDSINCE)",
        "FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)",
        "FETCH 1 FLAGS (CHANGEDSINCE -1)",
        "FETCH 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)",
        "FETCH 1 FLAGS ()",
        "FETCH 1 (FLAGS) (CHANGEDSINCE 1) x",
        "FETCH 1 (MODSEQ 5)",
        r"STORE 1 (UNCHANGEDSINCE) +FLAGS (\Seen)",
        r"STORE 1 () +FLAGS (\Seen)",
        r"STORE 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 1) +FLAGS (\Seen)",
        r"STORE 1 (CHANGEDSINCE 1) +FLAGS (\Seen)",
        r"STORE 1 (UNCHANGEDSINCE 9223372036854775808) +FLAGS (\Seen)",
        r"STORE 9 (UNCHANGEDSINCE 9) +FLAGS (\Seen)",
        "FETCH 9 MODSEQ",
        "SEARCH MODSEQ",
        "SEARCH MODSEQ 9223372036854775808",
        'SEARCH MODSEQ "/flags/x" 5',
        'SEARCH MODSEQ "/flags/x" some 5',
        'SEARCH MODSEQ "/flags/" all 5',
        'SEARCH MODSEQ "x" all 5',
        "SEARCH MODSEQ /flags/x all 5",
    ],
)
def test_bad_input_changes_nothing(three: Stage, wrong: str) -> None:
    """BAD, and no CONDSTORE by it."""
    three.run(f"C: a {wrong}\nS: a BAD ...")
    three.run(r"""
        C: a FETCH 1 (FLAGS)
        S: * 1 FETCH (FLAGS (\Recent))
        S: a OK ...
        C: a STORE 1 +FLAGS (\Seen)
        S: * 1 FETCH (FLAGS (\Seen \Recent))
        S: a OK ...
    """)


def test_apple_mail_asks_for_all_that_changed_since_0(three: Stage) -> None:
    """RFC 7162 7 allows no 0 there; Apple Mail and iOS send it."""
    three.run(r"""
        C: a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * 1 FETCH (UID 1 FLAGS (\Recent) MODSEQ (2))
        S: * 2 FETCH (UID 2 FLAGS (\Recent) MODSEQ (3))
        S: * 3 FETCH (UID 3 FLAGS (\Recent) MODSEQ (4))
        S: a OK ...
    """)


def test_search_for_what_changed(three: Stage) -> None:
    r"""3.1.5, 3.1.6 and 3.1.10, examples 15, 16 and 19: equal or higher, with the highest of what
    is told; a flag's name is taken and changes nothing."""
    three.run(r"""
        C: a STORE 2 +FLAGS.SILENT (\Draft)
        S: a OK ...
        C: a SEARCH MODSEQ "/flags/\\draft" all 4
        S: * OK [HIGHESTMODSEQ 5] ...
        S: * SEARCH 2 3 (MODSEQ 5)
        S: a OK ...
        C: a UID SEARCH MODSEQ "/flags/$MDNSent" shared 0 SEEN
        S: * SEARCH
        S: a OK ...
        C: t SEARCH OR NOT MODSEQ 2 LARGER 50000
        S: * SEARCH
        S: t OK ...
        C: t SEARCH NOT MODSEQ 4
        S: * SEARCH 1 (MODSEQ 2)
        S: t OK ...
        C: t SEARCH 1:2
        S: * SEARCH 1 2
        S: t OK ...
        C: a SEARCH RETURN (ALL) MODSEQ 3
        S: * ESEARCH (TAG "a") ALL 2:3 MODSEQ 5
        S: a OK ...
        C: b UID SEARCH RETURN (MIN COUNT) MODSEQ 2
        S: * ESEARCH (TAG "b") UID MIN 1 COUNT 3 MODSEQ 5
        S: b OK ...
        C: c UID SEARCH RETURN (MIN) MODSEQ 2
        S: * ESEARCH (TAG "c") UID MIN 1 MODSEQ 2
        S: c OK ...
        C: d SEARCH RETURN (MAX) MODSEQ 6
        S: * ESEARCH (TAG "d")
        S: d OK ...
    """)


def test_a_mod_sequence_that_is_shown_brings_the_news_before_it(
    three: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even before it is known here that another process has changed something: what has a lower
    mod-sequence than what is told must not be missed."""
    three.run(r"""
        C: e ENABLE CONDSTORE
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * ENABLED CONDSTORE
        S: e OK ...
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
    """)
    monkeypatch.setattr(News, "folder_changed", lambda self: None)
    three.run(r"""
        alice2 C: b STORE 1 +FLAGS.SILENT (\Seen)
        alice2 S: b OK ...
        alice2 C: b STORE 3 +FLAGS.SILENT (\Seen)
        alice2 S: b OK ...
        C: n NOOP
        S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS (\Seen \Recent))
        S: * 3 FETCH (UID 3 MODSEQ (6) FLAGS (\Seen \Recent))
        S: n OK ...
        alice2 C: b STORE 1 -FLAGS.SILENT (\Seen)
        alice2 S: b OK ...
        C: n SEARCH ALL
        S: * SEARCH 1 2 3
        S: n OK ...
        C: n STORE 3 -FLAGS.SILENT (\Seen)
        S: * 3 FETCH (UID 3 MODSEQ (8))
        S: * 1 FETCH (UID 1 MODSEQ (7) FLAGS (\Recent))
        S: * 3 FETCH (UID 3 MODSEQ (8) FLAGS (\Recent))
        S: n OK ...
        alice2 C: b STORE 1:2 +FLAGS.SILENT (\Seen)
        alice2 S: b OK ...
        C: n FETCH 1 MODSEQ
        S: * 1 FETCH (MODSEQ (9))
        S: * 1 FETCH (UID 1 MODSEQ (9) FLAGS (\Seen \Recent))
        S: * 2 FETCH (UID 2 MODSEQ (9) FLAGS (\Seen \Recent))
        S: n OK ...
    """)
