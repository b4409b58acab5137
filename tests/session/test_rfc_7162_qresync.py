"""QRESYNC (RFC 7162 3.2): what a client that was away is told, and VANISHED in place of EXPUNGE."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World

from imapgate.activities.groups import find_group
from imapgate.folders import annotating
from imapgate.folders.listing import find
from imapgate.folders.status import status
from imapgate.limits import Limits
from imapgate.session import telling
from storage import Tx

MAIL = b"Subject: x\r\n\r\ny\r\n"
AWAY = r"""
    alice2 C: b STORE 2,4 +FLAGS.SILENT (\Deleted)
    alice2 S: b OK ...
    alice2 C: b EXPUNGE
    alice2 S: * 4 EXPUNGE
    alice2 S: * 2 EXPUNGE
    alice2 S: b OK ...
    alice2 C: b STORE 2 +FLAGS.SILENT (\Flagged)
    alice2 S: b OK ...
"""
"""Of UIDs 1 to 5 with mod-sequences 2 to 6, 2 and 4 leave with 8, and 3 is changed with 9."""


@pytest.fixture
def five(world: World) -> Iterator[Stage]:
    """alice and alice2 have INBOX selected with five mails; alice has enabled QRESYNC."""
    made = Stage(world)
    made.run(
        "C: a ENABLE QRESYNC\nS: * ENABLED QRESYNC\nS: a OK ...\n"
        + "C: a APPEND INBOX {#mail+}\nC: #mail\nS: a OK ...\n" * 5,
        mail=MAIL,
    )
    made.run("""
        C: a SELECT INBOX
        S: ~
        S: * OK [UIDVALIDITY ...
        S: ~
        S: * OK [HIGHESTMODSEQ 6] ...
        S: ~
        S: a OK ...
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
    """)
    yield made
    made.close()


def validity(stage: Stage) -> int:
    view = stage.client("alice2").protocol._session.selected
    assert view is not None
    return view.folder.uidvalidity


def test_enable_in_either_order_is_the_same(stage: Stage) -> None:
    """3.2.3; a later ENABLE tells what is new alone."""
    stage.run("""
        C: a ENABLE QRESYNC CONDSTORE
        S: * ENABLED QRESYNC CONDSTORE
        S: a OK ...
        C: a ENABLE CONDSTORE QRESYNC
        S: * ENABLED
        S: a OK ...
        bob C: a ENABLE CONDSTORE qresync QRESYNC
        bob S: * ENABLED CONDSTORE QRESYNC
        bob S: a OK ...
    """)


def test_without_enable_it_is_bad_and_the_folder_stays(five: Stage) -> None:
    """3.2.3, 3.2.5, 3.2.6."""
    five.run("""
        alice2 C: b SELECT Sent (QRESYNC (1 1))
        alice2 S: b BAD Enable QRESYNC first.
        alice2 C: b EXAMINE Sent (CONDSTORE QRESYNC (1 1 1:5))
        alice2 S: b BAD ...
        alice2 C: b UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
        alice2 S: b BAD Enable QRESYNC first.
        alice2 C: b FETCH 5 UID
        alice2 S: * 5 FETCH (UID 5)
        alice2 S: b OK ...
    """)


def test_a_client_that_was_away_is_told_in_one_answer(five: Stage) -> None:
    """3.2.5.1: after all that SELECT tells come the UIDs that left, and then what changed, with UID
    and MODSEQ, arrivals too; EXAMINE as well."""
    five.run("C: a UNSELECT\nS: a OK ..." + AWAY)
    known = validity(five)
    five.run(
        rf"""
        alice2 C: b APPEND INBOX {{#mail+}}
        alice2 C: #mail
        alice2 S: ~
        alice2 S: b OK ...
        C: A03 SELECT INBOX (QRESYNC ({known} 6))
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...
        S: * 4 EXISTS
        S: ~
        S: * OK [HIGHESTMODSEQ 10] ...
        S: ~
        S: * VANISHED (EARLIER) 2,4
        S: * 2 FETCH (UID 3 MODSEQ (9) FLAGS (\Flagged))
        S: * 4 FETCH (UID 6 MODSEQ (10) FLAGS (\Recent))
        S: A03 OK [READ-WRITE] ...
        C: A04 EXAMINE INBOX (QRESYNC ({known} 8 1:3))
        S: * OK [CLOSED] ...
        S: ~
        S: * OK [HIGHESTMODSEQ 10] ...
        S: ~
        S: * 2 FETCH (UID 3 MODSEQ (9) FLAGS (\Flagged))
        S: A04 OK [READ-ONLY] ...
        C: A05 SELECT INBOX (QRESYNC ({known} 6 3:4,7:9) CONDSTORE)
        S: * OK [CLOSED] ...
        S: ~
        S: * VANISHED (EARLIER) 4
        S: * 2 FETCH (UID 3 MODSEQ (9) FLAGS (\Flagged))
        S: A05 OK [READ-WRITE] ...
        C: A06 SELECT INBOX (QRESYNC ({known} 10))
        S: * OK [CLOSED] ...
        S: ~
        S: * OK [HIGHESTMODSEQ 10] ...
        S: * OK [MAILBOXID ...
        S: A06 OK [READ-WRITE] ...
    """,
        mail=MAIL,
    )


def test_another_uidvalidity_is_answered_as_if_nothing_had_changed(five: Stage) -> None:
    """3.2.5: the client sees it by the UIDVALIDITY that it is told."""
    five.run(AWAY)
    five.run("""
        C: A02 SELECT INBOX (QRESYNC (67890007 1 41,43:211,214:541))
        S: * OK [CLOSED] ...
        S: ~
        S: * OK [HIGHESTMODSEQ 9] ...
        S: * OK [MAILBOXID ...
        S: A02 OK [READ-WRITE] ...
    """)


def test_matching_numbers_spare_the_client_what_it_knows(five: Stage) -> None:
    """3.2.5.2: up to the highest number under which the same UID still stands nothing is told as
    vanished, whatever mod-sequence the client names; with known UIDs or without."""
    five.run("C: a UNSELECT\nS: a OK ..." + AWAY)
    known = validity(five)
    five.run(rf"""
        C: A04 SELECT INBOX (QRESYNC ({known} 1 1:5 (1,2 1,3)))
        S: ~
        S: * VANISHED (EARLIER) 4
        S: * 1 FETCH (UID 1 MODSEQ (2) ...
        S: ~
        S: A04 OK ...
        C: A05 SELECT INBOX (QRESYNC ({known} 6 (1:3 1,3,5)))
        S: ~
        S: * OK [MAILBOXID ...
        S: * 2 FETCH (UID 3 ...
        S: A05 OK ...
        C: A06 SELECT INBOX (QRESYNC ({known} 6 1:9 (1,2,900 1,2,4000000000)))
        S: ~
        S: * VANISHED (EARLIER) 2,4
        S: * 2 FETCH (UID 3 ...
        S: A06 OK ...
    """)


def test_uid_fetch_with_vanished(five: Stage) -> None:
    """3.2.6 and 3.2.10.1: what left since, of the UIDs named, before the FETCHes; `*` reaches what
    left at the end. What this session is still to be told as VANISHED is not told as EARLIER."""
    five.run(r"""
        alice2 C: b STORE 5 +FLAGS.SILENT (\Deleted)
        alice2 S: b OK ...
        alice2 C: b EXPUNGE
        alice2 S: * 5 EXPUNGE
        alice2 S: b OK ...
        C: s NOOP
        S: * VANISHED 5
        S: s OK [HIGHESTMODSEQ 8] ...
    """)
    five.run(AWAY)
    five.run(r"""
        C: s100 UID FETCH 1,3,5 (FLAGS) (CHANGEDSINCE 6 VANISHED)
        S: * VANISHED (EARLIER) 5
        S: * 3 FETCH (UID 3 FLAGS (\Flagged \Recent) MODSEQ (11))
        S: * 3 FETCH (UID 3 MODSEQ (11) FLAGS (\Flagged \Recent))
        S: * VANISHED 2,4
        S: s100 OK [HIGHESTMODSEQ 11] ...
        C: s101 UID FETCH 2:4 (FLAGS) (VANISHED CHANGEDSINCE 6)
        S: * VANISHED (EARLIER) 2,4
        S: * 2 FETCH (UID 3 FLAGS (\Flagged \Recent) MODSEQ (11))
        S: s101 OK ...
        C: s101 UID FETCH 4:* (FLAGS) (VANISHED CHANGEDSINCE 6)
        S: * VANISHED (EARLIER) 4:5
        S: * 2 FETCH (UID 3 FLAGS (\Flagged \Recent) MODSEQ (11))
        S: s101 OK ...
        C: s102 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 1 VANISHED)
        S: s102 OK ...
        C: s103 UID FETCH 1:5 (FLAGS) (CHANGEDSINCE 11 VANISHED)
        S: s103 OK ...
    """)


def test_vanished_in_place_of_expunge_everywhere(five: Stage) -> None:
    """3.2.7, 3.2.9 and 3.2.10.2: EXPUNGE, UID EXPUNGE and MOVE carry HIGHESTMODSEQ, so do others'
    removals; EXISTS isn't told."""
    five.run(
        r"""
        C: a STORE 1,3 +FLAGS.SILENT (\Deleted)
        S: * 1 FETCH (UID 1 MODSEQ (7))
        S: * 3 FETCH (UID 3 MODSEQ (7))
        S: a OK ...
        C: B202 UID EXPUNGE 3:9
        S: * VANISHED 3
        S: B202 OK [HIGHESTMODSEQ 8] ...
        C: B203 EXPUNGE
        S: * VANISHED 1
        S: B203 OK [HIGHESTMODSEQ 9] ...
        C: B204 EXPUNGE
        S: B204 OK Expunged.
        C: B205 UID MOVE 2 Sent
        S: * OK [COPYUID <v> 2 1] ...
        S: * VANISHED 2
        S: B205 OK [HIGHESTMODSEQ 10] ...
        alice2 C: b MOVE 4 Sent
        alice2 S: ~
        alice2 S: b OK ...
        C: B206 NOOP
        S: * VANISHED 4
        S: B206 OK [HIGHESTMODSEQ 11] ...
        C: i IDLE
        S: + idling
        alice2 C: b STORE 1 +FLAGS.SILENT (\Deleted)
        alice2 S: b OK ...
        S: * 1 FETCH (UID 5 MODSEQ (12) FLAGS (\Deleted \Recent))
        alice2 C: b CLOSE
        alice2 S: b OK Closed.
        S: * VANISHED 5
        S: * OK [HIGHESTMODSEQ 13] ...
        C: DONE
        S: i OK ...
    """
    )


def test_close_tells_no_mod_sequence(five: Stage) -> None:
    """3.2.8: the client might take others' changes for known by it."""
    five.run(r"""
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: * 1 FETCH (UID 1 MODSEQ (7))
        S: a OK ...
        C: A202 CLOSE
        S: A202 OK Closed.
    """)


def test_vanished_is_held_back_as_expunge_is(five: Stage) -> None:
    """3.2.10.2 and the example in 6: not with FETCH, STORE and SEARCH, nor with a UID SEARCH that
    names numbers; until then each answer says how far the client may believe itself to be."""
    five.run(AWAY)
    five.run(r"""
        C: A1 SEARCH ALL
        S: * SEARCH 1 2 3 4 5
        S: * 3 FETCH (UID 3 MODSEQ (9) FLAGS (\Flagged \Recent))
        S: A1 OK [HIGHESTMODSEQ 6] ...
        C: A2 UID SEARCH OR NOT 1:5 UID 1
        S: * SEARCH 1
        S: A2 OK [HIGHESTMODSEQ 6] ...
        C: A3 STORE 3 +FLAGS.SILENT (\Seen)
        S: * 3 FETCH (UID 3 MODSEQ (10))
        S: A3 OK [HIGHESTMODSEQ 6] ...
        C: A4 UID SEARCH UID 1:3
        S: * SEARCH 1 2 3
        S: * VANISHED 2,4
        S: A4 OK [HIGHESTMODSEQ 10] ...
    """)


def test_a_conditional_store_with_an_expunge_held_back(five: Stage) -> None:
    """The example in 6: MODIFIED takes the tagged answer's place for a code, so the mod-sequence
    comes untagged."""
    five.run(AWAY)
    five.run(r"""
        C: A150 STORE 1,3 (UNCHANGEDSINCE 6) +FLAGS.SILENT (\Flagged)
        S: * 1 FETCH (UID 1 MODSEQ (10))
        S: * 3 FETCH (UID 3 MODSEQ (9) FLAGS (\Flagged \Recent))
        S: * 1 FETCH (UID 1 MODSEQ (10) FLAGS (\Flagged \Recent))
        S: * 3 FETCH (UID 3 MODSEQ (9) FLAGS (\Flagged \Recent))
        S: * OK [HIGHESTMODSEQ 6] ...
        S: A150 OK [MODIFIED 3] ...
        C: A152 NOOP
        S: * VANISHED 2,4
        S: A152 OK [HIGHESTMODSEQ 10] ...
    """)


@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT Sent (QRESYNC)",
        "SELECT Sent (QRESYNC ())",
        "SELECT Sent (QRESYNC (1))",
        "SELECT Sent (QRESYNC (0 1))",
        "SELECT Sent (QRESYNC (1 0))",
        "SELECT Sent (QRESYNC (1 9223372036854775808))",
        "SELECT Sent (QRESYNC (1 1 1:*))",
        "SELECT Sent (QRESYNC (1 1 $))",
        "SELECT Sent (QRESYNC (1 1 1:5 (1)))",
        "SELECT Sent (QRESYNC (1 1 1:5 (1:2 1)))",
        "SELECT Sent (QRESYNC (1 1 1:5 (2,1 3,4)))",
        "SELECT Sent (QRESYNC (1 1 1:5 (1,2 4,3)))",
        "SELECT Sent (QRESYNC (1 1 1:5 (2:1 3:4)))",
        "SELECT Sent (QRESYNC (1 1 1:5 (1 *)))",
        "SELECT Sent (QRESYNC (1 1) QRESYNC (1 1))",
        "SELECT Sent (QRESYNC (1 1 1:5 (1 1) x))",
        "FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)",
        "UID FETCH 1 FLAGS (VANISHED)",
        "UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED VANISHED)",
    ],
)
def test_bad_input_leaves_the_folder_selected(five: Stage, wrong: str) -> None:
    five.run(f"""
        C: a {wrong}
        S: a BAD ...
        C: a FETCH 5 UID
        S: * 5 FETCH (UID 5)
        S: a OK ...
    """)


def test_a_large_gap_is_told_in_several_lines() -> None:
    """A line holds a thousand ranges; of 2,400 mails every second has gone."""
    told = list(telling.vanished([(uid, uid) for uid in range(1, 2400, 2)], earlier=True))
    assert [line.count(b",") for line in told] == [999, 199]
    assert all(line.startswith(b"* VANISHED (EARLIER) ") for line in told)
    assert told[1].split()[-1].split(b",")[0] == b"2001"


def test_a_note_about_the_folder_raises_its_mod_sequence(five: Stage) -> None:
    """3.2: SETMETADATA that changes something; no mail has changed by it."""
    five.run("""
        C: a SETMETADATA INBOX (/private/comment "Mine")
        S: a OK ...
        C: a STATUS INBOX (HIGHESTMODSEQ)
        S: * STATUS INBOX (HIGHESTMODSEQ 7)
        S: a OK ...
        C: a SETMETADATA INBOX (/private/comment "Mine")
        S: a OK ...
        C: a STATUS INBOX (HIGHESTMODSEQ)
        S: * STATUS INBOX (HIGHESTMODSEQ 7)
        S: a OK ...
        C: a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 6 VANISHED)
        S: a OK ...
    """)


def test_so_does_a_group_s_description_from_the_command_line(stage: Stage) -> None:
    """3.2: the same note, whoever sets it; the same words once more change nothing."""

    def describe(tx: Tx) -> None:
        group = find_group(tx, stage.world.segment_id, "Support", None)
        annotating.describe(tx, group.id, "Customers ask here", Limits())

    def modseq(tx: Tx) -> int:
        folder = find(tx, stage.world.alice, "Trackers/Support")
        assert folder is not None
        return status(tx, stage.world.alice, folder).modseq

    before = stage.world.db.read(modseq)
    stage.world.db.write(describe)
    assert stage.world.db.read(modseq) == before + 1
    stage.world.db.write(describe)
    assert stage.world.db.read(modseq) == before + 1
