"""FETCH, STORE, SEARCH, EXPUNGE, COPY and MOVE as dialogues."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World

ONE = b"From: erika@example.net\r\nSubject: One\r\n\r\nFirst\r\n"
TWO = b"From: hugo@example.net\r\nSubject: Two\r\n\r\nSecond\r\n"
THREE = b"From: erika@example.net\r\nSubject: Three\r\n\r\nThird\r\n"


@pytest.fixture
def inbox(world: World) -> Iterator[Stage]:
    """alice has three mails in INBOX, selected; the second is seen."""
    made = Stage(world)
    made.run(
        r"""
        C: a APPEND INBOX {#one+}
        C: #one\
        C:  (\Seen) {#two+}
        C: #two\
        C:  {#three+}
        C: #three
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """,
        one=ONE,
        two=TWO,
        three=THREE,
    )
    yield made
    made.close()


@pytest.fixture
def support(world: World) -> Iterator[Stage]:
    """alice and bob each dropped one into Support, which both have selected."""
    made = Stage(world)
    made.run(
        r"""
        C: a APPEND Trackers/Support {#one+}
        C: #one
        S: a OK ...
        bob C: a APPEND Trackers/Support {#two+}
        bob C: #two
        bob S: a OK ...
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: a OK ...
    """,
        one=ONE,
        two=TWO,
    )
    yield made
    made.close()


def test_fetch_marks_seen_and_tells_it(inbox: Stage) -> None:
    r"""Only without PEEK, and only what wasn't \Seen; UID FETCH tells UIDs."""
    inbox.run(r"""
        C: a FETCH 1 BODY.PEEK[TEXT]
        S: * 1 FETCH (BODY[TEXT] {7}
        S: First
        S: )
        S: a OK ...
        C: a FETCH 1:2 BODY[TEXT]<0.3>
        S: * 1 FETCH (BODY[TEXT]<0> {3}
        S: Fir FLAGS (\Seen \Recent))
        S: * 2 FETCH (BODY[TEXT]<0> {3}
        S: Sec)
        S: a OK ...
        C: a UID FETCH 3:9999 (RFC822.SIZE)
        S: * 3 FETCH (UID 3 RFC822.SIZE 50)
        S: a OK ...
        C: a UID FETCH 77 FLAGS
        S: a OK ...
        C: a FETCH 4 FLAGS
        S: a BAD There is no message with such a number.
        C: a FETCH 1 NONSENSE
        S: a BAD ...
        C: a FETCH *:1 FLAGS
        S: * 1 FETCH (FLAGS (\Seen \Recent))
        S: * 2 FETCH (FLAGS (\Seen \Recent))
        S: * 3 FETCH (FLAGS (\Recent))
        S: a OK ...
    """)


def test_store_sets_clears_and_replaces(inbox: Stage) -> None:
    inbox.run(r"""
        C: a STORE 1 +FLAGS (\Flagged Urgent)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft Urgent)
        S: * OK [PERMANENTFLAGS (... Urgent \*)] ...
        S: * 1 FETCH (FLAGS (\Flagged Urgent \Recent))
        S: a OK ...
        C: a UID STORE 1:2 FLAGS (\Answered)
        S: * 1 FETCH (UID 1 FLAGS (\Answered \Recent))
        S: * 2 FETCH (UID 2 FLAGS (\Answered \Recent))
        S: a OK ...
        C: a STORE 1:3 +FLAGS.SILENT (\Seen)
        S: a OK ...
        C: a STORE 2 -FLAGS \Seen
        S: * 2 FETCH (FLAGS (\Answered \Recent))
        S: a OK ...
        C: a STORE 9 +FLAGS (\Seen)
        S: a BAD There is no message with such a number.
        C: a STORE 1 +FLAGS
        S: a BAD ...
        C: a NOOP
        S: a OK ...
    """)


def test_store_shows_what_may_not_be_set(support: Stage) -> None:
    r"""alice may strike out her own mail only; a viewer may set \Seen alone (docs/rules.md 16)."""
    support.run(r"""
        C: a STORE 1:2 +FLAGS.SILENT (\Deleted)
        S: * 2 FETCH (FLAGS (...))
        S: a OK ...
        C: a STORE 2 +FLAGS (\Deleted)
        S: * 2 FETCH (FLAGS (...))
        S: a NO [NOPERM] ...
        carol C: a SELECT Trackers/Support
        carol S: ~
        carol S: a OK ...
        carol C: a STORE 1 +FLAGS (\Flagged)
        carol S: * 1 FETCH (FLAGS (...))
        carol S: a NO [NOPERM] ...
        carol C: a STORE 1 +FLAGS (\Seen \Flagged)
        carol S: * 1 FETCH (FLAGS (\Seen...))
        carol S: a OK ...
        carol C: a EXPUNGE
        carol S: a NO [NOPERM] ...
        carol C: a CLOSE
        carol S: a OK ...
    """)


def test_a_silent_replacement_shows_what_it_could_not_take_away(support: Stage) -> None:
    r"""Else the client takes \Flagged for gone (docs/rules.md 16)."""
    support.run(r"""
        C: a STORE 1 +FLAGS.SILENT (\Flagged)
        S: a OK ...
        carol C: a SELECT Trackers/Support
        carol S: ~
        carol S: a OK ...
        carol C: a STORE 1:2 FLAGS.SILENT (\Seen)
        carol S: * 1 FETCH (FLAGS (\Flagged \Seen \Recent))
        carol S: a OK ...
    """)


def test_search_by_number_and_by_uid(inbox: Stage) -> None:
    inbox.run(
        r"""
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: a EXPUNGE
        S: * 1 EXPUNGE
        S: a OK ...
        C: a SEARCH ALL
        S: * SEARCH 1 2
        S: a OK ...
        C: a UID SEARCH UNSEEN
        S: * SEARCH 3
        S: a OK ...
        C: a SEARCH SUBJECT {#word}
        S: + go on
        C: #word
        S: * SEARCH 2
        S: a OK ...
        C: a SEARCH CHARSET KOI8-R ALL
        S: a NO [BADCHARSET (US-ASCII UTF-8)] ...
        C: a SEARCH FROM nobody
        S: * SEARCH
        S: a OK ...
        C: a SEARCH NONSENSE
        S: a BAD ...
    """,
        word=b"three",
    )


def test_expunge_and_uid_expunge(inbox: Stage) -> None:
    """Each number is right when it is told."""
    inbox.run(r"""
        C: a STORE 1:3 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: a UID EXPUNGE 2,77
        S: * 2 EXPUNGE
        S: a OK ...
        C: a EXPUNGE
        S: * 2 EXPUNGE
        S: * 1 EXPUNGE
        S: a OK ...
        C: a EXPUNGE
        S: a OK ...
        C: a UID EXPUNGE
        S: a BAD ...
    """)


def test_copy_into_a_group_files(inbox: Stage) -> None:
    """COPYUID pairs in ascending order; a refusal changes nothing (docs/rules.md 2)."""
    inbox.run(
        """
        C: a COPY 3,1 Trackers/Support
        S: a OK [COPYUID <validity> 1,3 1:2] ...
        C: a UID COPY 2 Trackers/Archive
        S: a NO [CANNOT] ...
        C: a COPY 1 Nowhere
        S: a NO [TRYCREATE] ...
        C: a COPY 7 Trackers/Support
        S: a BAD There is no message with such a number.
        C: a UID COPY 77 Trackers/Support
        S: a OK ...
        C: a COPY 1
        S: a BAD ...
        C: a STATUS Trackers/Support (MESSAGES)
        S: * STATUS Trackers/Support (MESSAGES 2)
        S: a OK ...
    """
    )


def test_copy_into_the_selected_folder_tells_exists(inbox: Stage) -> None:
    inbox.run("""
        C: a COPY 1 INBOX
        S: * 4 EXISTS
        S: * 4 RECENT
        S: a OK [COPYUID <validity> 1 4] ...
    """)


def test_move_tells_copyuid_then_expunge(inbox: Stage) -> None:
    """RFC 6851: untagged COPYUID first; a refused MOVE leaves everything."""
    inbox.run("""
        C: a MOVE 1:2 Trackers/Support
        S: * OK [COPYUID <validity> 1:2 1:2] ...
        S: * 2 EXPUNGE
        S: * 1 EXPUNGE
        S: a OK ...
        C: a UID MOVE 3 Trackers/Archive
        S: a NO [CANNOT] ...
        C: a UID MOVE 1 Trackers/Support
        S: a OK ...
        C: a MOVE 1 Trash
        S: * OK [COPYUID <trash> 3 1] ...
        S: * 1 EXPUNGE
        S: a OK ...
        C: a MOVE 1 Trash
        S: a BAD There is no message with such a number.
    """)


def test_move_between_groups(support: Stage) -> None:
    """alice may move what she dropped, not what bob did (docs/rules.md 16)."""
    support.run("""
        C: a UID MOVE 1:2 Trackers/Sales
        S: a NO [NOPERM] ...
        C: a UID MOVE 1 Trackers/Sales
        S: * OK [COPYUID <sales> 1 1] ...
        S: * 1 EXPUNGE
        S: a OK ...
        bob C: a NOOP
        bob S: * 1 EXPUNGE
        bob S: a OK ...
    """)


def test_taken_out_and_still_recovered(support: Stage) -> None:
    """A manager expunges anything; the dropper finds it in Recovered Messages."""
    support.run(r"""
        bob C: a STORE 1:* +FLAGS.SILENT (\Deleted)
        bob S: a OK ...
        bob C: a EXPUNGE
        bob S: * 2 EXPUNGE
        bob S: * 1 EXPUNGE
        bob S: a OK ...
        C: a NOOP
        S: * 2 EXPUNGE
        S: * 1 EXPUNGE
        S: a OK ...
        C: a STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: a OK ...
    """)


def test_long_number_sets_are_taken(inbox: Stage) -> None:
    """20 to 40 kB in one line are normal (Thunderbird)."""
    wanted = ",".join(str(uid) for uid in range(1, 16_000, 2))
    assert len(wanted) > 40_000
    inbox.run(f"""
        C: a UID FETCH {wanted} (UID)
        S: * 1 FETCH (UID 1)
        S: * 3 FETCH (UID 3)
        S: a OK ...
    """)
