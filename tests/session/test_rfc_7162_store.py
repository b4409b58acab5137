r"""STORE with CONDSTORE (RFC 7162 3.1.3): its examples as dialogues (numbers: see modseqs)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from modseqs import begun
from transcript import Stage
from world import World


@pytest.fixture
def three(world: World) -> Iterator[Stage]:
    made = begun(world)
    yield made
    made.close()


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


def test_of_two_at_the_same_moment_one_gets_the_lock(three: Stage) -> None:
    """Both have read the mail before either's commit: whether it was changed is looked at in the
    writer's transaction."""
    three.run("""
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
    """)
    command = b"STORE 2 (UNCHANGEDSINCE 3) +FLAGS.SILENT ($Taken)\r\n"
    three.hold = True
    for name in ("alice", "alice2"):
        three.client(name).send(b"a " + command)
    assert three.held == 2
    three.hold = False
    three.release()
    three.run(r"""
        S: * OK [HIGHESTMODSEQ ...
        S: ~
        S: * 2 FETCH (UID 2 MODSEQ (5))
        S: a OK Stored.
        alice2 S: * OK [HIGHESTMODSEQ ...
        alice2 S: ~
        alice2 S: * 2 FETCH (UID 2 MODSEQ (5) FLAGS ($Taken))
        alice2 S: ~
        alice2 S: a OK [MODIFIED 2] ...
    """)
