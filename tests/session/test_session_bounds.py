"""What a client may drive and how far: sizes, silence, errors, pipelining, slow readers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import PASSWORD, World

from imapgate.limits import Limits

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
    stage.release(3)  # The command, the look who may stay, and the one at news.
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


def test_id_has_at_most_thirty_fields(stage: Stage) -> None:
    """RFC 2971 3.3; before sign-in as well."""
    stage.run(f"""
        new S: * OK ...
        new C: a ID ({"x y " * 30})
        new S: * ID (...
        new S: a OK ...
        new C: b ID ({"x y " * 31})
        new S: b BAD Expected at most 30 ID fields...
    """)
