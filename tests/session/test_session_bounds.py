"""What a client may drive and how far: sizes, silence, errors, pipelining, slow readers."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from transcript import Stage
from world import PASSWORD, World

from imapgate.folders import tree
from imapgate.limits import Limits
from storage.engine import Unavailable

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"


@pytest.fixture
def tight(world: World) -> Iterator[Stage]:
    """Every limit small."""
    limits = Limits(
        line=200,
        literal=20,
        literals=2,
        literal_drain=1000,
        before_login_literal=16,
        bad_commands=3,
        login_delay=0.0,
        login_time=60.0,
        idle_time=1800.0,
        stalled_time=300.0,
    )
    made = Stage(world, limits)
    yield made
    made.close()


def test_literals_beyond_their_limits(tight: Stage) -> None:
    """NO [TOOBIG] for `+`, or after it was dropped; the tag is right, the session lives on."""
    tight.run(
        """
        new S: * OK ...
        new C: a LOGIN {#twenty}
        new S: a NO [TOOBIG] ...
        new C: b LOGIN {#twenty+}
        new C: #twenty\\
        new C:  {#five+}
        new C: #five
        new S: b NO [TOOBIG] ...
        C: a CREATE {#long}
        S: a NO [TOOBIG] ...
        C: b CREATE {#long+}
        C: #long
        S: b NO [TOOBIG] ...
        C: c SEARCH OR SUBJECT {#five+}
        C: #five\\
        C:  OR SUBJECT {#five+}
        C: #five\\
        C:  SUBJECT {#five}
        S: c NO [LIMIT] ...
        C: d NOOP
        S: d OK ...
    """,
        twenty=b"x" * 20,
        five=b"x" * 5,
        long=b"a NOOP\r\n" * 10,
    )


def test_a_literal_beyond_all_bounds_ends_the_session(tight: Stage) -> None:
    """BYE for what can't even be read and dropped; a synchronising one is merely refused."""
    tight.run("""
        C: a CREATE {99999999999999999999999}
        S: a NO [TOOBIG] ...
        C: b CREATE {1001+}
        S: * BYE ...
        S: closed
    """)


def test_a_chain_of_dropped_literals_has_an_end(tight: Stage) -> None:
    tight.run("C: a NOOP\nS: a OK ...")
    client = tight.client("alice")
    client.send(b"b CREATE {900+}\r\n")
    client.send(b"x" * 900 + b"{900+}\r\n" + b"x" * 300)
    tight.run("""
        S: * BYE ...
        S: closed
    """)


def test_a_long_line_is_bad_and_an_endless_one_ends_the_session(tight: Stage) -> None:
    """The tag is known even so."""
    tight.run(f"""
        C: a SEARCH {"OR ALL " * 40}
        S: a BAD ...
        C: b NOOP
        S: b OK ...
        C: c {"x" * 5000}\\
        S: * BYE ...
        S: closed
    """)


def test_long_lines_are_bad_outside_of_commands_too(tight: Stage) -> None:
    tight.run(f"""
        C: a IDLE
        S: + idling
        C: {"x" * 300}
        S: a BAD Expected DONE.
        new S: * OK ...
        new C: a AUTHENTICATE PLAIN
        new S: + ...
        new C: {"x" * 300}
        new S: a BAD ...
        new C: b NOOP
        new S: b OK ...
    """)


def test_bad_commands_in_a_row_end_the_session(tight: Stage) -> None:
    """A good one in between starts the count anew."""
    tight.run("""
        C: a NONSENSE
        S: a BAD ...
        C: b
        S: b BAD ...
        C: c NOOP
        S: c OK ...
        C: d NONSENSE
        S: d BAD ...
        C: (no tag)
        S: * BAD ...
        C: e NONSENSE
        S: e BAD ...
        S: * BYE ...
        S: closed
    """)


def test_stray_line_ends_are_passed_over_up_to_a_bound(tight: Stage) -> None:
    tight.run("C:\nC:\nC: a NOOP\nS: a OK ...")
    tight.client("alice").send(b"\r\n" * 200)
    tight.run("""
        S: * BYE ...
        S: closed
    """)


def test_silence_ends_the_session(tight: Stage) -> None:
    """Sooner before sign-in, where only whole commands count; IDLE counts from its begin."""
    tight.run("""
        new S: * OK ...
        C: a NOOP
        S: a OK ...
        bob C: a NOOP
        bob S: a OK ...
        bob C: a IDLE
        bob S: + idling
        new -- 50
        new C: a CAPA\\
        new -- 11
        new S: * BYE ...
        new S: closed
        C: a NOOP
        S: a OK ...
        bob -- 1740
        bob S: * BYE ...
        bob S: closed
        C: a NOOP
        S: a OK ...
        alice -- 1801
        S: * BYE ...
        S: closed
    """)


def test_an_upload_that_stops_ends_the_session(tight: Stage) -> None:
    """What it holds of the process's literals is given back."""
    tight.run("""
        C: a APPEND INBOX {100}
        S: + go on
        C: half of it\\
        alice -- 301
        S: * BYE ...
        S: closed
    """)
    assert tight.server.budget.left == tight.server.limits.process_literals


def test_pipelined_commands_run_one_at_a_time_in_order(stage: Stage) -> None:
    """What is behind waits, and is not even read, while one runs."""
    stage.run("C: a NOOP\nS: a OK ...")
    client = stage.client("alice")
    stage.hold = True
    client.send(b"a CREATE One\r\nb DELETE One\r\nc NOOP\r\n")
    assert client.wire.producerState == "producing"
    client.send(b"d NOOP\r\n")
    assert client.wire.producerState == "paused"
    assert client.wire.take() == b""
    stage.release(2)  # The command, and the look at who changed people.
    assert client.wire.take().startswith(b"a OK")
    stage.hold = False
    stage.release()
    stage.run("""
        S: b OK ...
        S: c OK ...
        S: d OK ...
    """)
    assert client.wire.producerState == "producing"


SESSION = (
    b"a LOGIN alice@Standard %b\r\n"
    b"b SELECT {5+}\r\nINBOX\r\n"
    b"c APPEND INBOX (\\Seen) {%d}\r\n%b\r\n"
    b"d APPEND INBOX {%d+}\r\n%b {%d+}\r\n%b\r\n"
    b"e UID FETCH 1:* (FLAGS BODY.PEEK[TEXT])\r\n"
    b"f IDLE\r\nDONE\r\n"
    b"g NONSENSE {3+}\r\nxyz\r\n"
    b"h SEARCH SUBJECT {5+}\r\nhello ALL\r\n"
    b"i LOGOUT\r\n"
) % (PASSWORD.encode(), len(MAIL), MAIL, len(MAIL), MAIL, len(MAIL), MAIL)


def test_a_whole_session_fed_one_byte_at_a_time(world: World) -> None:
    """Any cut of the stream gives the same answers."""
    answers = []
    for size in (len(SESSION), 1, 7):
        stage = Stage(world)
        client = stage.connect("new")
        for at in range(0, len(SESSION), size):
            client.send(SESSION[at : at + size])
        answers.append(client.wire.take())
        assert client.closed
        stage.close()
        # The next round begins as this one did.
        again = Stage(world)
        again.run(r"""
            C: a SELECT INBOX
            S: ~
            S: a OK ...
            C: a STORE 1:* +FLAGS.SILENT (\Deleted)
            S: a OK ...
            C: a CLOSE
            S: a OK ...
            C: a RENAME INBOX Old
            S: a OK ...
            C: a DELETE Old
            S: a OK ...
        """)
        again.close()
    tagged = [[line for line in one.split(b"\r\n") if line[1:2] == b" "] for one in answers]
    words = [[b" ".join(line.split()[:2]) for line in one if line[:1] != b"*"] for one in tagged]
    assert words[0] == words[1] == words[2]
    assert words[0] == [
        b"a OK",
        b"b OK",
        b"+ go",
        b"c OK",
        b"d OK",
        b"e OK",
        b"+ idling",
        b"f OK",
        b"g BAD",
        b"h OK",
        b"i OK",
    ]
    assert answers[0].count(b"{6}\r\nText\r\n") == 3


def test_a_slow_reader_holds_at_most_the_buffer(world: World) -> None:
    """A FETCH of 2 MB waits for the client; others go on; when it reads, everything comes."""
    stage = Stage(world)
    body = b"Subject: big\r\n\r\n" + b"0123456789abcdef" * 65536
    stage.run(
        """
        C: a APPEND INBOX {#body+}
        C: #body\\
        C:  {#body+}
        C: #body
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """,
        body=body,
    )
    client = stage.client("alice")
    client.wire.reads = False
    client.wire.most_unread = 0
    client.send(b"b FETCH 1:2 BODY.PEEK[]\r\n")
    assert 0 < client.wire.most_unread <= stage.server.limits.output_buffer
    bob = stage.client("bob")
    bob.send(b"a NOOP\r\n")
    assert bob.wire.take().startswith(b"a OK")
    answer = b""
    while not answer.endswith(b"b OK Fetched.\r\n"):
        piece = client.wire.take()
        assert piece
        assert len(piece) <= stage.server.limits.output_buffer
        answer += piece
    assert answer.count(body) == 2
    stage.close()


def test_a_client_that_never_reads_is_cut_off(world: World) -> None:
    """After stalled_time, with what it held."""
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
    stage.clock.advance(299)
    assert not client.wire.disconnected
    stage.clock.advance(2)
    assert client.wire.disconnected
    stage.close()


def test_a_long_commit_is_told_to_be_alive(stage: Stage) -> None:
    """An untagged line every 20 s (Thunderbird gives up after 100)."""
    stage.run("C: a NOOP\nS: a OK ...")
    stage.hold = True
    stage.run("""
        C: a CREATE Slow
        alice -- 20
        S: * OK Still working.
        alice -- 20
        S: * OK Still working.
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

    monkeypatch.setattr(tree, "list_folders", broken)
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
