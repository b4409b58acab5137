"""Rounds against a real server: each message is filed once, whoever reads it in webmail first."""

from __future__ import annotations

import imaplib

import pytest
from desk import LIMITS, mail
from dovecot import HOST, Dovecot, Mailbox
from mailboxes import add, states
from reading import opened, place
from world import World

from imapgate.incoming.account import Account
from imapgate.incoming.accounts import effective
from imapgate.incoming.rounds import Round, run_round


def play(world: World, one: Account, dovecot: Dovecot, mailbox: Mailbox, protocol: str) -> Round:
    reading = world.db.read(lambda tx: effective(tx, one))
    with opened(place(dovecot, mailbox, protocol), mailbox) as source:
        return run_round(world.db, one, reading, source, LIMITS)


def read_by_somebody(dovecot: Dovecot, mailbox: Mailbox) -> None:
    with imaplib.IMAP4(HOST, dovecot.port("imap"), timeout=20) as client:
        client.login(mailbox.user, mailbox.password)
        client.select()
        client.store("1:*", "+FLAGS", r"(\Seen)")


def test_what_a_round_has_no_room_for_waits_though_somebody_reads_it(
    world: World, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """At first as later; the old mail that was read before isn't taken."""
    mailbox.deliver(mail("Old", 99))
    read_by_somebody(dovecot, mailbox)
    mailbox.deliver(*(mail(f"Mail {n}", n) for n in range(5)))
    one = add(world, host="localhost", user=mailbox.user, after_reading="keep", per_round=2)
    done = play(world, one, dovecot, mailbox, "imap")
    assert (done.took, done.more) == (2, True)
    read_by_somebody(dovecot, mailbox)
    assert play(world, one, dovecot, mailbox, "imap").took == 2
    assert play(world, one, dovecot, mailbox, "imap").took == 1
    assert play(world, one, dovecot, mailbox, "imap") == Round()
    mailbox.deliver(*(mail(f"More {n}", n) for n in range(10, 13)))
    read_by_somebody(dovecot, mailbox)
    assert play(world, one, dovecot, mailbox, "imap").took == 2
    assert play(world, one, dovecot, mailbox, "imap").took == 1
    assert states(world) == ["filed"] * 8
    assert play(world, one, dovecot, mailbox, "imap") == Round()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_what_was_filed_is_deleted(
    world: World, dovecot: Dovecot, mailbox: Mailbox, protocol: str
) -> None:
    """By either protocol, over as many rounds as it takes."""
    mailbox.deliver(*(mail(f"Mail {n}", n) for n in range(3)))
    settings = {"host": "localhost", "user": mailbox.user, "after_reading": "delete"}
    one = add(world, protocol=protocol, per_round=2, **settings)
    assert play(world, one, dovecot, mailbox, protocol).took == 2
    assert len(mailbox.files()) == 1
    assert play(world, one, dovecot, mailbox, protocol).took == 1
    assert mailbox.files() == []
    assert states(world) == ["filed"] * 3
