"""When two messages are the same mail (rule 7)."""

from __future__ import annotations

import dataclasses
import hashlib
import mmap
from pathlib import Path

import pytest
from corpus import MESSAGES
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.activities.identity import agree, identity
from imapgate.mime.index import index
from imapgate.mime.mail import Attachment, Mailbox
from imapgate.mime.reading import read

PLAIN = MESSAGES["plain"]


def of(raw: bytes) -> bytes:
    return identity(raw, index(raw).body_start)


@pytest.mark.parametrize(
    "line",
    [
        b"X-Mozilla-Status: 0001\r\n",
        b"X-Mozilla-Status2: 00000000\r\n",
        b"X-Mozilla-Keys:                                             \r\n",
        b"x-mozilla-keys: a\r\n folded\r\n\tagain\r\n",
        b"X-TUID: abc\r\n",
        b"X-OfflineIMAP: 1-2\n",
        b"X-Mozilla-Status: 1\r\nX-Mozilla-Status2: 2\r\nX-TUID: 3\r\n",
    ],
)
def test_lines_that_clients_leave_behind_do_not_count(line: bytes) -> None:
    """At the beginning, in the middle and at the end of the top header."""
    assert of(line + PLAIN) == of(PLAIN)
    assert of(PLAIN.replace(b"Subject:", line + b"Subject:")) == of(PLAIN)
    assert of(PLAIN.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n", 1)) == of(PLAIN)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r\n\r\n", b"\n" * 200_000])
def test_final_line_ends_do_not_count(end: bytes) -> None:
    """Stores add and take them."""
    assert of(PLAIN.rstrip(b"\r\n") + end) == of(PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace(b"Hello", b"hello"),
        PLAIN.replace(b"\r\n", b"\n"),
        b"X-Mozillas: 1\r\n" + PLAIN,
        b"X-TUIDs: 1\r\n" + PLAIN,
        b"Received: x\r\n" + PLAIN,
        PLAIN.replace(b"Hello", b"X-TUID: in the body\r\nHello"),
        PLAIN.replace(b"Hello", b" Hello"),
    ],
)
def test_everything_else_counts(other: bytes) -> None:
    """Also such a line in the body."""
    assert of(other) != of(PLAIN)


def test_a_body_with_such_lines_is_left_alone() -> None:
    """Only the top header is looked at."""
    one = PLAIN + b"X-Mozilla-Status: 1\r\n"
    assert of(one) != of(PLAIN)
    assert of(one) == hashlib.sha256(one.rstrip(b"\r\n")).digest()


@pytest.mark.parametrize("name", ["mozilla_status", "tuid", "multipart_1500_parts", "one_line_end"])
def test_a_memory_map_has_the_same_identity(name: str, tmp_path: Path) -> None:
    """And can be closed afterwards."""
    path = tmp_path / "message"
    path.write_bytes(MESSAGES[name])
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        assert identity(content, index(content).body_start) == of(MESSAGES[name])


def test_the_empty_message_has_an_identity() -> None:
    """Nothing is nothing."""
    assert identity(b"", 0) == identity(b"\r\n", 2) == hashlib.sha256(b"").digest()


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from([b"A: b\n", b"X-TUID: c\n", b" fold\n", b"x\n", b"X-Mozilla-Keys:\n"]),
        max_size=8,
    ),
    st.binary(max_size=20),
)
def test_taking_the_lines_out_changes_nothing(header: list[bytes], body: bytes) -> None:
    """The same as the hash of what is left."""
    raw = b"".join(header) + b"\n" + body
    kept, skipping = b"", False
    for line in header:
        own = line.startswith((b"X-TUID", b"X-Mozilla"))
        skipping = own or (skipping and line.startswith(b" "))
        kept += b"" if skipping else line
    left = (kept + b"\n" + body).rstrip(b"\r\n")
    assert identity(raw, len(b"".join(header)) + 1) == hashlib.sha256(left).digest()


MAIL = read(MESSAGES["mixed"]).mail


def test_the_same_mail_made_anew_agrees() -> None:
    """Another header, other blanks, other case of an address: one mail."""
    other = dataclasses.replace(
        MAIL,
        headers="Received: x",
        subject="Re: mixed",
        from_=(Mailbox("Joseph", "JOE@example.org"),),
        text="  Hello\r\n\r\nworld \r\n",
    )
    assert agree(MAIL, other)
    assert agree(MAIL, MAIL)


def test_lines_that_mbox_stores_lose_do_not_count() -> None:
    """Thunderbird's local folders drop lines that begin with `From `."""
    one = dataclasses.replace(MAIL, text="Hello\nFrom here on\nworld")
    other = dataclasses.replace(MAIL, text="Hello\nworld")
    assert agree(one, other)


@pytest.mark.parametrize(
    "change",
    [
        {"from_": (Mailbox("Joe", "eve@example.org"),)},
        {"from_": ()},
        {"sent_at": 1},
        {"sent_at": None, "sent_on": None},
        {"text": "Hello you"},
        {"attachments": ()},
        {"attachments": (Attachment("2", "offer.pdf", "application/pdf", 10, None, False),)},
        {"attachments": (Attachment("2", "other.pdf", "application/pdf", 9, None, False),)},
        {"messages": ("3",)},
    ],
)
def test_another_mail_does_not_agree(change: dict[str, object]) -> None:
    """From, Date, text and attachments: a Message-ID alone proves nothing."""
    assert not agree(MAIL, dataclasses.replace(MAIL, **change))
