"""ENVELOPE's values (RFC 3501 7.4.2)."""

from __future__ import annotations

import pytest
from corpus import MESSAGES
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.addresses import address_list
from imapgate.mime.envelope import Address, envelope
from imapgate.mime.index import index

END = Address(None, None, None, None)


def box(mailbox: str, host: str, name: str | None = None, route: str | None = None) -> Address:
    return Address(
        name.encode() if name is not None else None,
        route.encode() if route is not None else None,
        mailbox.encode(),
        host.encode(),
    )


def group(name: str) -> Address:
    return Address(None, None, name.encode(), None)


TABLE = {
    "joe@x.org": [box("joe", "x.org")],
    "Joe Doe <joe@x.org>": [box("joe", "x.org", "Joe Doe")],
    '"Doe, Joe" <joe@x.org>, k@y.org (Kay (nested) X)': [
        box("joe", "x.org", "Doe, Joe"),
        box("k", "y.org", "Kay (nested) X"),
    ],
    "Team: a@b, C <c@d>;": [group("Team"), box("a", "b"), box("c", "d", "C"), END],
    "undisclosed-recipients:;": [group("undisclosed-recipients"), END],
    "Open: a@b": [group("Open"), box("a", "b"), END],
    "<@a,@b:c@d>": [box("c", "d", route="@a,@b")],
    '"joe doe"@x.org': [box("joe doe", "x.org")],
    'A <"b c"@x>': [box("b c", "x", "A")],
    "root": [box("root", "")],
    "Company Support": [box("", "", "Company Support")],
    "<>": [box("", "")],
    "": [],
    ", , ,": [],
    "a@b; c@d": [box("a", "b"), box("c", "d")],
    "A <a@b, c@d": [box("a", "b", "A"), box("c", "d")],
    '"open <a@b>': [box("a", "b", "open")],
    "a @ b . c": [box("a", "b.c")],
    "J. R. Doe <j@[127.0.0.1]>": [box("j", "[127.0.0.1]", "J. R. Doe")],
    "=?utf-8?Q?J=C3=B6?= <j@x>": [box("j", "x", "=?utf-8?Q?J=C3=B6?=")],
    "<<a@b>>": [box("a", "b")],
    "a@b@c": [box("a@b", "c")],
    "Joe [ext] <a@b>": [box("a", "b", "Joe [ext]")],
    "mailto:a@b": [box("a", "b")],
    '"" <a@b>': [box("a", "b")],
    '"Ray, Bob" <a@b>, "Lee, Ann" <c@d>': [box("a", "b", "Ray, Bob"), box("c", "d", "Lee, Ann")],
    'x@y, "Lee; Ann" <c@d>': [box("x", "y"), box("c", "d", "Lee; Ann")],
}


@pytest.mark.parametrize("value", TABLE)
def test_addresses(value: str) -> None:
    """Groups, routes, comments, quoted local parts, missing hosts and garbage."""
    assert list(address_list(value.encode())) == TABLE[value]


def test_no_address_looks_like_a_group() -> None:
    """A missing host is empty, not None, which would begin a group (RFC 3501 7.4.2)."""
    groups = (END, group("Team"), group("Open"), group("undisclosed-recipients"))
    for value in TABLE:
        for known in address_list(value.encode()):
            assert known.host is not None or known in groups


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text(alphabet='ab @<>,;:()"\\[]', min_size=1).map(str.strip), min_size=1))
def test_quoted_names_come_whole(names: list[str]) -> None:
    """Whatever stands in them, and wherever in the list (RFC 5322 3.2.4)."""
    escaped = [name.replace("\\", "\\\\").replace('"', '\\"') for name in names]
    value = ", ".join(f'"{name}" <u{n}@h>' for n, name in enumerate(escaped))
    wanted = [box(f"u{n}", "h", name or None) for n, name in enumerate(names)]
    assert list(address_list(value.encode())) == wanted


@settings(deadline=None, max_examples=200)
@given(
    st.text(alphabet='ab@<>,;:()"\\ [].=?\t', max_size=60).map(str.encode) | st.binary(max_size=60)
)
def test_any_value_gives_addresses(value: bytes) -> None:
    """Never raises; groups that begin also end, and don't nest."""
    depth = 0
    for known in address_list(value):
        if known == END:
            depth -= 1
        elif known.host is None:
            depth += 1
            assert known.mailbox is not None
        else:
            assert known.mailbox is not None
        assert depth in (0, 1)
    assert depth == 0


def test_sender_and_reply_to_default_to_from() -> None:
    """RFC 3501 7.4.2: where they are absent or empty."""
    raw = b"From: a@b\r\nSender:\r\n\r\n"
    found = envelope(raw, index(raw))
    assert found.sender == found.reply_to == found.from_ == (box("a", "b"),)
    raw = b"From: a@b\r\nSender: c@d\r\nReply-To: e@f\r\n\r\n"
    found = envelope(raw, index(raw))
    assert (found.sender, found.reply_to) == ((box("c", "d"),), (box("e", "f"),))


def test_values_are_raw_and_unfolded() -> None:
    """Encoded words stay, line ends go, what is absent is None."""
    raw = b"Date: Tue,\r\n 2 Jan 2024\r\nSubject: =?utf-8?Q?x?=\r\n  \xfc\r\n"
    raw += b"Message-ID: <a@b>\r\n\r\n"
    found = envelope(raw, index(raw))
    assert found.date == b"Tue, 2 Jan 2024"
    assert found.subject == b"=?utf-8?Q?x?=  \xfc"
    assert (found.message_id, found.in_reply_to, found.to) == (b"<a@b>", None, ())


def test_several_headers_of_a_name_are_one_list() -> None:
    """Some mailers write a To for each recipient."""
    raw = MESSAGES["header_duplicates"]
    assert envelope(raw, index(raw)).to == (box("e", "f"), box("g", "h"))


def test_at_most_a_thousand_addresses() -> None:
    """A list of 5,000 is cut."""
    raw = b"To: " + b", ".join(b"u%d@x" % n for n in range(5_000)) + b"\r\n\r\n"
    assert len(envelope(raw, index(raw)).to) == 1_000


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_has_an_envelope(name: str) -> None:
    """Nor does any value hold what IMAP can't carry."""
    raw = MESSAGES[name]
    found = envelope(raw, index(raw))
    values = [found.date, found.subject, found.in_reply_to, found.message_id]
    for known in (*found.from_, *found.sender, *found.reply_to, *found.to, *found.cc, *found.bcc):
        values += [known.name, known.route, known.mailbox, known.host]
    assert not any(b"\0" in value or b"\r" in value or b"\n" in value for value in values if value)
