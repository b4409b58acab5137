"""Which mails a mail follows (RFC 5256 3, THREAD=REFERENCES)."""

from __future__ import annotations

import pytest

from imapgate.mime.ancestry import own_id, references
from imapgate.mime.reading import read


def mail(*fields: str) -> bytes:
    return "".join(f"{line}\r\n" for line in fields).encode() + b"\r\ntext\r\n"


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("Message-ID: <a@b>", "a@b"),
        # RFC 5256's example: the same Message-ID.
        ('Message-ID: <"01KF8JCEOCBS0045PS"@xxx.yyy.com>', "01KF8JCEOCBS0045PS@xxx.yyy.com"),
        ("Message-ID: <01KF8JCEOCBS0045PS@xxx.yyy.com>", "01KF8JCEOCBS0045PS@xxx.yyy.com"),
        (r'Message-ID: <"a\"b\\c"@d>', r'a"b\c@d'),
        ("Message-ID: <A@b>", "A@b"),
        ("Message-ID: <a\r\n @b>", "a@b"),
        ("Message-ID: nothing", None),
        ("Message-ID: <>", None),
        ("Message-ID:", None),
        ("X: y", None),
    ],
)
def test_own_id(field: str, found: str | None) -> None:
    assert own_id(read(mail(field)).mail) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (("References: <a@x> <b@x>",), ("a@x", "b@x")),
        (("References: <a@x>\r\n <b@x>\r\n\t<c@x>", "In-Reply-To: <z@x>"), ("a@x", "b@x", "c@x")),
        (("References: none", "In-Reply-To: <z@x>"), ("z@x",)),
        (("In-Reply-To: <z@x> <y@x>",), ("z@x",)),
        (('In-Reply-To: Your message of "Mon, 1 Jan" <z@x>',), ("z@x",)),
        (("In-Reply-To: Your message of yesterday",), ()),
        (('References: <"a"@x>',), ("a@x",)),
        ((), ()),
    ],
)
def test_references(fields: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert references(read(mail(*fields)).mail) == found
