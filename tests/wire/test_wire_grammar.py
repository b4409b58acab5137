"""Each command, good and bad, becomes a typed value or a short reason."""

from __future__ import annotations

import datetime

import pytest

from imapgate.wire import commands as c
from imapgate.wire.grammar import BadCommand, GrammarLimits, Literal, Parsed, parse, peek
from imapgate.wire.numbers import STAR, NumberSet

LIMITS = GrammarLimits(nesting=5, sequence_ranges=10, search_keys=12, keyword=8, folder_name=20)
ONE = NumberSet(((1, 1),))
ALL = NumberSet(((1, STAR),))


def command(text: bytes, *rest: bytes | Literal) -> c.Command:
    parsed = parse([b"a7 " + text, *rest], LIMITS)
    assert parsed.tag == b"a7"
    return parsed.command


def reason(text: bytes, *rest: bytes | Literal) -> str:
    with pytest.raises(BadCommand) as caught:
        parse([b"a7 " + text, *rest], LIMITS)
    assert caught.value.tag == b"a7"
    return caught.value.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"CAPABILITY", c.Capability()),
        (b"NOOP", c.Noop()),
        (b"noop  \t", c.Noop()),
        (b"LoGoUt", c.Logout()),
        (b"STARTTLS", c.StartTls()),
        (b"NAMESPACE", c.Namespace()),
        (b"IDLE", c.Idle()),
        (b"CHECK", c.Check()),
        (b"CLOSE", c.Close()),
        (b"UNSELECT", c.Unselect()),
        (b"EXPUNGE", c.Expunge()),
        (b"UID EXPUNGE 1", c.Expunge(ONE)),
        (b"uid expunge 1:*", c.Expunge(ALL)),
        (b"ENABLE condstore X=y", c.Enable((b"CONDSTORE", b"X=Y"))),
        (b"ID NIL", c.Id(None)),
        (b"ID nil ", c.Id(None)),
        (b"ID ()", c.Id(())),
        (b'ID ("name" "x y" "os" NIL)', c.Id(((b"name", b"x y"), (b"os", None)))),
        (b"LOGIN alice@Standard demo", c.Login(b"alice@Standard", b"demo")),
        (b'LOGIN "a b" "q\\"\\\\"', c.Login(b"a b", b'q"\\')),
        (b'LOGIN "\xc3\xa4" ""', c.Login(b"\xc3\xa4", b"")),
        (b"LOGIN a] NIL", c.Login(b"a]", b"NIL")),
        (b"AUTHENTICATE plain", c.Authenticate(b"PLAIN", None)),
        (b"AUTHENTICATE PLAIN =", c.Authenticate(b"PLAIN", b"")),
        (b"AUTHENTICATE PLAIN AGEAYg==", c.Authenticate(b"PLAIN", b"\x00a\x00b")),
        (b"SELECT inbOX", c.Select("INBOX")),
        (b'SELECT "inbox"', c.Select("INBOX")),
        (b"EXAMINE Entw&APw-rfe", c.Examine("Entwürfe")),
        (b'CREATE "B&APw-ro &- Ablage"', c.Create("Büro & Ablage")),
        ('CREATE "Büro & Ablage"'.encode(), c.Create("Büro & Ablage")),
        ("CREATE Büro".encode(), c.Create("Büro")),
        (b"CREATE R&D", c.Create("R&D")),
        (b'CREATE "a/ "', c.Create("a/ ")),
        (b'DELETE ""', c.Delete("")),
        (b"RENAME a] NIL", c.Rename("a]", "NIL")),
        (b"SUBSCRIBE x", c.Subscribe("x")),
        (b"UNSUBSCRIBE x", c.Unsubscribe("x")),
        (b"MYRIGHTS INBOX", c.MyRights("INBOX")),
        (b'LIST "" *', c.List("", ("*",))),
        (b'LIST "" ""', c.List("", ("",))),
        (b"LIST a/ %/b*]", c.List("a/", ("%/b*]",))),
        (b'LSUB "" "INBOX/%"', c.Lsub("", "INBOX/%")),
        (b"STATUS x (unseen MESSAGES)", c.Status("x", (b"UNSEEN", b"MESSAGES"))),
        (b"STATUS x (UIDNEXT UIDNEXT APPENDLIMIT )", c.Status("x", (b"UIDNEXT", b"APPENDLIMIT"))),
        (b"COPY 1 Trash", c.Copy(ONE, "Trash", False)),
        (b'uid copy 1:* "a b"', c.Copy(ALL, "a b", True)),
        (b"MOVE 1 inbox", c.Move(ONE, "INBOX", False)),
        (b"UID MOVE 3:1,* x", c.Move(NumberSet(((3, 1), (STAR, STAR))), "x", True)),
        (b"STORE 1 FLAGS (\\Seen x)", c.Store(ONE, False, b"", False, (b"\\Seen", b"x"))),
        (b"STORE 1 FLAGS ()", c.Store(ONE, False, b"", False, ())),
        (b"STORE 1 +flags \\Seen x", c.Store(ONE, False, b"+", False, (b"\\Seen", b"x"))),
        (b"UID STORE 1 -FLAGS.silent (x)", c.Store(ONE, True, b"-", True, (b"x",))),
        (b"STORE 1 FLAGS(x)", c.Store(ONE, False, b"", False, (b"x",))),
    ],
)
def test_a_command_becomes_a_value(text: bytes, expected: c.Command) -> None:
    assert command(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(b"FOO", b"", b" ", b"NOOP x", b"NOOPx", b"UID", b"UID NOOP", b"UID FETCH", b"\x00"),
        *(b"NOOP\x00", b"NOOP\r", b"NOOP\n", b"LOGOUT now", b"CHECK 1", b"IDLE x", b"CLOSE x"),
        *(b"ID", b"ID x", b"ID (", b'ID ("a")', b'ID ("a" "b" "c")', b'ID "a" "b"'),
        *(b"ENABLE", b"ENABLE (x)", b"LOGIN", b"LOGIN a", b"LOGIN a ", b"LOGIN a b c"),
        *(b'LOGIN "a', b'LOGIN "a\\b" c', b'LOGIN "a"b', b"LOGIN a{ b", b"LOGIN \xe4 b"),
        *(b"AUTHENTICATE", b"AUTHENTICATE PLAIN x", b"AUTHENTICATE PLAIN AA==A", b"SELECT"),
        *(b"SELECT a b", b"SELECT *", b"SELECT a(b", b'SELECT "\x00"', b"SELECT \xff"),
        *(b'SELECT "\xff"', b"RENAME a", b"RENAME a b c", b"LIST", b"LIST a", b"LSUB (x) a b"),
        *(b'LIST "" * x', b'LIST "" * RETURN'),
        *(b'LIST "" ' + b"*" * 21, b"STATUS x", b"STATUS x ()", b"STATUS x (FOO)"),
        *(b"STATUS x UNSEEN", b"STATUS x (UNSEEN", b"MYRIGHTS", b"APPEND", b"APPEND x"),
        *(b'APPEND x "text"', b"APPEND x (\\Seen)", b"EXPUNGE 1", b"UID EXPUNGE", b"UID EXPUNGE x"),
        *(b"COPY 1", b"COPY 0 x", b"COPY x", b"COPY 1, x", b"COPY 4294967296 x", b"MOVE 1 a b"),
        *(b"COPY 1,2,3,4,5,6,7,8,9,10,11 x", b"STORE 1", b"STORE 1 FLAGS", b"STORE 1 FLAGS "),
        *(b"STORE 1 FLAG (x)", b"STORE 1 FLAGSX (x)", b"STORE 1 FLAGS (x", b"STORE 1 FLAGS (\\*)"),
        *(b"STORE 1 FLAGS (x) y", b"STORE 1 FLAGS ((x))", b"STORE 1 *FLAGS (x)"),
        *(b"STORE 1 FLAGS (" + b"k" * 9 + b")", b"STORE 1 FLAGS (a]b)"),
    ],
)
def test_bad_syntax_has_a_short_reason(text: bytes) -> None:
    assert 10 < len(reason(text)) < 160


@pytest.mark.parametrize(
    "line", [b"", b" ", b" NOOP", b"+ NOOP", b"a+b NOOP", b"(a) NOOP", b"\xe4 x"]
)
def test_a_line_without_a_tag_has_none_to_answer_under(line: bytes) -> None:
    with pytest.raises(BadCommand) as caught:
        parse([line], LIMITS)
    assert caught.value.tag is None
    assert peek(line)[0] is None


def test_no_parts_at_all_are_bad() -> None:
    with pytest.raises(BadCommand):
        parse([], LIMITS)
    with pytest.raises(BadCommand):
        parse([Literal(b"x")], LIMITS)
    with pytest.raises(BadCommand):
        parse([b"a LOGIN ", Literal(b"x"), Literal(b"y")], LIMITS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"NOOP x", "Expected the end of the command at character 8"),
        (b"SELECT", "Expected a blank and a mailbox name at the end"),
        (b"FROB x", "Expected a known command at character 4"),
        (b"FETCH 1 (FLAGS FOO)", "Expected a FETCH item at character 19"),
        (b"FETCH 1 BODY[]<0.0>", "Expected the octets of a partial from 1 to 4294967295"),
    ],
)
def test_a_reason_says_what_and_where(text: bytes, said: str) -> None:
    assert reason(text).startswith(said)


def test_a_reason_after_a_literal_counts_characters_of_text_only() -> None:
    assert (
        reason(b"LOGIN ", Literal(b"bob"), b"x")
        == "Expected a blank and a password at character 10"
    )
    assert "before the literal" in reason(b"NOOP", Literal(b"x"), b"")


@pytest.mark.parametrize(
    "parts",
    [
        [b"LOGIN alice s3cr3t s3cr3t"],
        [b'LOGIN alice "s3cr3t'],
        [b"LOGIN alice s3cr3t(", Literal(b"s3cr3t"), b""],
        [b"LOGIN alice ", Literal(b"s3cr3t\x00"), b""],
        [b"AUTHENTICATE PLAIN s3cr3t!"],
        [b"s3cr3t"],
    ],
)
def test_a_reason_never_echoes_what_was_sent(parts: list[bytes | Literal]) -> None:
    said = reason(*parts)  # type: ignore[arg-type]
    assert "s3cr3t" not in said
    assert "alice" not in said


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([b"LOGIN ", Literal(b"a b"), b" ", Literal(b'"'), b""], c.Login(b"a b", b'"')),
        ([b"LOGIN ", Literal(b""), b' "x" '], c.Login(b"", b"x")),
        ([b"SELECT ", Literal(b"inbox"), b""], c.Select("INBOX")),
        ([b"SELECT ", Literal("Büro".encode()), b""], c.Select("Büro")),
        ([b"RENAME ", Literal(b"a"), b" ", Literal(b"b&-"), b" "], c.Rename("a", "b&")),
        ([b"LIST ", Literal(b""), b" ", Literal(b"a b*"), b""], c.List("", ("a b*",))),
        ([b"STATUS ", Literal(b"x"), b" (UNSEEN)"], c.Status("x", (b"UNSEEN",))),
        ([b"COPY 1 ", Literal(b"x y"), b""], c.Copy(ONE, "x y", False)),
        ([b"ID (", Literal(b"name"), b" ", Literal(b"x"), b")"], c.Id(((b"name", b"x"),))),
        (
            [b"FETCH 1 BODY[HEADER.FIELDS (", Literal(b"To"), b" Cc)]"],
            c.Fetch(
                ONE,
                False,
                (
                    c.BodyItem(
                        c.Section((), b"HEADER.FIELDS", (b"To", b"Cc")),
                        False,
                        b"BODY[HEADER.FIELDS (To Cc)]",
                    ),
                ),
            ),
        ),
        (
            [b"SEARCH CHARSET ", Literal(b"utf-8"), b" TO ", Literal("ü".encode()), b" SEEN"],
            c.Search(
                c.And((c.HasText(b"TO", "ü"), c.HasFlag(b"\\Seen", True))), False, charset=True
            ),
        ),
    ],
)
def test_literals_stand_wherever_strings_do(
    parts: list[bytes | Literal], expected: c.Command
) -> None:
    assert command(*parts) == expected  # type: ignore[arg-type]


def test_a_literal_is_not_taken_where_the_grammar_has_an_atom() -> None:
    for start in (b"", b"STORE 1 FLAGS ", b"ENABLE ", b"AUTHENTICATE ", b"FETCH ", b"SELECT ~"):
        reason(start, Literal(b"NOOP"), b"")


SUMMER = datetime.datetime(
    2026, 7, 1, 12, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=2))
)


@pytest.mark.parametrize(
    ("parts", "messages"),
    [
        ([b"APPEND x ", Literal(b"m"), b""], [((), None, b"m")]),
        ([b'APPEND "x" () ', Literal(b"m"), b"  "], [((), None, b"m")]),
        ([b"APPEND x (\\Seen $a) ", Literal(b""), b""], [((b"\\Seen", b"$a"), None, b"")]),
        ([b'APPEND x " 1-Jul-2026 12:00:00 +0200" ', Literal(b"m"), b""], [((), SUMMER, b"m")]),
        (
            [b'APPEND x (x) "1-JUL-2026 12:00:00 +0200" ', Literal(b"m\x00"), b""],
            [((b"x",), SUMMER, b"m\x00")],
        ),
        (
            [b"append x ", Literal(b"1"), b" (\\Draft) ", Literal(b"2"), b" ", Literal(b"3"), b" "],
            [((), None, b"1"), ((b"\\Draft",), None, b"2"), ((), None, b"3")],
        ),
        ([b"APPEND x (" + b"k" * 9 + b") ", Literal(b"m"), b""], [((b"k" * 9,), None, b"m")]),
    ],
)
def test_append_takes_one_message_or_several(
    parts: list[bytes | Literal],
    messages: list[tuple[tuple[bytes, ...], datetime.datetime | None, bytes]],
) -> None:
    expected = c.Append("x", tuple(c.AppendMessage(*message) for message in messages))
    assert command(*parts) == expected  # type: ignore[arg-type]


def test_append_takes_its_mailbox_as_a_literal_too() -> None:
    parts: list[bytes | Literal] = [Literal(b"In box"), b" ", Literal(b"m"), b""]
    expected = c.Append("In box", (c.AppendMessage((), None, b"m"),))
    assert command(b"APPEND ", *parts) == expected


@pytest.mark.parametrize(
    "parts",
    [
        [b"APPEND x ~ ", Literal(b"m"), b""],
        [b"APPEND x", Literal(b"m"), b""],
        [b"APPEND x ()", Literal(b"m"), b""],
        [b'APPEND x "1-Jul-26 12:00:00 +0200" ', Literal(b"m"), b""],
        [b'APPEND x "1-Jul-2026 12:00:00 +0200" () ', Literal(b"m"), b""],
        [b"APPEND x \\Seen ", Literal(b"m"), b""],
        [b"APPEND x ", Literal(b"m"), b" ()"],
        [b"APPEND x ", Literal(b"m"), b"() ", Literal(b"m"), b""],
        [b"APPEND x UTF8 (", Literal(b"m"), b")"],
        [b"APPEND x UTF8 ~", Literal(b"m"), b""],
        [b"APPEND x UTF8 (~", Literal(b"m"), b""],
        [b"APPEND x UTF8(~", Literal(b"m"), b") ("],
    ],
)
def test_a_bad_append_is_bad(parts: list[bytes | Literal]) -> None:
    reason(*parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (b"a APPEND x ", (b"a", b"APPEND")),
        (b"a append", (b"a", b"APPEND")),
        (b"a1 uid  search CHARSET ", (b"a1", b"UID SEARCH")),
        (b"a UID", (b"a", b"UID")),
        (b"a ", (b"a", b"")),
        (b"a", (b"a", b"")),
        (b"a APPEND(", (b"a", b"")),
        (b"", (None, b"")),
        (b"{5}", (None, b"")),
    ],
)
def test_peek_sees_tag_and_name_before_the_literals_come(
    line: bytes, seen: tuple[bytes | None, bytes]
) -> None:
    assert peek(line) == seen


def test_the_tag_travels_beside_the_command() -> None:
    assert parse([b"A.1-x]  NOOP"], LIMITS) == Parsed(b"A.1-x]", c.Noop())
