"""What a client can make the listener hold, and how it tries to make one mail two."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from submitting import ALICE, BOB, CUSTOMER, Post, letter, octets_of
from transcript import Client
from world import World

from imapgate.limits import Limits
from imapgate.submission.framing import Framing

STRAY = "550 5.6.0 Not sent: a line of it ends with CR or LF alone, or it has NUL. "
BEGIN = f"MAIL FROM:<{ALICE}>\r\nRCPT TO:<{CUSTOMER}>\r\nDATA\r\n".encode()
HEAD = f"From: {ALICE}\r\n\r\n".encode()


def _begun(post: Post, who: str = "alice") -> Client:
    client = post.client(who)
    client.send(BEGIN)
    assert client.read().pop().startswith("354 ")
    client.lines.clear()
    return client


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\r.\r",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r.\r\n",
        b"\r\n\0.\r\n",
        b"\0",
    ],
)
def test_what_others_take_for_a_mail_s_end_is_no_end_and_is_not_passed_on(
    post: Post, end: bytes
) -> None:
    """SMTP smuggling: the commands behind it are run by nobody, neither here nor on the way."""
    client = _begun(post)
    client.send(HEAD + b"text" + end + f"MAIL FROM:<{BOB}>\r\nRCPT TO:<x@y.z>\r\nDATA\r\n".encode())
    assert not client.read()
    client.send(b"second mail\r\n.\r\n")
    (answer,) = client.read()
    assert answer.startswith(STRAY)
    assert post.relay.attempts == []
    assert post.rows() == []
    client.lines.clear()
    assert post.submit(letter()).startswith("250 ")


@pytest.mark.parametrize("ended", [b"MAIL FROM:<a@b.c>\nRSET\n", b"NOOP\n", b"NOOP\0\r\n", b"\n"])
def test_a_command_ends_with_crlf_alone(post: Post, ended: bytes) -> None:
    client = post.client("alice")
    client.send(ended)
    assert all(line.startswith("500 5.5.2 ") for line in client.read())
    assert client.lines
    client.lines.clear()


def test_a_mail_over_the_limit_is_read_to_its_end_and_refused(world: World) -> None:
    """SIZE said it before; the connection goes on. Without an end it is cut off."""
    limits = replace(Limits(), login_delay=0.0, message=1000, literal_drain=5000)
    post = Post(world, limits)
    client = _begun(post)
    client.send(HEAD + b"x" * 2000 + b"\r\n.\r\n")
    assert client.read()[0] == "552 5.3.4 Not sent: a mail has at most 1,000 octets here."
    client.lines.clear()
    assert post.submit(letter()).startswith("250 ")
    client = _begun(post)
    for _ in range(7):
        client.send(b"x" * 1000)
    assert client.read()[0].startswith("552 5.3.4 That mail is beyond all bounds.")
    client.lines.clear()
    assert client.closed
    post.close()


def test_all_mails_of_the_process_are_held_in_one_budget(world: World) -> None:
    """Whoever comes too late is to try again; what is over gives its place back."""
    limits = replace(Limits(), login_delay=0.0, process_literals=1500)
    post = Post(world, limits)
    first, second = _begun(post), post.client("bob")
    first.send(HEAD + b"x" * 1000)
    said = BEGIN.replace(ALICE.encode(), BOB.encode())
    second.send(said)
    second.read().clear()
    second.send(f"From: {BOB}\r\n\r\n".encode() + b"y" * 1000 + b"\r\n.\r\n")
    assert second.read()[0].startswith("452 4.3.1 Not sent: the server holds too many mails")
    second.lines.clear()
    first.send(b"\r\n.\r\n")
    assert first.read()[0].startswith("250 ")
    first.lines.clear()
    assert post.submit(letter(sender=BOB, body="z" * 1000), who="bob").startswith("250 ")
    post.close()


def test_a_large_mail_is_held_in_a_file_that_goes(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above 1 MiB; also where the client hangs up in its middle."""
    made: list[Any] = []
    real = tempfile.TemporaryFile

    def opened(*arguments: Any, **options: Any) -> Any:
        made.append(real(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", opened)
    line = b"x" * 76 + b"\r\n"
    client = _begun(post)
    client.send(HEAD)
    for _ in range(20):
        client.send(line * 1000)
    client.send(b".\r\n")
    assert client.read()[0].startswith("250 ")
    client.lines.clear()
    assert post.relay.taken[0][2] == HEAD + line * 20_000
    other = _begun(post)
    other.send(HEAD + line * 20_000)
    other.lose()
    assert len(made) >= 2
    assert all(one.closed for one in made)


def test_a_full_disk_is_told_as_try_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    client = _begun(post)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    client.send(HEAD + b"x" * (2 << 20) + b"\r\n.\r\n")
    assert client.read()[0].startswith("452 4.3.1 ")
    client.lines.clear()
    monkeypatch.undo()
    assert post.submit(letter()).startswith("250 ")


def test_who_never_reads_is_read_no_more_and_then_cut_off(world: World) -> None:
    """Its answers stay within the transport's buffer."""
    post = Post(world, replace(Limits(), login_delay=0.0, submission_commands=10**6))
    client = post.client("alice")
    client.wire.reads = False
    for _ in range(100):
        client.send(b"HELP\r\nRSET\r\n" * 100)
        post.clock.advance(0)
    assert 60 * 1024 < client.wire.most_unread < 80 * 1024
    post.clock.advance(Limits().stalled_time + 1)
    assert client.wire.disconnected or client.wire.disconnecting
    client.wire.unread.clear()
    post.close()


def test_one_user_s_slow_mails_leave_others_their_turn(post: Post) -> None:
    """Two of one user are handed over at a time; the third waits, another user's doesn't."""
    post.hold_sending = True
    for name in ("alice", "alice2", "alice3"):
        client = _begun(post, name)
        client.send(letter(n=int(name[5:] or 1)))
    assert post.held == 2
    said = BEGIN.replace(ALICE.encode(), BOB.encode())
    client = post.client("bob")
    client.send(said)
    client.read().clear()
    client.send(letter(sender=BOB))
    assert post.held == 3
    post.hold_sending = False
    post.release()
    assert len(post.relay.taken) == 4
    for name in ("alice", "alice2", "alice3", "bob"):
        (answer,) = post.clients[name].read()
        assert answer.startswith("250 "), name
        post.clients[name].lines.clear()


def test_silence_before_sign_in_ends_the_connection(post: Post) -> None:
    """Whatever trickles in: the time is counted from the last command."""
    client = post.connect("new")
    client.read().clear()
    for _ in range(6):
        post.clock.advance(10)
        client.send(b"N")
    post.clock.advance(1)
    assert client.read()[0] == "421 4.4.2 Too long without a word."
    client.lines.clear()
    assert client.closed


@given(st.binary(max_size=60), st.lists(st.integers(1, 20), max_size=30))
def test_framing_gives_back_what_was_stuffed(content: bytes, cuts: list[int]) -> None:
    """Any octets that end with CRLF, cut anywhere, come out as they went in; and what isn't CRLF is
    noticed."""
    content += b"\r\n"
    said = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\nNOOP\r\n"
    framing = Framing(100)
    framing.begin_mail()
    got, is_over, at = b"", False, 0
    for cut in [*cuts, len(said)]:
        framing.feed(said[at : at + cut])
        at += cut
        if not is_over:
            piece, is_over = framing.mail()
            got += piece
    assert is_over
    assert got == content
    lone = content.replace(b"\r\n", b"")
    assert framing.is_stray == (b"\r" in lone or b"\n" in lone or b"\0" in lone)
    assert framing.line() == b"NOOP"


def test_octets_of_a_letter_are_what_is_between() -> None:
    """The test's own words."""
    assert octets_of(letter(body="x")).endswith(b"\r\n\r\nx\r\n")
