"""Lines as real clients send them, cut octet by octet on the way in."""

from __future__ import annotations

import datetime
import time

import pytest

from imapgate.wire.commands import (
    And,
    Append,
    Authenticate,
    BodyItem,
    Check,
    Command,
    Copy,
    Enable,
    Examine,
    Fetch,
    HasFlag,
    HasText,
    Id,
    Item,
    List,
    Login,
    Lsub,
    Move,
    MyRights,
    Search,
    Section,
    Select,
    Status,
    Store,
)
from imapgate.wire.framing import Framing, Line, LiteralEnd, LiteralHead, LiteralPart
from imapgate.wire.grammar import GrammarLimits, Literal, Parsed, parse
from imapgate.wire.numbers import MAX_NUMBER, STAR, NumberSet

LIMITS = GrammarLimits()


def received(stream: bytes) -> list[Parsed]:
    """The commands of a stream that arrives one octet at a time, every literal taken."""
    framing = Framing(65536)
    commands: list[Parsed] = []
    parts: list[bytes | Literal] = []
    literal = bytearray()
    for octet in stream:
        framing.feed(bytes([octet]))
        for event in framing.events():
            match event:
                case Line(text, last):
                    parts.append(text)
                    if last:
                        commands.append(parse(parts, LIMITS))
                        parts = []
                case LiteralHead():
                    framing.accept()
                case LiteralPart(octets):
                    literal += octets
                case LiteralEnd():
                    parts.append(Literal(bytes(literal)))
                    literal.clear()
                case other:
                    pytest.fail(f"unexpected {other}")
    assert parts == []
    return commands


def numbers(first: int, last: int) -> NumberSet:
    return NumberSet(((first, last),))


def header(fields: bytes) -> BodyItem:
    section = Section((), b"HEADER.FIELDS", tuple(fields.split()))
    return BodyItem(section, True, b"BODY[HEADER.FIELDS (%b)]" % fields)


THUNDERBIRD_HEADERS = (
    b"From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups "
    b"In-Reply-To Content-Type Reply-To Received"
)
WHOLE = BodyItem(Section(), True, b"BODY[]")
BOB = b"\x00bob\x00bob"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"4 authenticate PLAIN", Authenticate(b"PLAIN", None)),
        (
            b'6 ID ("name" "Thunderbird" "version" "153.7.0")',
            Id(((b"name", b"Thunderbird"), (b"version", b"153.7.0"))),
        ),
        (b'9 list "" "INBOX"', List("", ("INBOX",))),
        (b'10 select "Projects/Alpha"', Select("Projects/Alpha")),
        (b'11 myrights "Archive2024"', MyRights("Archive2024")),
        (b"12 UID fetch 6:* (FLAGS)", Fetch(numbers(6, STAR), True, (Item(b"FLAGS"),))),
        (
            b"13 UID fetch 1 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS ("
            + THUNDERBIRD_HEADERS
            + b")])",
            Fetch(
                numbers(1, 1),
                True,
                (
                    *(Item(b"UID"), Item(b"RFC822.SIZE"), Item(b"FLAGS")),
                    header(THUNDERBIRD_HEADERS),
                ),
            ),
        ),
        (
            b"14 UID fetch 1 (UID RFC822.SIZE BODY.PEEK[])",
            Fetch(numbers(1, 1), True, (Item(b"UID"), Item(b"RFC822.SIZE"), WHOLE)),
        ),
        (b'15 uid move 3 "Trash"', Move(numbers(3, 3), "Trash", True)),
        (b'16 uid copy 2 "Projects"', Copy(numbers(2, 2), "Projects", True)),
        (
            b"17 uid store 4 +Flags (\\Seen \\Deleted)",
            Store(numbers(4, 4), True, b"+", False, (b"\\Seen", b"\\Deleted")),
        ),
        (
            b"18 uid store 3 +FLAGS ($label1)",
            Store(numbers(3, 3), True, b"+", False, (b"$label1",)),
        ),
        (
            b'19 uid SEARCH UNDELETED BODY "needle12"',
            Search(And((HasFlag(b"\\Deleted", False), HasText(b"BODY", "needle12"))), True),
        ),
    ],
)
def test_thunderbird(line: bytes, expected: Command) -> None:
    assert [parsed.command for parsed in received(line + b"\r\n")] == [expected]


def test_thunderbird_drops_with_a_plus_literal() -> None:
    message = b"From: Ext Sender <ext1@example.net>\r\nSubject: {5+}\r\n\r\nbody\r\n"
    line = b'20 append "Projects" (\\Seen $Forwarded) "06-Jan-2025 10:01:00 +0200" {%d+}\r\n'
    (parsed,) = received(line % len(message) + message + b"\r\n")
    assert isinstance(parsed.command, Append)
    assert parsed.tag == b"20"
    assert parsed.command.messages[0].content == message
    assert parsed.command.messages[0].flags == (b"\\Seen", b"$Forwarded")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'1 LOGIN "bob" "bob"', Login(b"bob", b"bob")),
        (b'4 SELECT "Projects"', Select("Projects")),
        (
            b"5 UID FETCH 1:7 (UID FLAGS)",
            Fetch(numbers(1, 7), True, (Item(b"UID"), Item(b"FLAGS"))),
        ),
        (b"6 UID FETCH 6 (BODY.PEEK[])", Fetch(numbers(6, 6), True, (WHOLE,))),
        (
            b"8 UID STORE 7 +FLAGS.SILENT (\\Deleted)",
            Store(numbers(7, 7), True, b"+", True, (b"\\Deleted",)),
        ),
    ],
)
def test_mbsync(line: bytes, expected: Command) -> None:
    assert [parsed.command for parsed in received(line + b"\r\n")] == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"A002 AUTHENTICATE PLAIN AGJvYgBib2I=", Authenticate(b"PLAIN", BOB)),
        (b"A003 SELECT INBOX", Select("INBOX")),
        (
            b"A004 UID FETCH 1 BODY[]",
            Fetch(numbers(1, 1), True, (BodyItem(Section(), False, b"BODY[]"),)),
        ),
    ],
)
def test_curl(line: bytes, expected: Command) -> None:
    assert [parsed.command for parsed in received(line + b"\r\n")] == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"ABCD1 EXAMINE INBOX", Examine("INBOX")),
        (b'ABCD2 LIST "" ""', List("", ("",))),
        (
            b"ABCD3 FETCH 1:* (FLAGS UID INTERNALDATE)",
            Fetch(numbers(1, STAR), False, (Item(b"FLAGS"), Item(b"UID"), Item(b"INTERNALDATE"))),
        ),
        (b"ABCD4 CHECK", Check()),
    ],
)
def test_offlineimap(line: bytes, expected: Command) -> None:
    assert [parsed.command for parsed in received(line + b"\r\n")] == [expected]


def test_offlineimap_appends_with_empty_flags_and_a_date() -> None:
    (parsed,) = received(b'X5 APPEND Projects () "20-Nov-2026 12:45:35 +0000" {4}\r\nm\r\n\r\r\n')
    assert isinstance(parsed.command, Append)
    (message,) = parsed.command.messages
    assert message.content == b"m\r\n\r"
    assert message.date == datetime.datetime(2026, 11, 20, 12, 45, 35, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"a0001 ENABLE UTF8=ACCEPT", Enable((b"UTF8=ACCEPT",))),
        (
            b'a0002 STATUS "Projects" (UIDNEXT UIDVALIDITY UNSEEN RECENT MESSAGES)',
            Status("Projects", (b"UIDNEXT", b"UIDVALIDITY", b"UNSEEN", b"RECENT", b"MESSAGES")),
        ),
        (b'a0003 LSUB "" "*"', Lsub("", "*")),
        (
            b"a0004 FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE "
            b"BODY.PEEK[HEADER.FIELDS (DATE FROM LIST-POST X-LABEL)])",
            Fetch(
                numbers(1, 3),
                False,
                (
                    *(Item(b"UID"), Item(b"FLAGS"), Item(b"INTERNALDATE"), Item(b"RFC822.SIZE")),
                    header(b"DATE FROM LIST-POST X-LABEL"),
                ),
            ),
        ),
        (b"a0005 UID FETCH 2 BODY.PEEK[]", Fetch(numbers(2, 2), True, (WHOLE,))),
    ],
)
def test_neomutt(line: bytes, expected: Command) -> None:
    assert [parsed.command for parsed in received(line + b"\r\n")] == [expected]


def test_imaplib_sends_bare_names_and_search_literals() -> None:
    stream = (
        b'JKLM1 LOGIN alice@Standard "demo"\r\n'
        b'JKLM2 LIST "" *\r\n'
        b"JKLM3 SEARCH CHARSET UTF-8 SUBJECT {5}\r\nB\xc3\xbcro\r\n"
        b"JKLM4 FETCH 1 (RFC822)\r\n"
    )
    login, listed, searched, fetched = (parsed.command for parsed in received(stream))
    assert login == Login(b"alice@Standard", b"demo")
    assert listed == List("", ("*",))
    assert searched == Search(HasText(b"SUBJECT", "Büro"), False, charset=True)
    assert fetched == Fetch(numbers(1, 1), False, (BodyItem(Section(), False, b"RFC822"),))


def test_apple_mail_mixes_single_numbers_and_ranges() -> None:
    (parsed,) = received(b"9.1 UID FETCH 1,3:5,9,12:4294967295 (FLAGS UID)\r\n")
    assert isinstance(parsed.command, Fetch)
    assert parsed.command.numbers.ranges == ((1, 1), (3, 5), (9, 9), (12, MAX_NUMBER))


def test_a_line_full_of_numbers_is_read_without_delay() -> None:
    """Thunderbird and Apple Mail send 20-40 kB of numbers in one line; a quadratic reading of it
    takes seconds, a linear one some milliseconds."""
    written = b",".join(b"%d" % uid for uid in range(10_000, 23_000, 2))
    started = time.process_time()
    parsed = parse([b"a UID FETCH " + written + b" (FLAGS)"], LIMITS)
    assert isinstance(parsed.command, Fetch)
    found = parsed.command.numbers.among_uids(range(1, 100_000))
    assert time.process_time() - started < 0.5
    assert found == list(range(10_000, 23_000, 2))
