"""ACL's commands as typed values (RFC 4314 7), and CREATE's special uses (RFC 6154 6)."""

from __future__ import annotations

import pytest

from imapgate.wire.commands import Command, Create, DeleteAcl, GetAcl, ListRights, MyRights, SetAcl
from imapgate.wire.grammar import BadCommand, GrammarLimits, Literal, parse


def one(*parts: bytes | Literal) -> Command:
    assert isinstance(parts[0], bytes)
    return parse([b"a " + parts[0], *parts[1:]], GrammarLimits()).command


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([b"MYRIGHTS INBOX"], MyRights("INBOX")),
        ([b'GETACL "a b"'], GetAcl("a b")),
        ([b"listrights x bob@Standard"], ListRights("x", "bob@Standard")),
        ([b"DELETEACL x ", Literal("Jörg".encode())], DeleteAcl("x", "Jörg")),
        ([b"SETACL x bob lrswite"], SetAcl("x", "bob", "", "lrswite")),
        ([b"SETACL x bob +cda"], SetAcl("x", "bob", "+", "cda")),
        ([b'SETACL x "a b" "-w"'], SetAcl("x", "a b", "-", "w")),
        ([b'SETACL x bob ""'], SetAcl("x", "bob", "", "")),
        ([b"SETACL x bob +"], SetAcl("x", "bob", "+", "")),
        ([b"SETACL x ", Literal(b"bob"), b" ", Literal(b"lrs")], SetAcl("x", "bob", "", "lrs")),
        ([b"CREATE x"], Create("x")),
        ([b"CREATE x (USE ())"], Create("x")),
        ([rb"CREATE x (use (\Archive))"], Create("x", ("\\Archive",))),
        (
            [rb"CREATE MySpecial (USE (\Drafts \Sent \Drafts))"],
            Create("MySpecial", ("\\Drafts", "\\Sent")),
        ),
    ],
)
def test_values(parts: list[bytes | Literal], expected: Command) -> None:
    assert one(*parts) == expected


@pytest.mark.parametrize(
    "line",
    [
        *(b"GETACL", b"GETACL x y", b"LISTRIGHTS x", b"DELETEACL x", b"SETACL x bob"),
        *(b'SETACL x "" lrs', b'SETACL x " " lrs', b'DELETEACL x ""', b'LISTRIGHTS x "\xff"'),
        *(b"SETACL INBOX/Drafts John lrQswicda", b"SETACL INBOX/Drafts John lrqswicda"),
        *(b"SETACL x bob lr0", b"SETACL x bob ++l", b"SETACL x bob l+r", b"SETACL x bob l r"),
        *(rb"CREATE x ()", rb"CREATE x (USE)", rb"CREATE x (USE \Sent)", rb"CREATE x USE (\Sent)"),
        *(rb"CREATE x (USE (Sent))", rb"CREATE x (FOO (\Sent))", rb"CREATE x (USE (\Sent)"),
    ],
)
def test_what_is_bad(line: bytes) -> None:
    """RFC 4314 3.1's own two among them."""
    with pytest.raises(BadCommand, match="Expected"):
        one(line)
