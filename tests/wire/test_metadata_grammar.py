"""METADATA's and QUOTA's commands as typed values (RFC 5464 5, RFC 9208 7)."""

from __future__ import annotations

import pytest

from imapgate.wire import masking
from imapgate.wire.commands import (
    Command,
    GetMetadata,
    GetQuota,
    GetQuotaRoot,
    SetMetadata,
    SetQuota,
)
from imapgate.wire.grammar import BadCommand, GrammarLimits, Literal, parse

COMMENT = "/private/comment"


def one(*parts: bytes | Literal) -> Command:
    assert isinstance(parts[0], bytes)
    return parse([b"a " + parts[0], *parts[1:]], GrammarLimits()).command


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([b'GETMETADATA "" /shared/comment'], GetMetadata("", ("/shared/comment",))),
        ([b"getmetadata inbox /Private/COMMENT"], GetMetadata("INBOX", (COMMENT,))),
        (
            [b"GETMETADATA x (/private/a /private/b /private/A)"],
            GetMetadata("x", ("/private/a", "/private/b")),
        ),
        ([b"GETMETADATA x /private/a /private"], GetMetadata("x", ("/private/a", "/private"))),
        ([b"GETMETADATA (DEPTH 1) x /private"], GetMetadata("x", ("/private",), 1)),
        (
            [b"GETMETADATA (maxsize 5 depth INFINITY) x (/private)"],
            GetMetadata("x", ("/private",), None, 5),
        ),
        ([b"GETMETADATA x (MAXSIZE 0) (/private)"], GetMetadata("x", ("/private",), 0, 0)),
        (
            [b'SETMETADATA x (/private/comment "" /shared/vendor/acme/y NIL)'],
            SetMetadata("x", ((COMMENT, b""), ("/shared/vendor/acme/y", None))),
        ),
        (
            [b"SETMETADATA x (/private/comment ~", Literal(b"\x00"), b" /private/COMMENT b)"],
            SetMetadata("x", ((COMMENT, b"b"),)),
        ),
        (
            [b"SETMETADATA x (", Literal(b"/private/comment"), b" ", Literal(b"v"), b")"],
            SetMetadata("x", ((COMMENT, b"v"),)),
        ),
        ([b'GETQUOTA ""'], GetQuota(b"")),
        ([b"GETQUOTAROOT inbox"], GetQuotaRoot("INBOX")),
        ([b'SETQUOTA "#user/alice" ()'], SetQuota(b"#user/alice", ())),
        (
            [b'SETQUOTA "" (storage 512 MESSAGE 0)'],
            SetQuota(b"", ((b"STORAGE", 512), (b"MESSAGE", 0))),
        ),
    ],
)
def test_values(parts: list[bytes | Literal], expected: Command) -> None:
    assert one(*parts) == expected


@pytest.mark.parametrize(
    "line",
    [
        *(b"GETMETADATA x", b"GETMETADATA x ()", b"GETMETADATA x comment", b"GETMETADATA x /a/b"),
        *(b"GETMETADATA x /private/", b"GETMETADATA x /private//a", b'GETMETADATA x "/private/a*"'),
        *(b'GETMETADATA x "/private/%"', b'GETMETADATA x "/private/\xc3\xbc"'),
        b"GETMETADATA x /private/" + b"y" * 200,
        *(b"GETMETADATA (DEPTH 2) x /private", b"GETMETADATA (DEPTH) x /private"),
        *(b"GETMETADATA (MAXSIZE x) x /private", b"GETMETADATA (DEPTH 1 FOO 1) x /private"),
        *(b"SETMETADATA x", b"SETMETADATA x ()", b"SETMETADATA x /private/a y"),
        *(b"SETMETADATA x (/private y)", b"SETMETADATA x (/private/a)"),
        *(b"SETMETADATA x (/private/vendor y)", b"SETMETADATA x (/private/vendor/acme y)"),
        *(b"SETMETADATA x (/private/a ~y)", b"SETMETADATA x (/private/a y /private/b)"),
        *(b"GETQUOTA", b"GETQUOTAROOT", b"SETQUOTA x", b"SETQUOTA x (STORAGE)"),
        *(b"SETQUOTA x (STORAGE -1)", b"SETQUOTA x (STORAGE 99999999999999999999)"),
    ],
)
def test_what_is_bad(line: bytes) -> None:
    with pytest.raises(BadCommand, match="Expected"):
        one(line)


def test_what_is_noted_isnt_shown_in_a_trace() -> None:
    """Neither what is set nor what is told."""
    line = b'a SETMETADATA INBOX (/private/comment "my secret")'
    assert masking.command([line], GrammarLimits()) == (b"a", "a SETMETADATA ...")
    answers = masking.Answers()
    answers.tag = b"a"
    said = list(answers.feed(b'* METADATA INBOX (/private/comment "my secret")\r\na OK Done.\r\n'))
    assert said == ['* METADATA INBOX (/private/comment "...")', "a OK Done."]
