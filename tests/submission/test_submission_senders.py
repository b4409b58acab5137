"""As whom somebody may send: nobody writes as somebody else."""

from __future__ import annotations

import pytest
from submitting import ALICE, BOB, Post, letter, octets_of
from world import World

from imapgate.outgoing import senders
from storage import mail_accounts

OWN = frozenset((ALICE,))
NOT_YOURS = "isn't yours: send as your own address, or ask the administrator to add it to your mail"


def _header(*lines: str) -> bytes:
    return "\r\n".join((*lines, "", "Hi.", "")).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "lines",
    [
        (f"From: {ALICE}",),
        ("From: ALICE@Example.ORG",),
        (f'From: "Erika <erika@example.com>" <{ALICE}>',),
        (f"From: =?utf-8?q?b=40c.d?= <{ALICE}>",),
        ("Subject: x", f"from : Alice\r\n <{ALICE}>"),
        (f"From: {ALICE}, Alice <{ALICE}>", f"Sender: {ALICE}"),
        (f"Reply-To: {BOB}", f"From: {ALICE}"),
        (f"From: us: {ALICE};",),
        (f"From: {ALICE} <{ALICE}> (at work)",),
        (f"From: {'Alice ' * 5000} <{ALICE}>",),
    ],
)
def test_one_s_own_address_is_taken_however_it_is_written(lines: tuple[str, ...]) -> None:
    assert senders.objection(_header(*lines), OWN) is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((f"From: {BOB}",), f"From {BOB} {NOT_YOURS}"),
        ((f"From: {ALICE}, {BOB}",), f"From {BOB} {NOT_YOURS}"),
        ((f"From: {ALICE} <{BOB}>",), f"From {BOB} {NOT_YOURS}"),
        ((f"From: {ALICE}", f"Sender: {BOB}"), f"Sender {BOB} {NOT_YOURS}"),
        ((f"From: {ALICE}", f"Resent-From: {BOB}"), f"Resent-From {BOB} {NOT_YOURS}"),
        ((f"From: {ALICE}", f"Resent-Sender: {BOB}"), f"Resent-Sender {BOB} {NOT_YOURS}"),
        ((f"From: {ALICE}", f"From: {BOB}"), "Its header has more than one From"),
        ((f"From: {ALICE}", f"fRoM : {ALICE}"), "Its header has more than one From"),
        ((f"From : {BOB}", f"From: {ALICE}"), "It begins with a line of a mailbox file."),
        ((f"To: {ALICE}",), "Its header has no From"),
        (("From:", f"To: {ALICE}"), "Its From has no address."),
        (("From: us:;",), "Its From has no address."),
        (("From: Alice",), f"From Alice {NOT_YOURS}"),
        ((f"From: {ALICE} and some",), "From "),
        ((f"From: <{ALICE}> <{BOB}>",), f"From {BOB} {NOT_YOURS}"),
        ((f"From: <{ALICE}> {BOB}",), f"From {BOB} {NOT_YOURS}"),
        ((f"From: {BOB} <{ALICE}>",), f"From {BOB} {NOT_YOURS}"),
        ((f"From: {BOB.replace('@', ' @ ')} <{ALICE}>",), f"From {BOB} {NOT_YOURS}"),
        ((f"From: {BOB}: {ALICE};",), f"From {BOB}:{ALICE} {NOT_YOURS}"),
        ((f'From: "Bob <{ALICE}>',), "Its From can be read in more than one way."),
        ((f"From: Bob) <{ALICE}>",), "Its From can be read in more than one way."),
        (("no header at all", f"From: {ALICE}"), "Its header has no From"),
        (("From: " + ",".join([ALICE] * 1000 + [BOB]),), "From without an address "),
        ((f"From: {ALICE},{' ' * 70_000}{BOB}",), "Its From is too long."),
        ((f"From: {ALICE}", *["X: y"] * 5000, f"From: {BOB}"), "Its header has too many fields."),
    ],
)
def test_whatever_names_somebody_else_is_refused(lines: tuple[str, ...], said: str) -> None:
    found = senders.objection(_header(*lines), OWN)
    assert found is not None
    assert found.startswith(said)


def test_the_envelope_names_the_user_or_nobody(post: Post) -> None:
    """Receipts go out from <>; their header is the user's all the same."""
    answer = post.submit(letter(), sender=BOB)
    assert answer.startswith(f"550 5.7.1 The sender {BOB} {NOT_YOURS}")
    assert post.submit(letter(), sender="").startswith("250 ")
    assert post.submit(letter(sender=BOB), sender="").startswith(
        f"550 5.7.1 Not sent. From {BOB} {NOT_YOURS}"
    )
    assert [one.sender for one in post.rows()] == [""]


def test_a_refused_from_leaves_nothing(post: Post) -> None:
    """Neither a row nor bytes: it never was a mail of ours."""
    assert post.submit(letter(sender=BOB)).startswith("550 5.7.1 Not sent. From ")
    assert post.rows() == []
    assert post.relay.attempts == []


def test_a_shared_address_is_whoever_s_mail_account_it_is(post: Post, world: World) -> None:
    """`imapgate user mail add`."""
    shared = "support@example.org"
    assert post.submit(letter(sender=shared), sender=shared).startswith("550 ")
    world.db.write(
        lambda tx: mail_accounts.add(
            tx,
            world.alice.id,
            shared,
            shared,
            reply_address=None,
            mailer_id=None,
            subject_prefix="",
            link_pattern=None,
        )
    )
    content = letter(sender=f"Support <{shared}>")
    assert post.submit(content, sender=shared).startswith("250 ")
    assert post.relay.taken[0][2] == octets_of(content)
    assert post.submit(content, who="bob", sender=shared).startswith("550 ")
