"""Mails dragged onto activities' folders, between them and away again, as dialogues."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from revising import case, make
from transcript import Stage
from world import World

ONE = b"From: erika@example.net\r\nMessage-ID: <1@x>\r\nSubject: One\r\n\r\nFirst\r\n"
TWO = b"From: hugo@example.net\r\nMessage-ID: <2@x>\r\nSubject: Two\r\n\r\nSecond\r\n"
GADGET = "Activities/Support/#10000001"


@pytest.fixture
def support(world: World) -> Iterator[Stage]:
    """Two incidents in Support, whose messages stand there under UID 1 and 2."""
    case(world, "Gadget does not boot")
    case(world, "Invoice is wrong")
    make(world.db)
    made = Stage(world)
    yield made
    made.close()


def test_a_mail_is_dropped_on_an_activitys_folder(support: Stage) -> None:
    """Without a number in its subject; whoever looks at the folder sees it come."""
    support.run(
        r"""
        alice2 C: a SELECT "Activities/Support/#10000001"
        alice2 S: ~
        alice2 S: * 1 EXISTS
        alice2 S: ~
        alice2 S: a OK [READ-WRITE] ...
        alice2 C: b IDLE
        alice2 S: + idling
        C: a APPEND "Activities/Support/#10000001 Gadget does not boot" (\Seen) {#one+}
        C: #one\
        C:  {#two+}
        C: #two
        S: a OK [APPENDUID <validity> 2:3] Filed 2 messages in Support.
        alice2 S: * 3 EXISTS
        alice2 S: * 3 RECENT
        alice2 C: DONE
        alice2 S: b OK ...
        C: b APPEND Activities/Support/#10000001 {#one+}
        C: #one
        S: b OK [APPENDUID <validity> 2] Filed as #10000003 in Support, linked to #10000001.
        C: c STATUS Trackers/Support (MESSAGES UNSEEN)
        S: * STATUS Trackers/Support (MESSAGES 4 UNSEEN 3)
        S: c OK ...
    """,
        one=ONE,
        two=TWO,
    )


def test_a_mail_is_dragged_from_its_group_to_an_activity_and_away_again(support: Stage) -> None:
    support.run(
        r"""
        C: a APPEND Trackers/Support {#one+}
        C: #one
        S: a OK [APPENDUID <support> 3] Filed as #10000003 in Support.
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: a OK ...
        C: b UID MOVE 3 Activities/Support/#10000001
        S: * OK [COPYUID <gadget> 3 2] Moved.
        S: * 3 EXPUNGE
        S: * 3 EXISTS
        S: * 3 RECENT
        S: b OK ... linked to #10000001...
        bob C: b NOOP
        bob S: * 3 EXPUNGE
        bob S: * 3 EXISTS
        bob S: ~
        bob S: b OK ...
        C: c UID FETCH 3:* (UID)
        S: * 3 FETCH (UID 4)
        S: c OK ...
        C: d SELECT Activities/Support/#10000001
        S: ~
        S: d OK ...
        C: e UID MOVE 2 Activities/Support/#10000002
        S: * OK [COPYUID <invoice> 2 2] Moved.
        S: * 2 EXPUNGE
        S: e OK Filed as #10000003 in Support, linked to #10000002.
        C: f SELECT Activities/Support/#10000002
        S: ~
        S: f OK ...
        C: g UID MOVE 2 "Recovered Messages"
        S: * OK [COPYUID <recovered> 2 1] Moved.
        S: * 2 EXPUNGE
        S: g OK Messages moved.
        bob C: c NOOP
        bob S: * 3 EXPUNGE
        bob S: c OK ...
    """,
        one=ONE,
    )


def test_an_activitys_message_is_dragged_out_deleted_and_dropped_back(support: Stage) -> None:
    """The client sees it go, and come again under another UID."""
    support.run(r"""
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        C: b UID MOVE 1 INBOX
        S: * OK [COPYUID <inbox> 1 1] Moved.
        S: * 1 EXPUNGE
        S: * 2 EXISTS
        S: ~
        S: b OK Messages moved.
        C: c UID STORE 2 +FLAGS.SILENT (\Deleted)
        S: c OK ...
        C: d EXPUNGE
        S: * 1 EXPUNGE
        S: * 2 EXISTS
        S: ~
        S: d OK ...
        C: e UID FETCH 1:* (UID)
        S: * 1 FETCH (UID 3)
        S: * 2 FETCH (UID 4)
        S: e OK ...
        C: f SELECT INBOX
        S: ~
        S: f OK ...
        C: g UID MOVE 1 Trackers/Support
        S: * OK [COPYUID <support> 1 3] Moved.
        S: * 1 EXPUNGE
        S: g OK This is #10000001 itself, which stands in Support.
        C: h SELECT Trackers/Support
        S: ~
        S: h OK ...
        C: i UID MOVE 3 Trackers/Sales
        S: i NO [NOPERM] Not moved: only a manager may take an activity out of ...
        C: j UID MOVE 3 Activities/Support/#10000002
        S: j NO [CANNOT] Not filed: #10000001 is an activity itself, it can't go into activity ...
    """)


def test_what_may_not_be_done_in_an_activitys_folder(world: World, support: Stage) -> None:
    """A viewer does nothing; a contributor takes out what they alone dropped; refused bytes are
    kept."""
    support.run(
        r"""
        bob C: a APPEND Activities/Support/#10000001 {#one+}
        bob C: #one
        bob S: a OK ...
        C: a SELECT Activities/Support/#10000001
        S: ~
        S: a OK ...
        C: b UID STORE 1 +FLAGS (\Deleted)
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: b NO [NOPERM] ...
        C: c UID MOVE 1 INBOX
        S: c NO [NOPERM] Not moved: you may not take this mail out of activity #10000001. ...
        C: d UID COPY 1 INBOX
        S: d OK [COPYUID <inbox> 1 1] ...
        carol C: a APPEND Activities/Support/#10000001 {#two+}
        carol C: #two
        carol S: a NO [NOPERM] Not filed: you may not add mail to group "Support". ... Recovered ...
        carol C: b SELECT Activities/Support/#10000001
        carol S: ~
        carol S: b OK ...
        carol C: c UID MOVE 1 INBOX
        carol S: c NO [NOPERM] ...
        carol C: d EXPUNGE
        carol S: d NO [NOPERM] ...
        bob C: b SELECT Activities/Support/#10000001
        bob S: ~
        bob S: b OK ...
        bob C: c UID STORE 2 +FLAGS.SILENT (\Deleted)
        bob S: c OK ...
        bob C: d CLOSE
        bob S: d OK ...
    """,
        one=ONE,
        two=TWO,
    )
    make(world.db)
    support.tell_news()
    support.run(
        r"""
        C: e NOOP
        S: ~
        S: e OK ...
        C: g SEARCH SUBJECT One
        S: * SEARCH
        S: g OK ...
        C: f STATUS Trackers/Support (MESSAGES)
        S: * STATUS Trackers/Support (MESSAGES 2)
        S: f OK ...
    """
    )


def test_replace_in_an_activitys_folder(support: Stage) -> None:
    """The old mail is taken back, the new one is filed in its place."""
    support.run(
        r"""
        C: a APPEND Activities/Support/#10000001 {#one+}
        C: #one
        S: a OK [APPENDUID <gadget> 2] ...
        C: b SELECT Activities/Support/#10000001
        S: ~
        S: b OK ...
        C: c UID REPLACE 2 Activities/Support/#10000001 {#two+}
        C: #two
        S: * OK [APPENDUID <gadget> 3] ...
        S: * 3 EXISTS
        S: ~
        S: * 2 EXPUNGE
        S: ~
        S: c OK Filed as #10000004 in Support, linked to #10000001.
        C: d STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: d OK ...
        C: e STATUS Trackers/Support (MESSAGES)
        S: * STATUS Trackers/Support (MESSAGES 3)
        S: e OK ...
    """,
        one=ONE,
        two=TWO,
    )
