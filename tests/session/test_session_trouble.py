"""What goes wrong on our side or on the way: database, errors, lost connections, stopping."""

from __future__ import annotations

import logging

import pytest
from transcript import Stage
from world import World

from imapgate.folders import choosing
from storage.engine import Unavailable

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"


def test_a_long_commit_is_told_to_be_alive(stage: Stage) -> None:
    """An untagged line every 20 s (Thunderbird gives up after 100), with the code of RFC 9585."""
    stage.run("C: a NOOP\nS: a OK ...")
    stage.hold = True
    stage.run("""
        C: a CREATE Slow
        alice -- 20
        S: * OK [INPROGRESS ("a" NIL NIL)] Still working.
        alice -- 20
        S: * OK [INPROGRESS ("a" NIL NIL)] Still working.
    """)
    stage.hold = False
    stage.release()
    stage.run("S: a OK ...")


def test_a_database_that_is_away_is_no_reason_to_hang_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO [UNAVAILABLE], at sign-in too, before an upload too; never a shortened LIST (rule 17)."""
    stage.run("""
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        new S: * OK ...
    """)

    def away(_work: object) -> object:
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(stage.world.db, "read", away)
        patched.setattr(stage.world.db, "write", away)
        stage.run(
            """
            C: a LIST "" *
            S: a NO [UNAVAILABLE] ...
            C: a APPEND INBOX {#mail}
            S: a NO [UNAVAILABLE] ...
            C: a CREATE x
            S: a NO [UNAVAILABLE] ...
            C: a NOOP
            S: a OK ...
            C: a IDLE
            S: + idling
            C: DONE
            S: a OK ...
            new C: a LOGIN alice@Standard demo
            new S: a NO [UNAVAILABLE] ...
        """,
            mail=MAIL,
        )
    stage.run("""
        C: a LIST "" INBOX
        S: * LIST (\\HasNoChildren) "/" INBOX
        S: a OK ...
        new C: a LOGIN alice@Standard demo
        new S: a OK ...
    """)


def test_an_error_of_ours_is_told_by_a_number_and_logged_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """NO [SERVERBUG]; one traceback per cause, however often a client causes it."""

    def broken(*_: object) -> object:
        raise KeyError("of ours")

    monkeypatch.setattr(choosing, "list_folders", broken)
    with caplog.at_level(logging.ERROR):
        stage.run("""
            C: a LIST "" *
            S: a NO [SERVERBUG] ...
            C: a LIST "" *
            S: a NO [SERVERBUG] ...
            C: a NOOP
            S: a OK ...
        """)
    assert len(caplog.records) == 2
    assert sum(1 for record in caplog.records if record.exc_info) == 1


def test_a_read_that_fails_within_a_body_ends_the_connection(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client can't be told within a literal; between two responses it can."""
    stage = Stage(world)
    stage.run(
        """
        C: a APPEND INBOX {#body+}
        C: #body
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """,
        body=b"x" * 400_000,
    )
    client = stage.client("alice")
    client.wire.reads = False
    client.send(b"b FETCH 1 BODY.PEEK[]\r\n")

    def away(_work: object) -> object:
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(world.db, "read", away)
        while client.wire.unread:
            answer = client.wire.take()
    assert client.wire.disconnected
    assert b"b NO" not in answer
    stage.close()


def test_a_lost_connection_lets_the_drop_finish(stage: Stage, world: World) -> None:
    """What has begun is filed; the session's places are given back."""
    stage.run("C: a NOOP\nS: a OK ...")
    client = stage.client("alice")
    client.send(b"a APPEND INBOX {%d}\r\n" % len(MAIL))
    assert client.wire.take() == b"+ go on\r\n"
    stage.hold = True
    client.send(MAIL + b"\r\n")
    client.lose()
    stage.hold = False
    stage.release()
    stage.run("""
        alice2 C: a STATUS INBOX (MESSAGES)
        alice2 S: * STATUS INBOX (MESSAGES 1)
        alice2 S: a OK ...
    """)


def test_a_connection_lost_before_the_upload_is_allowed_leaves_nothing_behind(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.run("C: a NOOP\nS: a OK ...")
    client = stage.client("alice")
    stage.hold = True
    client.send(b"a APPEND INBOX {1000}\r\n")
    client.lose()
    stage.hold = False
    stage.release()
    assert stage.server.budget.left == stage.server.limits.process_literals
    assert not caplog.records


def test_a_connection_lost_during_sign_in_leaves_nothing_behind(stage: Stage) -> None:
    client = stage.connect("new")
    stage.hold = True
    client.send(b"a LOGIN alice@Standard demo\r\n")
    client.lose()
    stage.hold = False
    stage.release()
    assert stage.server.sessions.count == 0
    assert stage.server.sessions.sign_in(stage.world.alice.id)
    stage.server.sessions.sign_out(stage.world.alice.id)


def test_stopping_ends_each_session_after_its_command(stage: Stage) -> None:
    """BYE; the Deferred fires when the last one is gone, and nobody new comes in."""
    stage.run("""
        C: a IDLE
        S: + idling
        bob C: b NOOP
        bob S: b OK ...
    """)
    bob = stage.client("bob")
    stage.hold = True
    bob.send(b"b CREATE Late\r\n")
    closed = stage.factory.close()
    assert stage.factory.buildProtocol(None) is None
    stage.run("""
        S: * BYE ...
        S: closed
    """)
    stage.client("alice").lose()
    assert not closed.called
    stage.hold = False
    stage.release()
    stage.run("""
        bob S: b OK ...
        bob S: * BYE ...
        bob S: closed
    """)
    bob.lose()
    assert closed.called


def test_stopping_cuts_off_who_takes_too_long(stage: Stage) -> None:
    stage.run("C: a NOOP\nS: a OK ...")
    client = stage.client("alice")
    stage.hold = True
    client.send(b"b CREATE Late\r\n")
    closed = stage.factory.close()
    stage.clock.advance(11)
    assert client.wire.disconnected
    client.lose()
    assert not closed.called  # The command still runs.
    stage.release()
    assert closed.called
