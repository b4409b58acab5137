"""Folders of other IMAP servers than Dovecot: huge, without UIDNEXT, read-only, unordered."""

from __future__ import annotations

import socket
import tracemalloc

import pytest
from scripted import MESSAGES, Answer, Imap

from imapgate.incoming.mailboxes import imap
from imapgate.incoming.mailboxes.connecting import open_source
from imapgate.incoming.mailboxes.imap import ImapSource
from imapgate.incoming.mailboxes.imap_dialogue import ranges
from imapgate.servers.server import Secrets, ServerError


def opened(server: Imap) -> ImapSource:
    source = open_source(server.place("imap"), Secrets("x"))
    assert isinstance(source, ImapSource)
    return source


def selecting(*lines: bytes, end: bytes = b"$ OK [READ-WRITE] selected\r\n") -> dict[bytes, Answer]:
    return {b"SELECT": b"".join(b"* %b\r\n" % line for line in lines) + end}


def test_a_hundred_thousand_messages_wait_in_bounded_memory() -> None:
    """Their sizes are asked for as they are looked at, not before; as objects they would be 10 MB
    and more."""
    count = 100_000
    line = b"* SEARCH " + b" ".join(b"%d" % n for n in range(1, count + 1)) + b"\r\n$ OK done\r\n"
    with Imap({b"UID SEARCH": line}) as server:
        source = opened(server)
        tracemalloc.start()
        try:
            waiting = source.waiting({})
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert len(waiting) == count
        assert waiting[1].size == len(MESSAGES[2])
        assert waiting[0].key == "7.1"
        commands = [one for one in server.said if b"FETCH" in one]
        assert commands == [b"i6 UID FETCH 1:200 (UID RFC822.SIZE INTERNALDATE)"]
        left = str(source.position(whole=False)["left"])
        assert left == "1:2"  # below UIDNEXT, which this server says is 3
        source.close()
    assert peak < 4_000_000


def test_a_position_of_scattered_messages_is_bounded() -> None:
    """What is beyond is found again as long as it is unseen."""
    with Imap(selecting(b"9 EXISTS", b"OK [UIDVALIDITY 7]", b"OK [UIDNEXT 900000]")) as server:
        source = opened(server)
        source._waiting = range(1, 600_000, 2)
        left = str(source.position(whole=False)["left"])
        assert left.count(",") == imap.KEPT - 1
        assert len([*imap._unpacked(left)]) == imap.KEPT
        assert len([*imap._unpacked("1:4000000000")]) == imap.KEPT
        source.close()


@pytest.mark.parametrize(("exists", "expected"), [(2, 3), (0, 1)])
def test_a_server_without_uidnext(exists: int, expected: int) -> None:
    """RFC 3501 lets it be missing: what is behind the highest UID is new."""
    lines = (b"%d EXISTS" % exists, b"OK [UIDVALIDITY 7]")

    def fetching(line: bytes) -> bytes:
        return b"* 2 FETCH (UID 2)\r\n$ OK\r\n"

    with Imap({**selecting(*lines), b"FETCH": fetching, b"UID SEARCH": b"$ OK\r\n"}) as server:
        source = opened(server)
        assert [*source.waiting({})] == []
        assert source.position() == {"uidvalidity": 7, "uidnext": expected}
        source.close()


def test_unordered_and_repeated_uids_are_put_in_order() -> None:
    """RFC 3501 promises no order; and no UID is 0 or has more than 32 bits."""
    searched = b"* SEARCH 2 1\r\n* SEARCH 0 2 4294967295 9999999999\r\n* SEARCH\r\n$ OK\r\n"
    with Imap({b"UID SEARCH": searched}) as server:
        source = opened(server)
        assert [one.key for one in source.waiting({})] == ["7.1", "7.2"]
        source.close()


def test_a_read_only_folder_is_read_and_nothing_marked_in_it() -> None:
    """It is warned of; to delete in it is an error."""
    lines = (b"2 EXISTS", b"OK [UIDVALIDITY 7]", b"OK [UIDNEXT 3]")
    end = b"$ OK [READ-ONLY] selected\r\n"
    refused: dict[bytes, Answer] = {b"UID STORE": b"$ NO [NOPERM] read-only\r\n"}
    with Imap({**selecting(*lines, end=end), **refused}) as server:
        source = opened(server)
        keys = [one.key for one in source.waiting({})]
        source.settle(keys, "keep", None)
        assert not any(b"STORE" in line for line in server.said)
        assert list(source.warnings) == [
            'The folder "INBOX" is read-only: nothing is marked in it.'
        ]
        with pytest.raises(ServerError, match="marked, moved or deleted"):
            source.settle(keys, "delete", None)
        source.close()


@pytest.mark.parametrize(
    ("uids", "expected"),
    [([], b""), ([5], b"5"), ([1, 2, 3, 5, 7, 8], b"1:3,5,7:8"), ([1, 3, 5], b"1,3,5")],
)
def test_sets_have_exactly_these(uids: list[int], expected: bytes) -> None:
    """A range over a hole could expunge what somebody else put there."""
    assert ranges(uids) == expected
    assert [*imap._unpacked(expected.decode())] == uids


def test_a_connection_is_refused_a_second_word_after_it_was_closed() -> None:
    """No reopening by itself."""
    with Imap() as server:
        source = opened(server)
        source.close()
        source.close()
        with pytest.raises(ServerError, match="closed"):
            source.waiting({})[0]


def test_idle_hears_of_new_mail_though_others_went() -> None:
    """One is expunged, another comes: as many as before."""
    idling = b"+ idling\r\n* 1 EXPUNGE\r\n* 2 EXISTS\r\n"
    with Imap({b"IDLE": idling, b"": b"i5 OK done\r\n"}) as server:
        source = opened(server)
        assert source.wait(20)
        source.close()


@pytest.mark.parametrize(
    "idling", [b"$ NO not now\r\n", b"$ OK idled\r\n", b"+ idling\r\n* 1 EXPUNGE\r\ni5 OK done\r\n"]
)
def test_an_idle_that_the_server_ends_is_none(idling: bytes) -> None:
    """No DONE is said into it."""
    with Imap({b"IDLE": idling}) as server:
        source = opened(server)
        assert not source.wait(20)
        assert source.waiting({})[0].key == "7.1"
        source.close()
    assert b"DONE" not in server.said


def test_a_message_in_quotes_is_not_in_the_dialogue() -> None:
    """Nor is a literal."""

    def fetching(line: bytes) -> bytes:
        good = Imap.answers[b"UID FETCH"]
        assert callable(good)
        quoted = b'* 1 FETCH (UID 1 BODY[]<0> "private \\" matter")\r\n$ OK\r\n'
        return quoted if b"BODY" in line else good(line)

    said: list[str] = []
    with Imap({b"UID FETCH": fetching}) as server:
        source = open_source(server.place("imap"), Secrets("x"), dialogue=said.append)
        assert source.read("7.1", 100) == b'private " matter'
        source.close()
    assert "S: * 1 FETCH (UID 1 ***)" in said


def test_the_second_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose first address answers nobody (127.0.0.2: nothing listens there)."""
    with Imap() as server:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, server.port))
            for address in ("127.0.0.2", "127.0.0.1")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        source = opened(server)
        assert source.count() == 2
        source.close()
