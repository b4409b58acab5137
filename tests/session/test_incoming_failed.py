"""Incoming/Failed over IMAP: what a client sees of mail that could not be filed, and how it is
dragged out of there. bob is a manager of every group, alice of none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from coming_in import add_account, end, fail, row
from transcript import Stage
from world import World

from imapgate.activities import groups
from imapgate.folders import failed, members
from storage import Tx

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"
OTHER = b"From: erika@example.net\r\nSubject: Other\r\n\r\nText\r\n"
WRAPPER = (
    b"From: erika@example.net\r\nSubject: > @Support E-Mails  #Meetings  Review\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + MAIL + b"\r\n--b--\r\n"
)


@pytest.fixture
def account(world: World) -> int:
    return add_account(world, creator="Support E-Mails")


@pytest.fixture
def both(world: World, account: int) -> Iterator[Stage]:
    """bob and the administrator look at two messages."""
    fail(world, MAIL, account, failed.NO_NUMBER)
    fail(world, OTHER, account, failed.NO_RIGHT)
    made = Stage(world)
    made.run(
        r"""
        bob C: a SELECT Incoming/Failed
        bob S: * FLAGS (... $NoNumber $NoRight)
        bob S: * OK [PERMANENTFLAGS (... $NoNumber $NoRight \*)] ...
        bob S: * 2 EXISTS
        bob S: ~
        bob S: a OK [READ-WRITE] ...
        admin C: a SELECT incoming/failed
        admin S: ~
        admin S: a OK [READ-WRITE] ...
        admin C: b IDLE
        admin S: + idling
    """
    )
    yield made
    made.close()


def test_it_is_listed_with_its_heading_subscribed(stage: Stage, account: int) -> None:
    """Neither is \\Noselect; who may decide nothing sees neither."""
    stage.run(
        r"""
        bob C: a LIST "" "Incoming*"
        bob S: * LIST (\HasChildren) "/" Incoming
        bob S: * LIST (\HasNoChildren) "/" Incoming/Failed
        bob S: a OK ...
        bob C: b LSUB "" "Incoming*"
        bob S: * LSUB (\HasChildren) "/" Incoming
        bob S: * LSUB (\HasNoChildren) "/" Incoming/Failed
        bob S: b OK ...
        bob C: c MYRIGHTS Incoming/Failed
        bob S: * MYRIGHTS Incoming/Failed lrswted
        bob S: c OK ...
        C: a LIST "" "Incoming*"
        S: a OK ...
        C: b SELECT Incoming/Failed
        S: b NO [NONEXISTENT] ...
        C: c STATUS Incoming/Failed (MESSAGES)
        S: c NO [NONEXISTENT] ...
    """
    )


def test_each_message_tells_its_reason(both: Stage) -> None:
    both.run(r"""
        bob C: b FETCH 1:2 FLAGS
        bob S: * 1 FETCH (FLAGS ($NoNumber \Recent))
        bob S: * 2 FETCH (FLAGS ($NoRight \Recent))
        bob S: b OK ...
        bob C: c SEARCH KEYWORD $NoRight
        bob S: * SEARCH 2
        bob S: c OK ...
    """)


def test_thunderbird_drags_several_onto_a_group(both: Stage, world: World) -> None:
    """UID MOVE: they are filed, and everybody hears EXPUNGE."""
    both.run("""
        bob C: b UID MOVE 1:2 Trackers/Support
        bob S: * OK [COPYUID ... 1:2 1:2] ...
        bob S: * 2 EXPUNGE
        bob S: * 1 EXPUNGE
        bob S: b OK ...
        admin S: * 2 EXPUNGE
        admin S: * 1 EXPUNGE
        C: a STATUS Trackers/Support (MESSAGES)
        S: * STATUS Trackers/Support (MESSAGES 2)
        S: a OK ...
    """)
    assert [row(world, one).state for one in (1, 2)] == ["filed", "filed"]


def test_outlook_copies_and_then_deletes(both: Stage) -> None:
    """What was filed by COPY is gone already when it is to be deleted, as if by another session."""
    both.run(r"""
        bob C: b UID COPY 1 Trackers/Support
        bob S: ~
        bob S: b OK [COPYUID ... 1 1] ...
        bob C: c UID STORE 1 +FLAGS (\Seen \Deleted)
        bob S: ~
        bob S: c OK ...
        bob C: d EXPUNGE
        bob S: ~
        bob S: d OK ...
        bob C: e UID SEARCH ALL
        bob S: * SEARCH 2
        bob S: e OK ...
        admin S: * 1 EXPUNGE
    """)


def test_a_wrapper_is_dragged_like_any_other(both: Stage, world: World, account: int) -> None:
    last = fail(world, WRAPPER, account)
    both.tell_news()
    both.run("""
        admin S: ~
        admin S: * 3 EXISTS
        admin S: ~
        bob C: b NOOP
        bob S: ~
        bob S: b OK ...
        bob C: b MOVE 3 Trackers/Support
        bob S: * OK [COPYUID ...] ...
        bob S: * 3 EXPUNGE
        bob S: b OK ...
        admin S: * 3 EXPUNGE
    """)
    assert row(world, last).state == "filed"


def test_what_can_t_be_filed_there_stays(both: Stage, world: World) -> None:
    """Of several none; and nothing is kept in Recovered Messages though they are deleted."""
    both.run(r"""
        bob C: b MOVE 1:2 Trackers/Archive
        bob S: b NO [CANNOT] Not filed: ... Your mail stays where it was.
        bob C: c STORE 1:2 +FLAGS.SILENT (\Deleted)
        bob S: c OK ...
        bob C: d EXPUNGE
        bob S: * 2 EXPUNGE
        bob S: * 1 EXPUNGE
        bob S: d OK ...
        bob C: e STATUS "Recovered Messages" (MESSAGES)
        bob S: * STATUS "Recovered Messages" (MESSAGES 0)
        bob S: e OK ...
        admin C: DONE
        admin S: b OK ...
        admin C: c SEARCH ALL
        admin S: * SEARCH 1 2
        admin S: c OK ...
    """)
    assert [row(world, one).state for one in (1, 2)] == ["failed", "failed"]


def test_a_new_one_is_told_and_one_that_was_filed_meanwhile_leaves(
    both: Stage, world: World, account: int
) -> None:
    fail(world, MAIL.replace(b"Hello", b"Third"), account)
    end(world, 1, "filed")
    both.tell_news()
    both.run("""
        admin S: ~
        admin S: * 1 EXPUNGE
        admin S: * 2 EXISTS
        admin S: ~
        bob C: b NOOP
        bob S: ~
        bob S: * 1 EXPUNGE
        bob S: * 2 EXISTS
        bob S: ~
        bob S: b OK ...
    """)


def test_notify_tells_of_it(world: World, stage: Stage, account: int) -> None:
    """As of any personal folder (RFC 5465)."""
    stage.run("""
        bob C: a NOTIFY SET (PERSONAL (MessageNew MessageExpunge))
        bob S: ~
        bob S: a OK ...
    """)
    fail(world, MAIL, account)
    stage.tell_news()
    stage.run("""
        bob S: * STATUS Incoming/Failed (UIDNEXT 2 MESSAGES 1)
    """)


def test_who_decides_nothing_any_more_is_told_goodbye(both: Stage, world: World) -> None:
    """A manager of nothing has no such folder; of another group, an empty one."""

    def demote(names: list[str]) -> None:
        def work(tx: Tx) -> None:
            for name in names:
                group = groups.find_group(tx, world.segment_id, name)
                members.set_role(tx, group, "bob@Standard", members.Role.CONTRIBUTOR)

        world.db.write(work)
        both.tell_news()

    demote(["Support"])
    both.run("""
        bob C: b NOOP
        bob S: * 2 EXPUNGE
        bob S: * 1 EXPUNGE
        bob S: b OK ...
    """)
    demote(list(world.groups))
    both.run("""
        bob S: * BYE ...
        bob S: closed
        admin C: DONE
        admin S: b OK ...
    """)


def test_nothing_can_be_put_there(both: Stage) -> None:
    both.run(
        """
        bob C: b APPEND Incoming/Failed {#mail+}
        bob C: #mail
        bob S: b NO [CANNOT] Not filed: Incoming/Failed is filled by the server only. ...
        bob C: c COPY 1 Incoming
        bob S: c NO [CANNOT] Not filed: "Incoming" is a heading that takes no mail. ...
        bob C: d COPY 1 Incoming/Failed
        bob S: d NO [CANNOT] ...
        bob C: e SETACL Incoming/Failed alice@Standard lrs
        bob S: e NO [CANNOT] ...
        bob C: f CREATE Incoming/Mine
        bob S: f NO [CANNOT] ...
        bob C: g GETQUOTAROOT Incoming/Failed
        bob S: * QUOTAROOT Incoming/Failed
        bob S: g OK ...
    """,
        mail=MAIL,
    )
