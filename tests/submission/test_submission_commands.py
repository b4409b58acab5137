"""Command lines: what is taken can stand in any SMTP command, and what isn't is told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imapgate.submission.commands import (
    Auth,
    BadCommand,
    Hello,
    MailFrom,
    Plain,
    RcptTo,
    parse,
)
from imapgate.submission.replies import Reply

ADDRESS = re.compile(r'[!-~]+@[!-~]+|"[ -~]*"@[!-~]+')


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"EHLO [127.0.0.1]", Hello(True)),
        (b"helo x", Hello(False)),
        (b"MAIL FROM:<a@b.c>", MailFrom("a@b.c")),
        (b"mail from: <a@b.c> size=12 BODY=8bitmime AUTH=<>", MailFrom("a@b.c", 12)),
        (b"MAIL FROM:<>", MailFrom("")),
        (b"RCPT TO:<a+b=c'd@b-c.example>", RcptTo("a+b=c'd@b-c.example")),
        (b'RCPT TO:<"a b>@"@[192.0.2.1]>', RcptTo('"a b>@"@[192.0.2.1]')),
        (b"RCPT TO:<a@b.c>  ", RcptTo("a@b.c")),
        (b"AUTH PLAIN AGEAYg==", Auth("PLAIN", b"\0a\0b")),
        (b"auth login", Auth("LOGIN", None)),
        (b"AUTH PLAIN =", Auth("PLAIN", b"")),
        (b"noop whatever", Plain("NOOP")),
    ],
)
def test_what_clients_say(line: bytes, command: object) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", 500),
        (b"EHLO", 501),
        (b"MAIL FROM:a@b.c", 501),
        (b"MAIL TO:<a@b.c>", 501),
        (b"RCPT FROM:<a@b.c>", 501),
        (b"MAIL FROM:<a@b.c>SIZE=1", 501),
        (b"MAIL FROM:<a@b.c> SIZE=x", 555),
        (b"MAIL FROM:<a@b.c> SIZE=999999999999999999999", 555),
        (b"MAIL FROM:<a@b.c> BODY=BINARYMIME", 555),
        (b"MAIL FROM:<a@b.c> SMTPUTF8", 555),
        (b"RCPT TO:<a@b.c> NOTIFY=NEVER", 555),
        (b"RCPT TO:<>", 553),
        (b"RCPT TO:<postmaster>", 553),
        (b"RCPT TO:<@x:a@b.c>", 553),
        (b"RCPT TO:<a@b.c\r\n", 500),
        (b"RCPT TO:<a\rb@b.c>", 500),
        (b"RCPT TO:<a\nb@b.c>", 500),
        (b"RCPT TO:<a\0b@b.c>", 500),
        (b'RCPT TO:<"a\tb"@b.c>', 500),
        (b"RCPT TO:<a b@b.c>", 553),
        (b"RCPT TO:<a@b..c>", 553),
        (b"RCPT TO:<a@-b.c>", 553),
        (b"RCPT TO:<.a@b.c>", 553),
        (b"RCPT TO:<a@b@c.d>", 553),
        ("RCPT TO:<für@b.c>".encode(), 553),
        (b"RCPT TO:<" + b"a" * 65 + b"@b.c>", 553),
        (b"RCPT TO:<a@" + b"b." * 130 + b"c>", 553),
        (b"DATA now", 501),
        (b"AUTH PLAIN !", 501),
        (b"AUTH", 501),
        (b"BDAT 5", 502),
    ],
)
def test_what_is_refused(line: bytes, code: int) -> None:
    with pytest.raises(BadCommand) as told:
        parse(line)
    assert told.value.code == code


@given(
    st.one_of(
        st.binary(max_size=80),
        st.tuples(
            st.sampled_from((b"MAIL FROM:<", b"RCPT TO:<", b"AUTH ", b"EHLO ")),
            st.binary(max_size=40),
            st.sampled_from((b">", b"@b.c>", b"@b.c> SIZE=1")),
        ).map(b"".join),
    )
)
def test_no_octets_make_a_command_within_a_command(line: bytes) -> None:
    """Whatever comes, what is taken of it is one printable ASCII line, and so is the answer."""
    try:
        command = parse(line)
    except BadCommand as error:
        answer = Reply(error.code, error.status, error.text).octets()
        assert answer.count(b"\r") == answer.count(b"\n") == 1
        assert len(answer) <= 512
        return
    if isinstance(command, MailFrom | RcptTo):
        address = command.sender if isinstance(command, MailFrom) else command.recipient
        assert not address or ADDRESS.fullmatch(address), address
        assert len(address) <= 254


@given(st.text(max_size=600), st.lists(st.text(max_size=600), max_size=3))
def test_no_text_makes_another_answer(text: str, more: list[str]) -> None:
    """Each line has the code, and only the last one ends the answer."""
    lines = Reply(250, "2.0.0", text, tuple(more)).octets().split(b"\r\n")
    assert lines.pop() == b""
    assert len(lines) == 1 + len(more)
    assert all(one.startswith(b"250-") for one in lines[:-1])
    assert lines[-1].startswith(b"250 ")
    assert all(len(one) <= 510 and one.isascii() for one in lines)
    assert not any(set(one) & set(range(32)) for one in lines)
