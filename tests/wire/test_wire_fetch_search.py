"""FETCH's items and SEARCH's keys."""

from __future__ import annotations

import datetime

import pytest

from imapgate.wire.commands import (
    And,
    BodyItem,
    Everything,
    Fetch,
    HasDate,
    HasFlag,
    HasSize,
    HasText,
    InNumbers,
    Item,
    Not,
    Or,
    Search,
    SearchKey,
    Section,
)
from imapgate.wire.grammar import BadCharset, BadCommand, GrammarLimits, parse
from imapgate.wire.numbers import STAR, NumberSet

LIMITS = GrammarLimits(nesting=5, search_keys=12)
FAST = (Item(b"FLAGS"), Item(b"INTERNALDATE"), Item(b"RFC822.SIZE"))


def fetched(items: bytes) -> tuple[Item | BodyItem, ...]:
    found = parse([b"a FETCH 1 " + items], LIMITS).command
    assert isinstance(found, Fetch)
    by_uid = parse([b"a uid fetch 1 " + items], LIMITS).command
    assert by_uid == Fetch(found.numbers, True, found.items)
    return found.items


def searched(keys: bytes) -> SearchKey:
    found = parse([b"a SEARCH " + keys], LIMITS).command
    assert isinstance(found, Search)
    by_uid = Search(found.key, True, charset=keys.upper().startswith(b"CHARSET"))
    assert parse([b"a UID SEARCH " + keys], LIMITS).command == by_uid
    return found.key


def body(label: bytes, section: Section, peek: bool = False, **more: tuple[int, int]) -> BodyItem:
    return BodyItem(section, peek, label, **more)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (b"FAST", FAST),
        (b"all", (*FAST, Item(b"ENVELOPE"))),
        (b"FULL", (*FAST, Item(b"ENVELOPE"), Item(b"BODY"))),
        (b"FLAGS", (Item(b"FLAGS"),)),
        (b"(uid FLAGS)", (Item(b"UID"), Item(b"FLAGS"))),
        (b"UID FLAGS", (Item(b"UID"), Item(b"FLAGS"))),
        (b"( FLAGS FLAGS )", (Item(b"FLAGS"),)),
        (b"(BODY BODYSTRUCTURE)", (Item(b"BODY"), Item(b"BODYSTRUCTURE"))),
        (b"RFC822.size", (Item(b"RFC822.SIZE"),)),
    ],
)
def test_items_without_sections(text: bytes, items: tuple[Item, ...]) -> None:
    assert fetched(text) == items


@pytest.mark.parametrize(
    ("text", "item"),
    [
        (b"RFC822", body(b"RFC822", Section())),
        (b"rfc822.header", body(b"RFC822.HEADER", Section(text=b"HEADER"), peek=True)),
        (b"RFC822.TEXT", body(b"RFC822.TEXT", Section(text=b"TEXT"))),
        (b"BODY[]", body(b"BODY[]", Section())),
        (b"body.peek[]", body(b"BODY[]", Section(), peek=True)),
        (b"BODY[]<0.1024>", body(b"BODY[]", Section(), partial=(0, 1024))),
        (b"BODY[1]", body(b"BODY[1]", Section((1,)))),
        (b"BODY[1.2.mime]", body(b"BODY[1.2.MIME]", Section((1, 2), b"MIME"))),
        (b"BODY[header]", body(b"BODY[HEADER]", Section((), b"HEADER"))),
        (b"BODY[2.TEXT]<7.1>", body(b"BODY[2.TEXT]", Section((2,), b"TEXT"), partial=(7, 1))),
        (
            b"BODY.PEEK[HEADER.FIELDS (From To)]",
            body(
                b"BODY[HEADER.FIELDS (From To)]",
                Section((), b"HEADER.FIELDS", (b"From", b"To")),
                peek=True,
            ),
        ),
        (
            b'BODY[3.header.fields.not ("x" "a b" nil)]',
            body(
                b'BODY[3.HEADER.FIELDS.NOT (x "a b" "nil")]',
                Section((3,), b"HEADER.FIELDS.NOT", (b"x", b"a b", b"nil")),
            ),
        ),
        (
            b"BODY[HEADER.FIELDS(To)]",
            body(b"BODY[HEADER.FIELDS (To)]", Section((), b"HEADER.FIELDS", (b"To",))),
        ),
        (
            b"BODY[HEADER.FIELDS ()]",
            body(b"BODY[HEADER.FIELDS ()]", Section((), b"HEADER.FIELDS", ())),
        ),
    ],
)
def test_items_with_sections(text: bytes, item: BodyItem) -> None:
    assert fetched(text) == (item,)
    assert fetched(b"(FLAGS " + text + b" UID)") == (Item(b"FLAGS"), item, Item(b"UID"))


@pytest.mark.parametrize(
    "items",
    [
        *(b"", b"()", b"(", b"(FLAGS", b"FLAGS)", b"FOO", b"(ALL)", b"ALL FLAGS", b"((FLAGS))"),
        *(b"BODY[", b"BODY[]x", b"BODY[0]", b"BODY[01]", b"BODY[1.]", b"BODY[.1]", b"BODY[1..2]"),
        *(b"BODY[MIME]", b"BODY[TEXT.1]", b"BODY[FOO]", b"BODY[1.FOO]", b"BODY[HEADERS]"),
        *(b"BODY[HEADER.FIELDS]", b"BODY[HEADER.FIELDS To]", b"BODY[HEADER.FIELDS (To]"),
        *(b"BODY[]<>", b"BODY[]<0>", b"BODY[]<0.0>", b"BODY[]<0.1", b"BODY[]<-1.1>"),
        *(b"BODY[]<4294967296.1>", b"BODY[]<0.4294967296>", b"BODY[4294967296]", b"BODY.PEEK"),
        *(b"FLAGS[]", b"RFC822[]", b"BODYSTRUCTURE[]", b"FLAGS,UID", b"BODY []"),
    ],
)
def test_bad_items_are_bad(items: bytes) -> None:
    with pytest.raises(BadCommand):
        parse([b"a FETCH 1 " + items], LIMITS)


SEEN = HasFlag(b"\\Seen", True)
DAY = datetime.date(1994, 2, 1)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b"ALL", Everything()),
        (b"answered", HasFlag(b"\\Answered", True)),
        (b"UNANSWERED", HasFlag(b"\\Answered", False)),
        (b"DELETED", HasFlag(b"\\Deleted", True)),
        (b"UNDELETED", HasFlag(b"\\Deleted", False)),
        (b"DRAFT", HasFlag(b"\\Draft", True)),
        (b"UNDRAFT", HasFlag(b"\\Draft", False)),
        (b"FLAGGED", HasFlag(b"\\Flagged", True)),
        (b"UNFLAGGED", HasFlag(b"\\Flagged", False)),
        (b"SEEN", SEEN),
        (b"UNSEEN", HasFlag(b"\\Seen", False)),
        (b"RECENT", HasFlag(b"\\Recent", True)),
        (b"OLD", HasFlag(b"\\Recent", False)),
        (b"NEW", And((HasFlag(b"\\Recent", True), HasFlag(b"\\Seen", False)))),
        (b"KEYWORD $Forwarded", HasFlag(b"$Forwarded", True)),
        (b"UNKEYWORD x", HasFlag(b"x", False)),
        (b"FROM smith", HasText(b"FROM", "smith")),
        (b"TO x", HasText(b"TO", "x")),
        (b"CC x", HasText(b"CC", "x")),
        (b"BCC x", HasText(b"BCC", "x")),
        (b'SUBJECT "a \\"b\\""', HasText(b"SUBJECT", 'a "b"')),
        (b"BODY x", HasText(b"BODY", "x")),
        (b'TEXT ""', HasText(b"TEXT", "")),
        (b'HEADER Message-ID "<a@b>"', HasText(b"MESSAGE-ID", "<a@b>")),
        (b'HEADER X-Y ""', HasText(b"X-Y", "")),
        (b"HEADER Text x", HasText(b"text", "x")),
        (b"BEFORE 1-Feb-1994", HasDate(b"BEFORE", DAY, False)),
        (b'ON "01-FEB-1994"', HasDate(b"ON", DAY, False)),
        (b"SINCE 1-Feb-1994", HasDate(b"SINCE", DAY, False)),
        (b"SENTBEFORE 1-Feb-1994", HasDate(b"BEFORE", DAY, True)),
        (b"SENTON 1-Feb-1994", HasDate(b"ON", DAY, True)),
        (b"sentsince 1-Feb-1994", HasDate(b"SINCE", DAY, True)),
        (b"LARGER 0", HasSize(0, True)),
        (b"SMALLER 4294967295", HasSize(4294967295, False)),
        (b"2:4,*", InNumbers(NumberSet(((2, 4), (STAR, STAR))), False)),
        (b"* SEEN", And((InNumbers(NumberSet(((STAR, STAR),)), False), SEEN))),
        (b"UID 7", InNumbers(NumberSet(((7, 7),)), True)),
        (b"NOT SEEN", Not(SEEN)),
        (b"NOT NOT SEEN", Not(Not(SEEN))),
        (b"OR SEEN ALL", Or(SEEN, Everything())),
        (b"OR OR SEEN ALL (SEEN ALL)", Or(Or(SEEN, Everything()), And((SEEN, Everything())))),
        (b"(SEEN)", SEEN),
        (b"((SEEN (ALL)) ALL)", And((And((SEEN, Everything())), Everything()))),
        (b"NOT (SEEN ALL) SEEN ", And((Not(And((SEEN, Everything()))), SEEN))),
        (b"CHARSET us-ascii SEEN", SEEN),
        ('charset "UTF-8" FROM "ü"'.encode(), HasText(b"FROM", "ü")),
        ('FROM "ü"'.encode(), HasText(b"FROM", "ü")),
    ],
)
def test_keys(text: bytes, key: SearchKey) -> None:
    assert searched(text) == key


@pytest.mark.parametrize(
    "keys",
    [
        *(b"", b"()", b"(", b"(SEEN", b"SEEN)", b"FOO", b"SEENX", b"SEEN,ALL", b"NOT", b"OR SEEN"),
        *(b"OR", b"FROM", b"FROM ", b"HEADER x", b"KEYWORD", b"KEYWORD \\Seen", b"LARGER"),
        *(b"LARGER x", b"LARGER 4294967296", b"SINCE 1-Feb-94", b"SINCE 31-Feb-1994", b"UID"),
        *(b"UID x", b"0", b"1:", b"4294967296", b"CHARSET UTF-8", b"CHARSET", b"RETURN ALL"),
        *(b'CHARSET UTF-8 FROM "\xff"', b"BEFORE yesterday", b"SEEN(ALL)", b"NOT(SEEN"),
        *(b"((((((SEEN))))))", b"NOT " * 6 + b"SEEN", b"OR " * 6 + b"SEEN " * 7),
        b"SEEN " * 13,
    ],
)
def test_bad_keys_are_bad(keys: bytes) -> None:
    with pytest.raises(BadCommand) as caught:
        parse([b"a SEARCH " + keys], LIMITS)
    assert not isinstance(caught.value, BadCharset)
    assert caught.value.tag == b"a"


def test_nesting_and_keys_up_to_the_limit_pass() -> None:
    assert searched(b"(((((SEEN)))))") == SEEN
    assert searched(b"SEEN " * 12) == And((SEEN,) * 12)


@pytest.mark.parametrize("charset", [b"ISO-8859-1", b'"KOI8-R"', b"UTF-7"])
def test_an_unknown_charset_is_told_apart(charset: bytes) -> None:
    with pytest.raises(BadCharset) as caught:
        parse([b"a SEARCH CHARSET " + charset + b" ALL"], LIMITS)
    assert caught.value.tag == b"a"
