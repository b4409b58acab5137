"""Encoded words, parameters and charsets."""

from __future__ import annotations

from email.header import Header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.charsets import storable, to_text
from imapgate.mime.parameters import parameters, type_and_parameters
from imapgate.mime.words import decode_words, parameter_text, text

WORDS = {
    "plain": "plain",
    "=?utf-8?Q?J=C3=B6rg?=": "Jörg",
    "=?UTF-8?b?SsO2cmc=?=": "Jörg",
    "=?iso-8859-1?q?J=F6rg_M?= <a@b>": "Jörg M <a@b>",
    "=?utf-8?Q?a?= =?utf-8?Q?b?=": "ab",
    "=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=": "ab",
    "=?utf-8?Q?a?= x =?utf-8?Q?b?=": "a x b",
    "=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=": "Grüße",
    "=?utf-8?B?w7w=?==?utf-8?B?w58=?=": "üß",
    "=?utf-8?Q?a?= =?iso-8859-1?Q?=FC?=": "aü",
    '"=?utf-8?Q?J=C3=B6rg?="': '"Jörg"',
    "Re: =?utf-8?Q?=C3=BC?=!": "Re: ü!",
    "=?utf-8?Q?Hello big world?=": "Hello big world",
    "=?utf-8?Q?What??=": "What?",
    "=?utf-8?Q??=x": "x",
    "=?x-klingon?Q?=FC?=": "ü",
    "=?us-ascii*en?Q?hi?=": "hi",
    "=?utf-8?B?SGVsbG8?=": "Hello",
    "=?utf-8?B?!!?=": "",
    "=?utf-8?X?abc?=": "=?utf-8?X?abc?=",
    "=?utf-8?Q?never ends": "=?utf-8?Q?never ends",
    "=?utf-8?Q?a =?utf-8?Q?b?=": "=?utf-8?Q?a b",
    "=?": "=?",
    "=?=?=?": "=?=?=?",
    "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=": "日本",
    "=?utf-7?Q?Gr+APw-e?=": "Grüe",
}


@pytest.mark.parametrize("value", WORDS)
def test_encoded_words(value: str) -> None:
    """RFC 2047, also where it is broken."""
    assert decode_words(value) == WORDS[value]


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=60),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_what_is_encoded_is_decoded(value: str, charset: str) -> None:
    """As the standard library encodes it, folded over lines."""
    if charset == "utf-16":
        value = value.encode("utf-16", "ignore").decode("utf-16")
    encoded = Header(value, charset if charset == "utf-8" else "utf-8", maxlinelen=40).encode()
    assert decode_words(encoded) == value


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="=?utf-8QqBb _\r\nöa", max_size=60))
def test_any_words_are_decoded(value: str) -> None:
    """Never raises, and what has no words in it stays."""
    decoded = decode_words(value)
    assert "?=" in value or decoded == value


def test_a_value_is_one_line() -> None:
    """Without control characters, even those that an encoded word brings."""
    assert text(b"=?utf-8?Q?a=0D=0Ab=00c?= \x07", 100) == "a bc"
    assert text("ü".encode() * 10, 3) == "üüü"
    assert text(b"\xfc", 3) == "ü"


PARAMETERS = {
    b"; a=b; C=d": [(b"A", b"b"), (b"C", b"d")],
    b'; a="b;c"; d=e': [(b"A", b"b;c"), (b"D", b"e")],
    b'; a = "b \\"c\\""': [(b"A", b'b "c"')],
    b'; a="C:\\temp\\x"': [(b"A", b"C:\\temp\\x")],
    b'; a="open': [(b"A", b"open")],
    b"; a=b c; d=e": [(b"A", b"b c"), (b"D", b"e")],
    b"; a=b (comment); d=e": [(b"A", b"b"), (b"D", b"e")],
    b"; a; =b; ; c=": [(b"C", b"")],
    b"; a=b=c": [(b"A", b"b=c")],
    b"": [],
}


@pytest.mark.parametrize("value", PARAMETERS)
def test_parameters(value: bytes) -> None:
    """Quoted, unquoted, with comments, and garbled."""
    assert list(parameters(value)) == PARAMETERS[value]


def test_parameters_are_bounded() -> None:
    """A hundred."""
    assert len(parameters(b"; a=b" * 500)) == 100


@pytest.mark.parametrize("value", [b"", b"text", b"/", b"text/", b";;", b'"a"/b', b"(x) y"])
def test_what_is_no_type(value: bytes) -> None:
    """There must be a type and a subtype."""
    assert type_and_parameters(value) is None


FILE_NAMES = {
    b"; filename=a.txt": "a.txt",
    b"; filename*=UTF-8''%C3%BC.txt": "ü.txt",
    b"; filename*=iso-8859-1'de'%FC.txt": "ü.txt",
    b"; filename*=%C3%BC.txt": "ü.txt",
    b"; filename*0=a; filename*1=b": "ab",
    b"; filename*1=b; filename*0=a": "ab",
    b"; filename*0*=utf-8''%C3; filename*1*=%BC": "ü",
    b'; filename*0="=?utf-8?Q?=C3=BC?="; filename*1=.txt': "ü.txt",
    b"; filename*0=a; filename*2=c": "a",
    b"; filename*1=b": None,
    b"; filename=x; filename*=utf-8''y": "y",
    b'; filename="=?utf-8?B?w7w=?="': "ü",
    b'; filename="=?utf-8?B?w7w?= =?utf-8?B?w7w=?="': "üü",
    b"; filename=": None,
    b"": None,
    b"; filename*=''": None,
    b"; filename*=utf-8''%zz%": "%zz%",
}


@pytest.mark.parametrize("value", FILE_NAMES)
def test_extended_parameters(value: bytes) -> None:
    """RFC 2231, and encoded words where they don't belong."""
    assert parameter_text(parameters(value), b"FILENAME", 100) == FILE_NAMES[value]


@pytest.mark.parametrize(
    ("raw", "charset", "expected"),
    [
        ("ü".encode(), None, "ü"),
        (b"\xfc", None, "ü"),
        (b"\xfc", "", "ü"),
        (b"\xfc", "utf-8", "ü"),
        (b"\x81\xfc", None, "\x81ü"),
        (b"\x80", "ISO-8859-1", "€"),
        ("日".encode("gb18030"), "gb2312", "日"),
        ("한".encode("cp949"), "ks_c_5601-1987", "한"),
        ("ü".encode(), ' "utf-8" ', "ü"),
        (b"a\0b", "us-ascii", "ab"),
        (b"abc", "rot13", "abc"),
        (b"abc", "unicode_escape", "abc"),
        (b"abc", "../../x", "abc"),
        (b"abc", "x" * 1000, "abc"),
        (b"xn--a", "idna", "xn--a"),
        (b"abc \xc3", None, "abc "),
        (b"\xed\xa0\x80", "utf-16", None),
    ],
)
def test_octets_to_text(raw: bytes, charset: str | None, expected: str | None) -> None:
    """By the charset, or by the one that it should have named."""
    found = to_text(raw, charset)
    found.encode("utf-8")
    assert expected is None or found == expected


def test_storable() -> None:
    """No NUL, no lone surrogate."""
    assert storable("a\0b\ud800c") == "ab\ufffdc"
    assert storable("ü😀") == "ü😀"


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=60),
    st.text(max_size=20) | st.sampled_from(["utf-7", "utf-32", "hz", "cp037", "utf_8_sig"]),
)
def test_any_octets_become_text(raw: bytes, charset: str) -> None:
    """Whatever the charset's name is."""
    to_text(raw, charset).encode("utf-8")
