"""A POP3 mailbox of a real server: what waits, byte for byte, and what is deleted when."""

from __future__ import annotations

import mmap
import tracemalloc

import pytest
from corpus import MESSAGES
from dovecot import Dovecot, Mailbox
from hypothesis import given
from hypothesis import strategies as st
from reading import MOST, opened, place, read_all

from imapgate.incoming.account import Place
from imapgate.incoming.mailboxes.pop3 import _Names
from imapgate.incoming.source import TooLarge
from imapgate.servers.server import ServerError
from imapgate.servers.stream import Stream

MAILS = [b"Subject: %d\r\n\r\n.\r\n..\r\n.Hello %d\r\n" % (n, n) for n in range(4)]


def test_every_message_comes_as_the_server_sends_it(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """Lines far longer than poplib's 2,048 octets, dots, NULs."""
    sent = [one for one in MESSAGES.values() if len(one) < 1_000_000]
    sent.append(b"Subject: long\r\n\r\n" + b"x" * 300_000 + b"\r\n")
    mailbox.deliver(*sent)
    with opened(place(dovecot, mailbox, "pop3"), mailbox) as source:
        got = list(read_all(source, {}).values())
        assert source.count() == len(sent) == len(got)
    clean = [
        one
        for one in sent
        if b"\n" not in one.replace(b"\r\n", b"") and b"\0" not in one and one.endswith(b"\r\n")
    ]
    assert len(clean) > 50
    assert set(clean) <= set(got)


def test_keys_stay_and_sizes_are_told(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """UIDL's, in each session; POP3 tells no date."""
    mailbox.deliver(*MAILS)
    with opened(place(dovecot, mailbox, "pop3s"), mailbox) as source:
        first = [*source.waiting({})]
        assert source.newest() == first[-1]
        assert source.position() == {}
        assert [*source.waiting({})[1:3]] == first[1:3]
    with opened(place(dovecot, mailbox, "pop3"), mailbox) as source:
        assert [*source.waiting({})] == first
        assert [one.size for one in first] == [len(one) for one in MAILS]
        assert {one.internal_at for one in first} == {None}


def test_deleted_is_deleted_once_the_session_ended_well(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """These alone; what is gone is passed over."""
    mailbox.deliver(*MAILS)
    with opened(place(dovecot, mailbox, "pop3"), mailbox) as source:
        keys = [one.key for one in source.waiting({})]
        source.settle([keys[2], "gone", keys[0]], "delete", None)
        assert mailbox.messages() == [MAILS[1], MAILS[3]]
        with pytest.raises(ServerError, match="closed"):
            source.read(keys[1], MOST)


def test_kept_is_kept_and_nothing_can_be_moved(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """POP3 has no folders."""
    mailbox.deliver(*MAILS)
    with opened(place(dovecot, mailbox, "pop3"), mailbox) as source:
        keys = [one.key for one in source.waiting({})]
        source.settle(keys, "keep", None)
        with pytest.raises(ServerError, match="no folders") as caught:
            source.settle(keys, "move", "Done")
        assert caught.value.permanent
        assert not source.wait(600)
    assert mailbox.messages() == MAILS


def test_too_large_and_gone(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """The next can be read."""
    mailbox.deliver(*MAILS)
    with opened(place(dovecot, mailbox, "pop3"), mailbox) as source:
        one, other = [*source.waiting({})][:2]
        with pytest.raises(TooLarge):
            source.read(one.key, one.size - 1)
        with pytest.raises(KeyError):
            source.read("gone", MOST)
        with pytest.raises(KeyError):
            source.read("", MOST)
        assert source.read(other.key, other.size) == MAILS[1]


def test_an_empty_mailbox(dovecot: Dovecot, mailbox: Mailbox) -> None:
    with opened(place(dovecot, mailbox, "pop3"), mailbox) as source:
        assert source.newest() is None
        assert [*source.waiting({})] == []
        assert source.count() == 0


def test_a_large_message_is_never_held_whole(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """12 MB, one line of them 2 MB long."""
    large = b"Subject: x\r\n\r\n" + b"y" * 2_000_000 + b"\r\n" + (b"." * 78 + b"\r\n") * 130_000
    mailbox.deliver(large)
    with opened(place(dovecot, mailbox, "pop3"), mailbox) as source:
        (one,) = source.waiting({})
        tracemalloc.start()
        try:
            content = source.read(one.key, MOST)
            assert tracemalloc.get_traced_memory()[1] < 4_000_000
        finally:
            tracemalloc.stop()
        assert isinstance(content, mmap.mmap)
        assert content[:] == large
        content.close()


class Pieces(Stream):
    """Gives what a server would send in pieces of any size."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__(Place("pop3", "localhost", 110))
        self.pieces = pieces

    def _fill(self) -> None:
        self._take(self.pieces.pop(0))


@given(
    st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\r", b"\n", b"x", b"\r\n."]), max_size=12),
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
)
def test_dots_are_unstuffed_wherever_a_packet_ends(parts: list[bytes], lengths: list[int]) -> None:
    """RFC 1939 3: whatever the message, it comes back; what follows it is the next answer's."""
    message = b"".join(parts)
    if not message.endswith(b"\r\n"):
        message += b"\r\n"
    stuffed = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n+OK next\r\n"
    pieces = []
    at = 0
    while at < len(stuffed):
        length = lengths[len(pieces) % len(lengths)]
        pieces.append(stuffed[at : at + length])
        at += length
    stream = Pieces(pieces)
    got = bytearray()
    stream.dotted(got.extend)
    assert bytes(got) == message
    assert stream.line() == b"+OK next"


def test_half_a_million_names_cost_little() -> None:
    """30 MB would be 300 as objects."""
    tracemalloc.start()
    try:
        names = _Names()
        for n in range(100_000):
            names.add(b"%d %032x" % (n + 1, n))
        names.end()
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert current < 100_000 * 55
    assert names.place(f"{99_999:032x}") == 99_999
    assert names.name(70_000) == f"{70_000:032x}"


def test_equal_names_are_told_apart() -> None:
    """RFC 1939 7 lets equal messages have the same."""
    names = _Names()
    for line in (b"1 same", b"2 other", b"4 same", b"5 same"):
        names.add(line)
    names.end()
    assert [names.name(n) for n in range(4)] == ["same", "other", "same 2", "same 3"]
    assert [names.place(one) for one in ("same", "same 2", "same 3", "sam")] == [0, 2, 3, None]
    assert [*names.numbers] == [1, 2, 4, 5]


@pytest.mark.parametrize("line", [b"", b"1", b"1 ", b"x y", b"1 " + b"z" * 201, b"99999999999 a"])
def test_a_line_that_names_nothing_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        _Names().add(line)
