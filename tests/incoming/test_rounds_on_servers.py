"""Rounds against a real server: each message is filed once, whoever reads it in webmail first."""

from __future__ import annotations

import imaplib
import threading
from contextlib import closing

import pytest
from desk import LIMITS, mail
from dovecot import HOST, Dovecot, Mailbox
from mailboxes import add, states
from reading import opened, place
from scripted import Imap, Pop3
from world import World

from imapgate.incoming import reports
from imapgate.incoming.account import Account, Place
from imapgate.incoming.accounts import effective
from imapgate.incoming.mailboxes import imap
from imapgate.incoming.mailboxes.connecting import open_source
from imapgate.incoming.rounds import Round, run_round
from imapgate.incoming.visits import Visit
from imapgate.servers.server import Secrets
from storage import accounts


def play(world: World, one: Account, dovecot: Dovecot, mailbox: Mailbox, protocol: str) -> Round:
    reading = world.db.read(lambda tx: effective(tx, one))
    with opened(place(dovecot, mailbox, protocol), mailbox) as source:
        return run_round(world.db, one, reading, source, LIMITS)


def visit(world: World, one: Account, where: Place, password: str) -> float:
    """Of the account's mailbox there, without waiting for new mail; seconds until the next."""
    reading = world.db.read(lambda tx: effective(tx, one))
    rounds, nobody_waits = threading.Semaphore(0), threading.Semaphore(0)
    made = Visit(
        world.db,
        one,
        reading,
        LIMITS,
        lambda *_: open_source(where, Secrets(password)),
        rounds,
        nobody_waits,
    )
    return made.run()


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


def test_names_that_are_no_text(world: World) -> None:
    """A server's file names, say: in any octets they are known again."""
    names = b"1 gr\xfc\xdfe\r\n2 gr\xc3\xbc\xc3\x9fe\r\n"
    with Pop3({b"UIDL": b"+OK\r\n" + names + b".\r\n"}) as server:
        one = add(world, protocol="pop3", host="localhost", user="u", after_reading="keep")
        reading = world.db.read(lambda tx: effective(tx, one))
        for took in (2, 0):
            with closing(open_source(server.place("pop3"), Secrets("x"))) as source:
                assert run_round(world.db, one, reading, source, LIMITS).took == took
    assert states(world) == ["filed"] * 2


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


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
@pytest.mark.parametrize("afterwards", ["keep", "delete"])
def test_a_full_mailbox_is_read_on_at_once(
    world: World, dovecot: Dovecot, mailbox: Mailbox, protocol: str, afterwards: str
) -> None:
    """A POP3 server deletes when the session ends: what is left is due on another connection, and
    no fault is told."""
    mailbox.deliver(*(mail(f"Mail {n}", n) for n in range(5)))
    settings = {"host": "localhost", "user": mailbox.user, "after_reading": afterwards}
    one = add(world, protocol=protocol, per_round=2, **settings)
    pauses = []
    while not pauses or (pauses[-1] == 0 and len(pauses) < 9):
        pauses.append(visit(world, one, place(dovecot, mailbox, protocol), mailbox.password))
    assert pauses == [0.0] * (2 if protocol == "pop3" else 0) + [300.0]
    assert states(world) == ["filed"] * 5
    assert len(mailbox.files()) == (5 if afterwards == "keep" else 0)
    state = world.db.read(lambda tx: accounts.state(tx, one.id))
    assert (state.failed_at, state.error) == (None, None)


def test_what_turns_out_in_a_round_is_warned_of(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A server without UIDPLUS can't expunge what was read: once a visit the log tells."""
    poor = {b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n$ OK done\r\n"}
    with Imap(poor) as server:
        one = add(world, host="localhost", user="u", after_reading="delete", per_round=1)
        visit(world, one, server.place("imap"), "x")
    assert states(world) == ["filed"] * 2
    warned = [one for one in caplog.records if getattr(one, "event", "") == "incoming_warning"]
    assert [one.getMessage() for one in warned] == [f"account support: {imap.NEVER_EXPUNGED}"]


def test_what_nobody_can_be_told_of_ends_no_reading(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The account is read again after its interval."""

    def broken(*_: object) -> int:
        raise LookupError("there is no INBOX")

    monkeypatch.setattr(reports, "failed", broken)
    with Imap({b"SELECT": b"$ NO gone\r\n"}) as server:
        one = add(world, host="localhost", user="u")
        assert visit(world, one, server.place("imap"), "x") == 300.0
    assert "telling how a mail account was read failed" in caplog.text
