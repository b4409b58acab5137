"""A message that is erased while sessions look at it: told as EXPUNGE, and never a crash."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk import wrapper
from transcript import Stage
from world import World

from imapgate.folders import erasing
from imapgate.limits import Limits

LARGE = b"From: a@example.org\r\nSubject: large\r\n\r\n" + b"x" * 3_000_000
SMALL = b"From: a@example.org\r\nSubject: small\r\n\r\nshort\r\n"


def erase(world: World, number: int) -> None:
    plan = erasing.plan(world.db, world.segment_id, [number], Limits())
    erasing.erase(world.db, world.segment_id, plan, "private", world.admin)


@pytest.fixture
def shared(world: World) -> Iterator[Stage]:
    """#10000001 is large, #10000002 small; alice and bob have Support selected."""
    made = Stage(world)
    made.run(
        """
        C: a APPEND Trackers/Support {#large+}
        C: #large
        S: a OK ...
        C: a APPEND Trackers/Support {#small+}
        C: #small
        S: a OK ...
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        bob C: b SELECT Trackers/Support
        bob S: ~
        bob S: b OK ...
    """,
        large=LARGE,
        small=SMALL,
    )
    yield made
    made.close()


def test_every_session_is_told_and_fetches_nothing_until_then(shared: Stage, world: World) -> None:
    """NIL where nothing is known any more (RFC 2180 4.1.3), then EXPUNGE, also in IDLE."""
    shared.run(
        """
        bob C: b IDLE
        bob S: + ...
    """
    )
    erase(world, 10000002)
    shared.tell_news()
    shared.run(
        """
        bob S: * 2 EXPUNGE
        bob C: DONE
        bob S: b OK ...
        C: a FETCH 2 (RFC822.SIZE BODY.PEEK[])
        S: * 2 FETCH (RFC822.SIZE 0 BODY[] NIL)
        S: a OK ...
        C: a COPY 2 INBOX
        S: * 2 EXPUNGE
        S: a NO [EXPUNGEISSUED] ...
        C: a STATUS INBOX (MESSAGES)
        S: * STATUS ... (MESSAGES 0)
        S: a OK ...
    """
    )


def test_in_the_middle_of_a_body_the_connection_is_cut(
    shared: Stage, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing but the literal's octets may stand there. Others are served on; nothing is reported
    as an error of ours."""
    client = shared.client("alice")
    client.wire.reads = False
    client.send(b"a FETCH 1:2 BODY.PEEK[]\r\n")
    assert 0 < len(client.wire.unread) < len(LARGE)
    erase(world, 10000001)
    for _ in range(10):
        client.wire.take()
    assert client.closed
    assert "incident" not in caplog.text
    shared.run(
        """
        bob C: b FETCH 2 RFC822.SIZE
        bob S: ~
        bob S: b OK ...
        bob C: b NOOP
        bob S: ~
        bob S: b OK ...
    """
    )


def test_a_wrapper_that_is_erased_while_it_is_copied_is_gone(
    shared: Stage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What COPY reads before its transaction may vanish: NO, and nothing is filed."""
    shared.run(
        """
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """,
        mail=wrapper("> #GadgetASupport  Loud", SMALL),
    )
    monkeypatch.setattr("storage.messages.is_here", lambda *_: False)
    monkeypatch.setattr("storage.messages.read_range", lambda *_: b"")
    shared.run(
        """
        C: a COPY 1 Trackers/Support
        S: a NO [EXPUNGEISSUED] Not filed: some of these messages are gone. ...
    """
    )
