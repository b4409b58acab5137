"""An account's mailbox is opened as the server does it, at a real server: secrets, dialogue,
failures."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from desk import LIMITS, Desk, mail
from dovecot import HOST, Dovecot
from dovecot import Mailbox as RealMailbox
from mailboxes import states
from world import World

from imapgate.incoming.account import Account
from imapgate.incoming.accounts import add_account, effective
from imapgate.incoming.opening import Opener
from imapgate.incoming.rounds import run_round
from imapgate.incoming.visits import LONGEST_PAUSE, Visit
from imapgate.incoming.work import ROUNDS
from imapgate.servers.secrets import SecretKey, SecretsError
from imapgate.servers.server import Secrets, ServerError
from storage import accounts


def account_at(
    world: World, server: Dovecot, box: RealMailbox, protocol: str = "imap", **more: Any
) -> Account:
    wanted = {
        "protocol": protocol,
        "host": HOST,
        "port": server.port(protocol),
        "user": box.user,
        "interval": 600,
        **more,
    }
    password = wanted.pop("password", box.password)
    return world.db.write(
        lambda tx: add_account(
            tx,
            world.segment_id,
            "support",
            "mailbox",
            wanted,
            Secrets(password=password),
            SecretKey(key_file(world)),
            "tests",
        )
    )


def key_file(world: World) -> Path:
    return world.db.path.parent / "secrets.key"


def visited(world: World, account: Account) -> float:
    """One visit, of which nothing waits for new mail."""
    rounds, idlers = threading.Semaphore(ROUNDS), threading.Semaphore(0)
    rounds.acquire()
    reading = world.db.read(lambda tx: effective(tx, account))
    opener = Opener(world.db, key_file(world))
    return Visit(world.db, account, reading, LIMITS, opener, rounds, idlers).run()


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_the_dialogue_of_an_account_with_debug_is_logged(
    world: World,
    dovecot: Dovecot,
    mailbox: RealMailbox,
    protocol: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without the password, and without what the mail says; of another account there is nothing."""
    mailbox.deliver(mail("A secret subject", 1))
    account = account_at(world, dovecot, mailbox, protocol, debug=True)
    with caplog.at_level(logging.INFO):
        caplog.handler.setLevel(logging.DEBUG)  # the root logger stays where a server has it
        assert visited(world, account) == 600.0
    assert states(world) == ["filed"]
    lines = [one.getMessage() for one in caplog.records if one.name.endswith(".dialogue")]
    assert len(lines) > 5
    assert all(line.startswith("account support: ") for line in lines)
    for secret in (mailbox.password, "A secret subject", "Good morning"):
        assert secret not in caplog.text
    (told,) = [one for one in caplog.records if getattr(one, "event", "") == "incoming_round"]
    assert told.getMessage() == "account support: 1 came, 1 filed, 0 failed, 0 held"


def test_without_debug_there_is_no_dialogue(
    world: World, dovecot: Dovecot, mailbox: RealMailbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even in the log's lowest level."""
    account = account_at(world, dovecot, mailbox)
    with caplog.at_level(logging.DEBUG):
        visited(world, account)
    assert [one for one in caplog.records if one.name.endswith(".dialogue")] == []


def test_a_wrong_password_waits_for_an_hour_and_is_told(
    world: World, dovecot: Dovecot, mailbox: RealMailbox, caplog: pytest.LogCaptureFixture
) -> None:
    """So that imapgate doesn't lock the mailbox by trying."""
    account = account_at(world, dovecot, mailbox, password="wrong")
    with caplog.at_level(logging.INFO):
        assert visited(world, account) == LONGEST_PAUSE
    state = world.db.read(lambda tx: accounts.state(tx, account.id))
    assert (state.failures, state.told) == (1, True)
    (told,) = Desk(world, world.admin).contents("INBOX")
    assert b"Mail account support can't be read" in told
    (line,) = [one for one in caplog.records if getattr(one, "event", "") == "incoming_failed"]
    assert line.fields["step"] == "login"  # type: ignore[attr-defined]
    assert "wrong" not in line.getMessage()


def test_without_the_key_nobody_logs_in(
    world: World, dovecot: Dovecot, mailbox: RealMailbox
) -> None:
    """The account fails with one plain sentence."""
    account = account_at(world, dovecot, mailbox)
    key_file(world).unlink()
    reading = world.db.read(lambda tx: effective(tx, account))
    with pytest.raises(SecretsError):
        Opener(world.db, key_file(world))(account, reading)
    assert visited(world, account) == LONGEST_PAUSE
    state = world.db.read(lambda tx: accounts.state(tx, account.id))
    assert state.error is not None
    assert "key" in state.error


def test_a_server_that_isnt_there_is_tried_again_and_later(
    world: World, dovecot: Dovecot, mailbox: RealMailbox
) -> None:
    """After the interval, then twice that, up to an hour."""
    account = account_at(world, dovecot, mailbox, port=1)
    assert [visited(world, account) for _ in range(5)] == [600, 1200, 2400, 3600, 3600]
    (told,) = Desk(world, world.admin).contents("INBOX")
    assert b"Reading is tried on by itself" in told


def test_an_unverified_certificate_is_warned_of_each_time(
    world: World, dovecot: Dovecot, mailbox: RealMailbox, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, with the account's name."""
    account = account_at(world, dovecot, mailbox, "imaps", verify=False)
    for _ in range(2):
        visited(world, account)
    warned = [one for one in caplog.records if getattr(one, "event", "") == "incoming_warning"]
    assert len(warned) == 2
    assert all(one.fields == {"account": "support"} for one in warned)  # type: ignore


def test_equal_messages_of_a_real_mailbox_are_two(
    world: World, dovecot: Dovecot, mailbox: RealMailbox
) -> None:
    """And both leave it."""
    mailbox.deliver(mail("Same", 1), mail("Same", 1))
    account = account_at(world, dovecot, mailbox, after_reading="delete")
    reading = world.db.read(lambda tx: effective(tx, account))
    source = Opener(world.db, key_file(world))(account, reading)
    try:
        done = run_round(world.db, account, reading, source, LIMITS)
    finally:
        source.close()
    assert (done.took, done.filed) == (2, 2)
    assert mailbox.files() == []


def test_a_folder_that_isnt_there(world: World, dovecot: Dovecot, mailbox: RealMailbox) -> None:
    """Told by its step."""
    account = account_at(world, dovecot, mailbox, folder="Nowhere")
    reading = world.db.read(lambda tx: effective(tx, account))
    with pytest.raises(ServerError) as told:
        Opener(world.db, key_file(world))(account, reading)
    assert told.value.step == "folder"
