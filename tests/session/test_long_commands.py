"""Commands of many octets or parts are read off the reactor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World

LONG = ",".join(str(number) for number in range(1, 4000, 2))
MAIL = b"Subject: x\r\n\r\ntext\r\n"


@pytest.fixture
def selected(world: World) -> Iterator[Stage]:
    """Alice in an INBOX with one mail; from here on works wait."""
    made = Stage(world)
    made.run(
        """
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: b SELECT INBOX
        S: ~
        S: b OK ...
    """,
        mail=MAIL,
    )
    made.hold = True
    yield made
    made.close()


def test_a_long_set_is_read_and_resolved_in_hops(selected: Stage) -> None:
    """A short one takes the one hop that answers it."""
    client = selected.client("alice")
    client.send(b"c UID FETCH 1,3 UID\r\n")
    selected.release(1)
    assert client.wire.take() == b"* 1 FETCH (UID 1)\r\nc OK Fetched.\r\n"
    client.send(b"d UID FETCH %b UID\r\n" % LONG.encode())
    selected.release(1)
    assert client.wire.take() == b""
    assert selected.held == 1
    selected.release(1)
    assert client.wire.take() == b"* 1 FETCH (UID 1)\r\nd OK Fetched.\r\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"UID FETCH {LONG}, UID", b"c BAD Expected a set"),
        (f"SEARCH CHARSET KOI8-R UID {LONG}", b"c NO [BADCHARSET (US-ASCII UTF-8)] "),
        (f"NONSENSE {LONG}", b"c BAD Expected a known command"),
        (f"FETCH {LONG} UID", b"c BAD There is no message"),
        (f"STORE {LONG} FLAGS (x)", b"c BAD There is no message"),
        (f"COPY {LONG} Archive", b"c BAD There is no message"),
        (f"MOVE {LONG} Archive", b"c BAD There is no message"),
    ],
    ids=["syntax", "charset", "unknown", "fetch", "store", "copy", "move"],
)
def test_what_is_wrong_with_a_long_command_is_told(
    selected: Stage, command: str, said: bytes
) -> None:
    """As of a short one, with its tag; the session goes on."""
    client = selected.client("alice")
    client.send(b"c %b\r\n" % command.encode())
    assert selected.held == 1
    selected.hold = False
    selected.release()
    assert client.wire.take().startswith(said)
    selected.run("C: d NOOP\nS: d OK ...")


def test_who_hangs_up_while_a_long_command_is_read_leaves_nothing(
    selected: Stage, world: World
) -> None:
    """It isn't run."""
    client = selected.client("alice")
    client.send(b"c UID STORE %b +FLAGS (\\Flagged)\r\n" % LONG.encode())
    client.lose()
    selected.hold = False
    selected.release()
    selected.run("""
        alice2 C: a EXAMINE INBOX
        alice2 S: ~
        alice2 S: a OK ...
        alice2 C: b SEARCH FLAGGED
        alice2 S: * SEARCH
        alice2 S: b OK ...
    """)


def test_an_append_that_has_arrived_is_filed_though_its_client_hung_up(
    selected: Stage, world: World
) -> None:
    """However long its flags are."""
    client = selected.client("alice")
    flags = b" ".join(b"k%d" % n for n in range(400))
    client.send(b"c APPEND Drafts (%b) {%d+}\r\n%b\r\n" % (flags, len(MAIL), MAIL))
    client.lose()
    selected.hold = False
    selected.release()
    selected.run("""
        alice2 C: a STATUS Drafts (MESSAGES)
        alice2 S: * STATUS Drafts (MESSAGES 1)
        alice2 S: a OK ...
    """)


def test_an_upload_of_many_parts_is_judged_in_a_hop(selected: Stage) -> None:
    """Its client may hang up meanwhile: what had arrived is given back."""
    client = selected.client("alice")
    part = b" {%d+}\r\n%b" % (len(MAIL), MAIL)
    client.send(b"c APPEND Drafts" + part * 10 + b" {%d}\r\n" % len(MAIL))
    assert selected.held == 1
    client.lose()
    selected.hold = False
    selected.release()
    assert selected.server.budget.left == selected.server.limits.process_literals
