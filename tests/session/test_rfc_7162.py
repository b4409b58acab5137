r"""CONDSTORE (RFC 7162 3.1): its examples as dialogues. A folder's mod-sequence begins with 1; each
APPEND, STORE and EXPUNGE that changes something takes the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World

MAIL = b"Subject: x\r\n\r\ny\r\n"


@pytest.fixture
def three(world: World) -> Iterator[Stage]:
    """alice has INBOX selected with three mails of mod-sequences 2 to 4."""
    made = Stage(world)
    made.run(
        """
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: * OK [HIGHESTMODSEQ 4] ...
        S: ~
        S: a OK ...
    """,
        mail=MAIL,
    )
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


def test_a_conditional_store_tells_the_new_mod_sequences_even_if_silent(three: Stage) -> None:
    """3.1.3, examples 3 to 5: in the order of the folder, each message once. The first CONDSTORE
    enabling command is answered with HIGHESTMODSEQ."""
    three.run(r"""
        C: a103 UID STORE 3,1,1 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\Deleted)
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * 1 FETCH (UID 1 MODSEQ (5))
        S: * 3 FETCH (UID 3 MODSEQ (5))
        S: a103 OK Stored.
        C: a104 STORE * (UNCHANGEDSINCE 5) +FLAGS.SILENT (\Deleted $Processed)
        S: * FLAGS (... $Processed)
        S: * OK [PERMANENTFLAGS ...
        S: * 3 FETCH (UID 3 MODSEQ (6))
        S: a104 OK Stored.
        C: c101 STORE 2 (UNCHANGEDSINCE 6) -FLAGS.SILENT (\Deleted)
        S: * 2 FETCH (UID 2 MODSEQ (3))
        S: c101 OK Stored.
        C: c102 STORE 1 (unchangedsince 6) FLAGS (\Flagged)
        S: * 1 FETCH (UID 1 MODSEQ (7) FLAGS (\Flagged \Recent))
        S: c102 OK Stored.
    """)


def test_what_was_changed_meanwhile_stays_and_is_told(three: Stage) -> None:
    r"""Examples 6, 7, 9 and 10: MODIFIED in the numbers that the client used; the FETCH says why.
    A mail that was changed otherwise, or so long ago, is done all the same."""
    three.run(r"""
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
        alice2 C: b STORE 1,3 +FLAGS.SILENT (\Deleted)
        alice2 S: b OK ...
        C: d105 STORE 1,2,3 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\Deleted)
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS (\Deleted \Recent))
        S: * 2 FETCH (UID 2 MODSEQ (6))
        S: * 3 FETCH (UID 3 MODSEQ (5) FLAGS (\Deleted \Recent))
        S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS (\Deleted \Recent))
        S: * 2 FETCH (UID 2 MODSEQ (6) FLAGS (\Deleted \Recent))
        S: * 3 FETCH (UID 3 MODSEQ (5) FLAGS (\Deleted \Recent))
        S: d105 OK [MODIFIED 1,3] ...
        C: d106 UID STORE 1:3 (UNCHANGEDSINCE 5) -FLAGS (\Deleted)
        S: * 1 FETCH (UID 1 MODSEQ (7) FLAGS (\Recent))
        S: * 2 FETCH (UID 2 MODSEQ (6) FLAGS (\Deleted \Recent))
        S: * 3 FETCH (UID 3 MODSEQ (7) FLAGS (\Recent))
        S: d106 OK [MODIFIED 2] ...
        C: d107 UID STORE 2 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\Flagged)
        S: * 2 FETCH (UID 2 MODSEQ (8))
        S: d107 OK Stored.
    """)


def test_a_keyword_is_a_lock_that_one_gets(three: Stage) -> None:
    """Examples 8 to 10: who finds that another has set it hears so; a keyword that isn't there has
    no mod-sequence, and a system flag always has one."""
    three.run(r"""
        C: a102 STORE 2 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...
        S: * 2 FETCH (UID 2 MODSEQ (5))
        S: a102 OK Stored.
        C: a102 STORE 2 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)
        S: * 2 FETCH (UID 2 MODSEQ (5) FLAGS ($MDNSent \Recent))
        S: a102 OK [MODIFIED 2] ...
        C: a103 STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT (\Seen)
        S: * 1 FETCH (UID 1 MODSEQ (2) FLAGS (\Recent))
        S: a103 OK [MODIFIED 1] ...
        C: a104 STORE 1 (UNCHANGEDSINCE 0) -FLAGS (\Flagged)
        S: * 1 FETCH (UID 1 MODSEQ (2) FLAGS (\Recent))
        S: a104 OK [MODIFIED 1] ...
        C: a105 STORE 1 (UNCHANGEDSINCE 0) FLAGS ($New)
        S: * 1 FETCH (UID 1 MODSEQ (2) FLAGS (\Recent))
        S: a105 OK [MODIFIED 1] ...
        C: a106 STORE 2 (UNCHANGEDSINCE 2) +FLAGS.SILENT ($Processed)
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...
        S: * 2 FETCH (UID 2 MODSEQ (6))
        S: a106 OK Stored.
    """)


def test_a_conditional_store_among_expunged_ones(three: Stage) -> None:
    r"""Example 11: what is gone is passed over; the EXPUNGE follows with the next command that may
    tell it."""
    three.run(r"""
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
        alice2 C: b STORE 2 +FLAGS.SILENT (\Seen)
        alice2 S: b OK ...
        alice2 C: b STORE 3 +FLAGS.SILENT (\Deleted)
        alice2 S: b OK ...
        alice2 C: b EXPUNGE
        alice2 S: * 3 EXPUNGE
        alice2 S: b OK ...
        C: B001 STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS (\Seen)
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * 1 FETCH (UID 1 MODSEQ (8) FLAGS (\Seen \Recent))
        S: * 2 FETCH (UID 2 MODSEQ (5) FLAGS (\Seen \Recent))
        S: * 1 FETCH (UID 1 MODSEQ (8) FLAGS (\Seen \Recent))
        S: * 2 FETCH (UID 2 MODSEQ (5) FLAGS (\Seen \Recent))
        S: * OK [HIGHESTMODSEQ 4] ...
        S: B001 OK [MODIFIED 2] ...
        C: B002 NOOP
        S: * 3 EXPUNGE
        S: B002 OK Done.
        C: b003 STORE 2 (UNCHANGEDSINCE 5) -FLAGS (\Seen)
        S: * 2 FETCH (UID 2 MODSEQ (9) FLAGS (\Recent))
        S: b003 OK Stored.
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


def test_what_is_so_already_keeps_its_mod_sequence(three: Stage) -> None:
    """3.1.11: for STORE, and for FETCH that reads what is seen."""
    three.run(r"""
        C: a STORE 1 +FLAGS.SILENT (\Seen \Flagged)
        S: a OK ...
        C: a STORE 1 +FLAGS.SILENT (\Seen)
        S: a OK ...
        C: a STORE 1 -FLAGS.SILENT (\Answered $x)
        S: a OK ...
        C: a STORE 1 FLAGS.SILENT (\Flagged \Seen)
        S: a OK ...
        C: a FETCH 1 (BODY[]<0.1> MODSEQ)
        S: * OK [HIGHESTMODSEQ 5] ...
        S: * 1 FETCH (BODY[]<0> {1}
        S: S MODSEQ (5))
        S: a OK ...
    """)


def test_a_client_never_believes_that_it_knows_more_than_it_was_told(three: Stage) -> None:
    r"""3.2 and the example in 6: an EXPUNGE that is held back has a lower mod-sequence than what is
    told, and the client must ask from there on when its connection is lost."""
    three.run(r"""
        C: e ENABLE CONDSTORE
        S: * OK [HIGHESTMODSEQ 4] ...
        S: * ENABLED CONDSTORE
        S: e OK ...
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
        alice2 C: b STORE 3 +FLAGS.SILENT (\Deleted)
        alice2 S: b OK ...
        C: a NOOP
        S: * 3 FETCH (UID 3 MODSEQ (5) FLAGS (\Deleted \Recent))
        S: a OK ...
        alice2 C: b EXPUNGE
        alice2 S: * 3 EXPUNGE
        alice2 S: b OK ...
        C: A150 STORE 1:2 (UNCHANGEDSINCE 96) +FLAGS.SILENT \Seen
        S: * 1 FETCH (UID 1 MODSEQ (7))
        S: * 2 FETCH (UID 2 MODSEQ (7))
        S: * 1 FETCH (UID 1 MODSEQ (7) FLAGS (\Seen \Recent))
        S: * 2 FETCH (UID 2 MODSEQ (7) FLAGS (\Seen \Recent))
        S: A150 OK [HIGHESTMODSEQ 5] Stored.
        C: A151 FETCH 1 MODSEQ
        S: * 1 FETCH (MODSEQ (7))
        S: A151 OK [HIGHESTMODSEQ 5] ...
        C: A152 STATUS INBOX (HIGHESTMODSEQ)
        S: * STATUS INBOX (HIGHESTMODSEQ 5)
        S: * 3 EXPUNGE
        S: A152 OK ...
        C: A153 STATUS INBOX (HIGHESTMODSEQ)
        S: * STATUS INBOX (HIGHESTMODSEQ 7)
        S: A153 OK ...
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
