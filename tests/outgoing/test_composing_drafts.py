"""What goes out with its own bytes, and what doesn't."""

from __future__ import annotations

import pytest
from going_out import Posting, add_mailer
from hypothesis import given, settings
from hypothesis import strategies as st
from world import World

from imapgate.outgoing.composing import drafts
from storage import emails, mail_accounts

HEAD = (
    b"From: Alice <Alice@Example.org>\r\nTo: ann@example.net\r\n",
    b"Subject: Offer\r\nDate: Mon, 06 Jan 2025 10:00:00 +0000\r\nMessage-ID: <d1@example.org>\r\n",
)
BCC = b"Bcc: dan@example.net,\r\n eve@example.net\r\n"
BODY = b"X-Mozilla-Draft-Info: internal/draft\r\n\r\n<b>bold</b>\r\nBcc: not a field\r\n"
DRAFT = HEAD[0] + BCC + HEAD[1] + BODY
WITHOUT = HEAD[0] + HEAD[1] + BODY


@pytest.fixture
def alice(world: World) -> Posting:
    add_mailer(world)
    return Posting(world, world.alice)


def test_a_draft_goes_out_octet_for_octet_but_for_bcc(alice: Posting) -> None:
    """Its folded lines too; who stands there gets it."""
    came = alice.sent(alice.file(DRAFT))
    assert came.content == WITHOUT
    assert came.recipients == [
        ("to", "ann@example.net"),
        ("bcc", "dan@example.net"),
        ("bcc", "eve@example.net"),
    ]
    assert came.row.sender == "Alice@Example.org"
    assert came.row.message_id == "d1@example.org"


def test_without_bcc_it_isn_t_stored_twice(alice: Posting) -> None:
    number = alice.file(WITHOUT)
    came = alice.sent(number)
    assert came.content == WITHOUT
    here = alice.world.db.read(lambda tx: emails.of_activity(tx, alice.id(tx, number)))
    assert here is not None
    assert came.row.stored_message_id == here.stored_message_id


@pytest.mark.parametrize(
    "other",
    [
        WITHOUT.replace(b"Alice <Alice@Example.org>", b"bob@example.org"),
        WITHOUT.replace(b"Alice <Alice@Example.org>", b"alice@example.org, bob@example.org"),
        WITHOUT.replace(b"Alice <Alice@Example.org>", b'"alice@example.org" <eve@example.com>'),
        b"From: alice@example.org\r\nFrom: eve@example.com\r\n" + WITHOUT.partition(b"\r\n")[2],
        WITHOUT.replace(b"Alice@Example.org>", b"Alice@Example.org> <eve@example.com>"),
        b"Sender: eve@example.com\r\n" + WITHOUT,
        b"Resent-From: eve@example.com\r\n" + WITHOUT,
        WITHOUT.replace(b"Message-ID: <d1@example.org>\r\n", b""),
        WITHOUT.replace(b"Date: Mon, 06 Jan 2025 10:00:00 +0000\r\n", b""),
        WITHOUT.replace(b"Subject: Offer", b"Subject: Gr\xc3\xbc\xc3\x9fe"),
        b"Received: from a (b [192.0.2.1]) by c; Mon, 6 Jan 2025 10:00:00 +0000\r\n" + WITHOUT,
        WITHOUT.replace(b"bold", b"b\0ld"),
        WITHOUT.replace(b"bold", b"x" * 999),
        WITHOUT.replace(b"</b>\r\n", b"</b>\n"),
    ],
    ids=[
        "other's",
        "two",
        "name only",
        "two fields",
        "behind it",
        "another's Sender",
        "another's Resent-From",
        "no id",
        "no date",
        "8-bit",
        "sent",
        "NUL",
        "long",
        "bare LF",
    ],
)
def test_anything_else_is_written_anew(alice: Posting, other: bytes) -> None:
    """Another's words never go out as theirs, and nothing that a server would change."""
    came = alice.sent(alice.file(other))
    assert came.content != other
    assert came.field("From") == ["alice <alice@example.org>"]
    assert came.mail.message_id != "d1@example.org"


def test_another_user_s_draft_is_written_anew_as_mine(alice: Posting) -> None:
    """Who sends is who took the transition, whoever wrote it."""
    number = alice.file(DRAFT)
    bob = Posting(alice.world, alice.world.bob)
    came = bob.sent(number)
    assert came.field("From") == ["bob <bob@example.org>"]
    assert b"Bcc: dan" not in came.content
    assert ("bcc", "dan@example.net") in came.recipients


def test_a_draft_goes_by_the_mailer_of_the_address_that_it_is_from(alice: Posting) -> None:
    world = alice.world
    second = add_mailer(world, "second")
    first = add_mailer(world, "first")
    rows = {"reply_address": None, "subject_prefix": "", "link_pattern": None}
    world.db.write(
        lambda tx: mail_accounts.add(
            tx, world.alice.id, "sales@example.org", "sales@example.org", mailer_id=second, **rows
        )
    )
    sales = WITHOUT.replace(b"Alice <Alice@Example.org>", b"sales@example.org")
    assert alice.sent(alice.file(sales)).row.mailer_id == second
    # The usual one is looked up when it is sent.
    assert first
    assert alice.sent(alice.file(WITHOUT)).row.mailer_id is None


NAMES = st.sampled_from((b"Bcc", b"bCC", b"To", b"Resent-Bcc", b"X-Bcc", b"Bccc"))
VALUES = st.sampled_from((b"a@x", b"a@x,\r\n\tb@x", b"", b"Bcc: a@x"))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.sampled_from((b"", b"Bcc: x\r\n\r\n")))
def test_of_any_header_only_bcc_goes(fields: list[tuple[bytes, bytes]], body: bytes) -> None:
    lines = [(name, name + b": " + value + b"\r\n") for name, value in fields]
    content = b"".join(line for _, line in lines) + b"\r\n" + body
    kept = b"".join(line for name, line in lines if name.lower() not in (b"bcc", b"resent-bcc"))
    left = drafts.without_bcc(content)
    assert left is not None
    assert b"".join(left) == kept + b"\r\n" + body
