"""What a trace shows of a dialogue: enough to find a fault, nothing that is secret."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.wire.grammar import GrammarLimits, Literal
from imapgate.wire.masking import Answers, announced, command
from imapgate.wire.responses import quoted_or_literal

LIMITS = GrammarLimits()
SECRET = "Zq7secret"


def _command(*parts: str | bytes) -> str:
    """Texts and, as bytes, literals."""
    made = [Literal(one) if isinstance(one, bytes) else one.encode() for one in parts]
    return command(made, LIMITS)[1]


def _answers(text: bytes, tag: bytes | None = b"a", piece: int = 1 << 20) -> list[str]:
    answers = Answers()
    answers.tag = tag
    lines = []
    for at in range(0, len(text), piece):
        lines.extend(answers.feed(text[at : at + piece]))
    return lines


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((f"a LOGIN alice@Standard {SECRET}",), "a LOGIN ..."),
        ((f'a login "alice@Standard" "{SECRET}"',), "a LOGIN ..."),
        (("a LOGIN ", b"alice", " ", SECRET.encode(), ""), "a LOGIN ..."),
        (("a AUTHENTICATE PLAIN AFpxN3NlY3JldABacTdzZWNyZXQ=",), "a AUTHENTICATE ..."),
        ((f"{SECRET}",), "(9 octets that are no command)"),
        ((f"{SECRET} {SECRET}",), "(19 octets that are no command)"),
        ((f"{SECRET} STORE {SECRET}",), "? STORE (25 octets, not understood)"),
        ((f'"{SECRET}',), "(10 octets that are no command)"),
        ((f'a SEARCH SUBJECT "{SECRET}"',), 'a SEARCH SUBJECT "..."'),
        ((f"a UID SEARCH OR FROM {SECRET} NOT (BODY {SECRET} SEEN)",),
         'a UID SEARCH OR FROM "..." NOT ( BODY "..." SEEN )'),
        ((f"a SEARCH HEADER Message-ID {SECRET} SINCE 1-Jan-2026 LARGER 10",),
         'a SEARCH HEADER Message-ID "..." SINCE 1-Jan-2026 LARGER 10'),
        (("a SEARCH CHARSET UTF-8 KEYWORD $Forwarded TEXT ", SECRET.encode(), " 1:*,5"),
         "a SEARCH CHARSET UTF-8 KEYWORD $Forwarded TEXT {9} ... 1:*,5"),
        ((f"a SEARCH KEYWORD SUBJECT TEXT {SECRET}",),
         'a SEARCH KEYWORD SUBJECT TEXT "..."'),
        ((f"HEADER SEARCH SUBJECT {SECRET}",),
         'HEADER SEARCH SUBJECT "..."'),
        ((f"text UID SEARCH UNKEYWORD body TO {SECRET}",),
         'text UID SEARCH UNKEYWORD body TO "..."'),
        ((f"a SEARCH RETURN (SAVE PARTIAL -1:-9) $ YOUNGER 60 SAVEDON 1-Feb-2026 TEXT {SECRET}",),
         'a SEARCH RETURN ( SAVE PARTIAL -1:-9 ) $ YOUNGER 60 SAVEDON 1-Feb-2026 TEXT "..."'),
        (("a SEARCH SUBJECT subject TEXT seen UNSEEN",),
         'a SEARCH SUBJECT "..." TEXT "..." UNSEEN'),
        ((f"a SORT (SUBJECT REVERSE FROM) UTF-8 SUBJECT {SECRET}",),
         'a SORT ( SUBJECT REVERSE FROM ) UTF-8 SUBJECT "..."'),
        ((f"a UID SORT RETURN (PARTIAL 1:2) (TO) UTF-8 TO {SECRET} FROM {SECRET}",),
         'a UID SORT RETURN ( PARTIAL 1:2 ) ( TO ) UTF-8 TO "..." FROM "..."'),
        ((f"a SORT (SUBJECT TO) US-ASCII TEXT {SECRET}",),
         'a SORT ( SUBJECT TO ) US-ASCII TEXT "..."'),
        (("a SORT (TO) ", b"UTF-8", " TEXT ", SECRET.encode(), ""),
         "a SORT ( TO ) {5} ... TEXT {9} ..."),
        ((f"text UID THREAD REFERENCES UTF-8 TEXT {SECRET}",),
         'text UID THREAD REFERENCES UTF-8 TEXT "..."'),
        (('a APPEND "Trackers/Support" (\\Seen) ', SECRET.encode(), ""),
         'a APPEND "Trackers/Support" (\\Seen) {9} ...'),
        (("a UID REPLACE 7 Drafts (\\Draft) UTF8 (~", SECRET.encode(), ")"),
         "a UID REPLACE 7 Drafts (\\Draft) UTF8 (~{9} ...)"),
        (('a ID ("name" "Thunderbird")',), 'a ID ("name" "Thunderbird")'),
        (('a SELECT "Trackers/B&APw-ro &- Ablage"',), 'a SELECT "Trackers/B&APw-ro &- Ablage"'),
        (("a UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])",),
         "a UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"),
        (("a CREATE ", "gr\u00fc\u2028\r\n".encode(), ""), "a CREATE {9} ..."),
        (("a UID STORE 7 +FLAGS.SILENT (\\Deleted $Work)",),
         "a UID STORE 7 +FLAGS.SILENT (\\Deleted $Work)"),
    ],
)  # fmt: skip
def test_commands(parts: tuple[str | bytes, ...], shown: str) -> None:
    """Secrets, searched words and literals go; names of folders, flags, numbers and ID stay."""
    assert _command(*parts) == shown


def test_an_announced_message_shows_where_it_goes() -> None:
    """Before its first octet has come."""
    parts = [b"a APPEND Trackers/Support "]
    assert announced(parts, 1234, LIMITS) == (b"a", "a APPEND Trackers/Support {1234}")
    for line in (b"a APPEND x ~", b"a APPEND x UTF8 (~", b"a REPLACE 1 x (\\Seen) UTF8 (~"):
        assert announced([line], 1234, LIMITS) == (b"a", line.decode() + "{1234}")
    tag, said = announced([f"{SECRET} APPEND ( ".encode()], 5, LIMITS)
    assert tag is None
    assert SECRET not in said


ANSWER = (
    b'* 1 FETCH (UID 7 FLAGS (\\Seen $Work) INTERNALDATE "17-Jul-1996 02:44:25 -0700"'
    b' SAVEDATE " 1-Jan-2015 17:50:53 +0000"'
    b' ENVELOPE ("Wed" "Zq7 \\"s\\\\" (("Zq7" NIL "x" "y")) NIL {4}\r\nZq7\n)'
    b' BODY[1] {19}\r\n* 2 FETCH ("Zq7")\r\n)) BODY[TEXT] "Zq7" BINARY[2]<0> ~{5}\r\nZ\0q7\n)\r\n'
    b'* LIST (\\HasNoChildren) "/" "Trackers/VIP {5}"\r\n'
    b"* SEARCH 1 2 3\r\n"
    b"* OK [PERMANENTFLAGS (\\*)] Flags that are kept.\r\n"
    b"a OK Saved in x{5}\r\n"
    b"+ go on {7}\r\n"
    b"a NO [CANNOT] Not filed.\r\n"
)
SHOWN = [
    '* 1 FETCH (UID 7 FLAGS (\\Seen $Work) INTERNALDATE "17-Jul-1996 02:44:25 -0700"'
    ' SAVEDATE " 1-Jan-2015 17:50:53 +0000"'
    ' ENVELOPE ("..." "..." (("..." NIL "..." "...")) NIL {4} ...)'
    ' BODY[1] {19} ...)) BODY[TEXT] "..." BINARY[2]<0> ~{5} ...)',
    '* LIST (\\HasNoChildren) "/" "Trackers/VIP {5}"',
    "* SEARCH 1 2 3",
    "* OK [PERMANENTFLAGS (\\*)] Flags that are kept.",
    "a OK Saved in x{5}",
    "+ go on {7}",
    "a NO [CANNOT] Not filed.",
]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64, 1 << 20])
def test_answers_in_pieces_of_any_size(piece: int) -> None:
    """What stands in literals never looks like a line of its own; a text isn't taken for one."""
    assert _answers(ANSWER, piece=piece) == SHOWN


def test_a_tag_that_was_no_command_s_is_hidden() -> None:
    """A password that came out of turn is a tag to the server, which repeats it."""
    assert _answers(f"{SECRET} BAD Expected a command\r\n".encode(), tag=None) == [
        "? BAD Expected a command"
    ]


def test_a_long_answer_is_cut_and_nothing_leaks_at_the_cut() -> None:
    """Nor does what follows it get lost."""
    long = b"* 1 FETCH (ENVELOPE (" + b'"Zq7" ' * 5000 + b"))\r\na OK Done.\r\n"
    for piece in (1000, 1 << 20):
        lines = _answers(long, piece=piece)
        assert len(lines[0]) < 5000
        assert "Zq7" not in "".join(lines)
        assert lines[1] == "a OK Done."


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=60), st.sampled_from([b"SUBJECT", b"HEADER X", b"BODY"]))
def test_what_is_searched_never_shows(text: bytes, key: bytes) -> None:
    """However it is quoted, or if it can't be parsed at all."""
    marked = b"Zq7" + text + b"Zq7"
    quoted = b'"' + marked.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    for parts in (
        [b"a SEARCH " + key + b" " + quoted],
        [b"a SEARCH " + key + b" " + marked],
        [b"a SEARCH " + key + b" ", Literal(marked), b""],
        [marked],
    ):
        shown = command(parts, LIMITS)[1]
        assert "Zq7" not in shown
        assert shown.isprintable()


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.binary(max_size=30) | st.just(b'"(){5}\r\n* 1 FETCH ("'), max_size=6),
    st.integers(1, 40),
)
def test_nothing_of_a_mail_shows_in_fetch(strings: list[bytes], piece: int) -> None:
    """As quoted strings and as literals, whatever they hold; what follows is read rightly."""
    said = b" ".join(quoted_or_literal(b"Zq7" + one + b"Zq7") for one in strings)
    answer = b"* 1 FETCH (UID 5 ENVELOPE (" + said + b") FLAGS (\\Seen))\r\na OK Done.\r\n"
    lines = _answers(answer, piece=piece)
    assert len(lines) == 2
    assert "Zq7" not in lines[0]
    assert lines[0].startswith("* 1 FETCH (UID 5 ENVELOPE (")
    assert lines[0].endswith(") FLAGS (\\Seen))")
    assert lines[1] == "a OK Done."


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.integers(1, 30))
def test_whatever_the_server_writes_is_shown_printable(octets: bytes, piece: int) -> None:
    """One line each, safe in a terminal."""
    for line in _answers(octets + b"\r\n", piece=piece):
        assert line.isprintable()
