"""Servers that cut, lie, babble and fall silent: each gives an error of the right step, and nothing
hangs, leaks or is taken for mail."""

from __future__ import annotations

import tracemalloc

import pytest
from scripted import HANG, MESSAGES, Answer, Imap, Pop3, Server

from imapgate.incoming.mailboxes.connecting import open_source
from imapgate.incoming.source import TooLarge, Unreadable
from imapgate.servers import stream
from imapgate.servers.server import Login, Secrets, ServerError

STEPS = ["name", "connect", "greeting", "login", "folder", "read", "settle"]
KINDS: list[tuple[type[Server], str]] = [(Imap, "imap"), (Pop3, "pop3")]
SECRETS = Secrets("secret")


def session(server: Server, protocol: str, timeout: float = 20.0) -> dict[str, bytes]:
    """Everything that a round does with a mailbox."""
    source = open_source(server.place(protocol, timeout), SECRETS)
    try:
        waiting = [*source.waiting({})]
        read = {one.key: bytes(source.read(one.key, 1_000_000)) for one in waiting}
        source.settle(list(read), "delete", None)
        return read
    finally:
        source.close()


def failure(server: Server, protocol: str, timeout: float = 20.0) -> ServerError:
    with server, pytest.raises(ServerError) as caught:
        session(server, protocol, timeout)
    return caught.value


@pytest.mark.parametrize(("kind", "protocol"), KINDS)
def test_a_good_server_is_read(kind: type[Server], protocol: str) -> None:
    """So that the others fail for what they do."""
    with kind() as server:
        assert list(session(server, protocol).values()) == list(MESSAGES.values())


@pytest.mark.parametrize(("kind", "protocol"), KINDS)
def test_cut_at_every_octet(kind: type[Server], protocol: str) -> None:
    """An error whose step never goes back as the cut moves on."""
    with kind() as server:
        session(server, protocol)
        whole = server.sent
    steps = []
    texts = set()
    for cut in range(whole):
        with kind(cut=cut) as server:
            try:
                session(server, protocol)
            except ServerError as error:
                texts.add(error.text)
                steps.append(STEPS.index(error.step))
            else:
                steps.append(len(STEPS))
    assert texts == {"127.0.0.1 closed the connection."}
    assert steps == sorted(steps)
    assert {*range(2, len(STEPS))} <= {*steps}
    bye = len(b"* BYE\r\ni10 OK bye\r\n") if protocol == "imap" else 0
    assert steps.count(len(STEPS)) <= bye + 1


@pytest.mark.parametrize(("kind", "protocol"), KINDS)
def test_silence_at_every_command(kind: type[Server], protocol: str) -> None:
    """The step's time-out ends it."""
    for verb in kind.answers:
        if verb in (b"STLS", b"LOGOUT") or (verb, protocol) == (b"CAPA", "imap"):
            continue
        error = failure(kind({verb: HANG}), protocol, timeout=0.05)
        assert "in time" in error.text, verb
    error = failure(kind(greeting=HANG), protocol, timeout=0.05)
    assert (error.step, error.permanent) == ("greeting", False)


@pytest.mark.parametrize(("kind", "protocol"), KINDS)
def test_a_silent_server_is_not_waited_for_again(kind: type[Server], protocol: str) -> None:
    """No goodbye is said to it, whose answer would not come either."""
    verb = b"UID SEARCH" if protocol == "imap" else b"UIDL"
    with kind({verb: HANG}) as server:
        source = open_source(server.place(protocol, 0.2), SECRETS)
        with pytest.raises(ServerError, match="in time"):
            source.waiting({})
        with pytest.raises(ServerError, match="connection is closed"):
            source.waiting({})
        source.close()
    assert server.named(server.said[-1])[1] == verb


@pytest.mark.parametrize(("kind", "protocol"), KINDS)
def test_a_server_that_trickles_is_given_up(kind: type[Server], protocol: str) -> None:
    """Each octet comes in time, the answer never does: a step has a time-out as a whole."""
    slow = kind.greeting.rstrip() + b"x" * 1_500 + b"\r\n"
    error = failure(kind(greeting=slow, trickle=0.002), protocol, timeout=0.5)
    assert (error.step, "in time" in error.text) == ("greeting", True)


@pytest.mark.parametrize(
    ("kind", "protocol", "greeting"),
    [
        (Imap, "imap", b"HTTP/1.1 400 Bad Request\r\n"),
        (Imap, "imap", b"+OK POP3 ready\r\n"),
        (Imap, "imap", b"\0\xff\xfe\r\n"),
        (Imap, "imap", b"* NO not now\r\n"),
        (Pop3, "pop3", b"* OK IMAP4rev1\r\n"),
        (Pop3, "pop3", b"-ERR full\r\n"),
        (Pop3, "pop3", b"\r\n"),
    ],
)
def test_something_else_answers(kind: type[Server], protocol: str, greeting: bytes) -> None:
    error = failure(kind(greeting=greeting), protocol)
    assert error.step == "greeting"
    assert protocol.upper() in error.text
    assert error.hint


def test_bye_at_greeting_is_told_in_the_servers_words() -> None:
    """Control characters in it don't reach a terminal."""
    error = failure(Imap(greeting=b"* BYE too \x1b[31mbusy\r\n"), "imap")
    assert (error.step, error.technical) == ("greeting", "too ?[31mbusy")


IMAP_FAULTS: list[tuple[str, bytes, Answer, str]] = [
    ("wrong tag", b"SELECT", b"zz OK done\r\n", "folder"),
    ("old tag", b"UID SEARCH", b"i1 OK done\r\n", "read"),
    ("garbage", b"UID SEARCH", b"\x00\x01garbage\r\n", "read"),
    ("empty line", b"SELECT", b"\r\n", "folder"),
    ("a continuation unasked", b"UID SEARCH", b"+ go on\r\n", "read"),
    ("bye", b"UID SEARCH", b"* BYE shutting down\r\n", "read"),
    ("refused", b"UID SEARCH", b"$ NO no\r\n", "read"),
    ("bad", b"CAPABILITY", b"$ BAD what?\r\n", "greeting"),
    ("no such folder", b"SELECT", b"$ NO [NONEXISTENT] none\r\n", "folder"),
    ("no uidvalidity", b"SELECT", b"* 1 EXISTS\r\n$ OK done\r\n", "folder"),
    ("refused store", b"UID STORE", b"$ NO [NOPERM] no\r\n", "settle"),
    ("refused expunge", b"UID EXPUNGE", b"$ NO no\r\n", "settle"),
    ("10 GB", b"UID FETCH", b"* 1 FETCH (UID 1 BODY[]<0> {10000000000}\r\n", "read"),
    ("10 GB unasked", b"UID SEARCH", b"* LIST {10000000000}\r\n", "read"),
    ("digits without end", b"UID FETCH", b"* 1 FETCH {" + b"9" * 5000 + b"}\r\n", "read"),
    (
        "a longer literal",
        b"UID FETCH",
        b"* 1 FETCH (UID 1 BODY[] {9}\r\nHello)\r\n$ OK\r\n",
        "read",
    ),
]


@pytest.mark.parametrize(
    ("verb", "answer", "step"),
    [one[1:] for one in IMAP_FAULTS],
    ids=[one[0] for one in IMAP_FAULTS],
)
def test_imap_faults(verb: bytes, answer: Answer, step: str) -> None:
    def fetching(line: bytes) -> bytes:
        assert isinstance(answer, bytes)
        good = Imap.answers[b"UID FETCH"]
        assert callable(good)
        return answer if b"BODY" in line else good(line)

    given = fetching if verb == b"UID FETCH" else answer
    lasts = answer == IMAP_FAULTS[-1][2]
    lies = isinstance(answer, bytes) and b"10000000000" in answer
    error = failure(Imap({verb: given}), "imap", timeout=1.0 if lasts else 20.0)
    assert error.step == step
    assert ("announces 10,000,000,000 octets" in error.text) == lies


@pytest.mark.parametrize(
    ("verb", "answer", "step"),
    [
        (b"STAT", b"+OK many\r\n", "folder"),
        (b"STAT", b"-ERR locked\r\n", "folder"),
        (b"STAT", b"hello\r\n", "folder"),
        (b"UIDL", b"-ERR no\r\n", "read"),
        (b"UIDL", b"+OK\r\nnonsense\r\n.\r\n", "read"),
        (b"LIST", b"+OK\r\n1 big\r\n.\r\n", "read"),
        (b"RETR", b"what?\r\n", "read"),
        (b"DELE", b"-ERR no\r\n", "settle"),
        (b"QUIT", b"-ERR nothing was deleted\r\n", "settle"),
    ],
)
def test_pop3_faults(verb: bytes, answer: bytes, step: str) -> None:
    """Above all: a QUIT that fails has deleted nothing."""
    error = failure(Pop3({verb: answer}), "pop3")
    assert error.step == step


def endless(line: bytes) -> Answer:
    return line * (400_000 // len(line))


@pytest.mark.parametrize(
    ("kind", "protocol", "verb", "answer", "step"),
    [
        (Imap, "imap", b"UID SEARCH", endless(b"* 2 FETCH (FLAGS (x))\r\n"), "read"),
        (Imap, "imap", b"UID SEARCH", endless(b"* SEARCH 1 2 3 4 5\r\n"), "read"),
        (Imap, "imap", b"SELECT", endless(b"* OK [ALERT] look\r\n"), "folder"),
        (Imap, "imap", b"SELECT", endless(b"x"), "folder"),
        (Imap, "imap", b"CAPABILITY", b"* CAPABILITY " + b"x " * 200_000 + b"\r\n", "greeting"),
        (Imap, "imap", b"SELECT", b"* LIST " + b"{9}\r\n123456789" * 20_000 + b"\r\n", "folder"),
        (Pop3, "pop3", b"CAPA", b"+OK\r\n" + b"X\r\n" * 200_000, "greeting"),
        (Pop3, "pop3", b"STAT", b"+OK " + b"1" * 400_000, "folder"),
        (Pop3, "pop3", b"UIDL", b"+OK\r\n1 " + b"x" * 400_000, "read"),
    ],
)
def test_what_never_ends_is_cut(
    kind: type[Server],
    protocol: str,
    verb: bytes,
    answer: Answer,
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line, a list, responses: long before memory is."""
    monkeypatch.setattr("imapgate.incoming.mailboxes.imap_dialogue.ANSWER", 200_000)
    monkeypatch.setattr("imapgate.incoming.mailboxes.pop3_dialogue.ANSWER", 200_000)
    monkeypatch.setattr("imapgate.incoming.mailboxes.imap.LISTED", 200_000)
    tracemalloc.start()
    try:
        error = failure(kind({verb: answer}), protocol, timeout=5)
        # A line's 64 KiB, what the kernel had ready, and the server's own answer beside it.
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert error.step == step


def test_the_default_bounds_are_small() -> None:
    assert (stream.LINE, stream.ANSWER) == (64 * 1024, 16 * 1024 * 1024)


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_message_larger_than_was_said(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's word for its size isn't taken: what goes beyond the limit is dropped as it
    comes, and the next message is read."""
    large = b"x" * 300_000 + b"\r\n"

    def fetching(line: bytes) -> bytes:
        good = Imap.answers[b"UID FETCH"]
        assert callable(good)
        if b"FETCH 1 (UID BODY" not in line:
            return good(line)
        most = int(line.partition(b"<0.")[2].partition(b">")[0])
        return b"* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n%b)\r\n$ OK\r\n" % (most, large[:most])

    def retrieving(line: bytes) -> bytes:
        good = Pop3.answers[b"RETR"]
        assert callable(good)
        return b"+OK\r\n" + large + b".\r\n" if line == b"RETR 1" else good(line)

    server: Server = Imap({b"UID FETCH": fetching})
    if protocol == "pop3":
        server = Pop3({b"RETR": retrieving})
    with server:
        source = open_source(server.place(protocol), SECRETS)
        one, other = source.waiting({})
        with pytest.raises(TooLarge) as caught:
            source.read(one.key, 1_000)
        assert caught.value.size > 1_000
        assert source.read(other.key, 1_000) == MESSAGES[2]
        source.close()
    if protocol == "pop3":
        monkeypatch.setattr("imapgate.incoming.mailboxes.pop3.DRAINED", 100_000)
        monkeypatch.setattr("imapgate.incoming.mailboxes.pop3_dialogue.ANSWER", 1_000)
        with Pop3({b"RETR": retrieving}) as server:
            source = open_source(server.place(protocol), SECRETS)
            one, _ = source.waiting({})
            with pytest.raises(ServerError, match="answers with more"):
                source.read(one.key, 1_000)
            source.close()


@pytest.mark.parametrize("body", [b"BODY[]<0> NIL", b"FLAGS ()", b"BODY[TEXT] {2}\r\nxy"])
def test_a_message_without_its_body_is_not_taken_for_gone(body: bytes) -> None:
    """Else it would be passed over for ever."""

    def fetching(line: bytes) -> bytes:
        good = Imap.answers[b"UID FETCH"]
        assert callable(good)
        return b"* 1 FETCH (UID 1 %b)\r\n$ OK\r\n" % body if b"BODY" in line else good(line)

    with Imap({b"UID FETCH": fetching}) as server:
        source = open_source(server.place("imap"), SECRETS)
        with pytest.raises(Unreadable):
            source.read(source.waiting({})[0].key, 1_000)
        source.close()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_one_message_that_is_not_given(protocol: str) -> None:
    """The rest is read."""

    def fetching(line: bytes) -> bytes:
        good = Imap.answers[b"UID FETCH"]
        assert callable(good)
        is_it = b"FETCH 1 (UID BODY" in line
        return b"$ NO [SERVERBUG] disk trouble\r\n" if is_it else good(line)

    def retrieving(line: bytes) -> bytes:
        good = Pop3.answers[b"RETR"]
        assert callable(good)
        return b"-ERR disk trouble\r\n" if line == b"RETR 1" else good(line)

    server: Server = Imap({b"UID FETCH": fetching})
    if protocol == "pop3":
        server = Pop3({b"RETR": retrieving})
    with server:
        source = open_source(server.place(protocol), SECRETS)
        one, other = source.waiting({})
        with pytest.raises(Unreadable) as caught:
            source.read(one.key, 1_000)
        assert "disk trouble" in caught.value.technical
        assert source.read(other.key, 1_000) == MESSAGES[2]
        source.close()


def test_what_comes_unasked_does_no_harm() -> None:
    """Flags, counts, a BODY of another message, literals, an alert."""

    def fetching(line: bytes) -> bytes:
        good = Imap.answers[b"UID FETCH"]
        assert callable(good)
        noise = b"* 3 EXISTS\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* OK [ALERT] disk \x07full\r\n"
        noise += b"* LIST () {3}\r\n/ab {2}\r\nxy\r\n* FLAGS (a b)\r\n* 9 EXPUNGE\r\n"
        if b"BODY" in line:
            noise += b"* 9 FETCH (UID 9 BODY[]<0> {4}\r\nevil)\r\n"
        return noise + good(line)

    with Imap({b"UID FETCH": fetching}) as server:
        assert list(session(server, "imap").values()) == list(MESSAGES.values())
        source = open_source(server.place("imap"), SECRETS)
        [*source.waiting({})]
        assert source.count() == 2
        source.close()


def test_an_alert_is_shown_to_people() -> None:
    """RFC 3501 7.1: it must be."""
    alert = b"* OK [ALERT] The mailbox is \x1bnearly full\r\n"
    with Imap({b"CAPABILITY": alert + b"* CAPABILITY IMAP4rev1\r\n$ OK\r\n"}) as server:
        source = open_source(server.place("imap"), SECRETS)
        source.close()
    assert list(source.warnings) == ["The server says: The mailbox is ?nearly full"]


@pytest.mark.parametrize(
    "body",
    [b'BODY[]<0> "a\\"b\\\\c"', b'BODY[] {5}\r\na"b\\c', b'body[]<0> {5}\r\na"b\\c FLAGS ()'],
)
def test_other_ways_to_send_a_message(body: bytes) -> None:
    """As a quoted string, without the partial's origin, with other items behind it."""

    def fetching(line: bytes) -> bytes:
        good = Imap.answers[b"UID FETCH"]
        assert callable(good)
        return b"* 1 FETCH (%b UID 1)\r\n$ OK\r\n" % body if b"BODY" in line else good(line)

    with Imap({b"UID FETCH": fetching}) as server:
        source = open_source(server.place("imap"), SECRETS)
        one = source.waiting({})[0]
        assert source.read(one.key, 1_000) == b'a"b\\c'
        source.close()


def test_nobody_listens() -> None:
    server = Imap()
    with server:
        place = server.place("imap", login=Login(user="u"))
    with pytest.raises(ServerError) as caught:
        open_source(place, SECRETS)
    assert (caught.value.step, caught.value.permanent) == ("connect", False)
    assert str(place.port) in caught.value.text


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 300, "ä" * 100])
def test_a_name_that_nobody_knows(host: str) -> None:
    with Imap() as server, pytest.raises(ServerError) as caught:
        open_source(server.place("imap", host=host), SECRETS)
    assert caught.value.step == "name"
