"""The approvals account's rounds: its folder is emptied, and each reply decides once."""

from __future__ import annotations

import pytest
from approving import BOT, Office, offer, reply
from desk import LIMITS
from dovecot import Dovecot
from dovecot import Mailbox as RealMailbox
from mailboxes import Mailbox, add, broken, play, rows, states
from world import World

from imapgate.incoming.account import Account, Place
from imapgate.incoming.accounts import effective
from imapgate.incoming.mailboxes.connecting import open_source
from imapgate.incoming.rounds import run_round
from imapgate.servers.server import Login, Secrets, ServerError, Tls


@pytest.fixture
def account(world: World) -> Account:
    offer(world)
    return add(world, "approvals", kind="approvals", approve=["approve", "ja"], reject=["nein"])


def test_the_folder_is_emptied_and_each_reply_decides(world: World, account: Account) -> None:
    """Whatever came: forged tokens, out-of-office, what isn't a mail at all."""
    place, box = Office(world, account.id), Mailbox()
    first, second = place.incident("Assign"), place.incident("Assign")
    tokens = [place.token(place.request(number)) for number in (first, second)]
    box.deliver(
        reply(tokens[0], "Ja!"),
        reply(tokens[1], "nein"),
        reply(tokens[0], "nein"),
        reply(f"<approval.{0:032x}.{1:032x}@example.org>", "ja"),
        reply(tokens[1], "ja", extra="Auto-Submitted: auto-replied\r\n"),
        reply(None, "Hello"),
        b"\0\xff garbage",
    )
    done = play(world, box, account)
    assert (done.took, done.filed, done.failed) == (7, 7, 0)
    assert box.messages == {}
    assert [row.code for row in rows(world)] == [
        "$Approved",
        "$Rejected",
        "$Used",
        "$Forged",
        "$Used",
        "$NoRequest",
        "$NoRequest",
    ]
    assert place.shown(first)["state"] == "Complete"
    assert place.shown(second)["state"] == "In Progress"


@pytest.mark.parametrize("step", ["settle", "settle 1"])
def test_a_reply_decides_once_though_the_mailbox_breaks(
    world: World, account: Account, step: str
) -> None:
    """It is read again as soon as it can be, and deleted then."""
    place, box = Office(world, account.id), Mailbox()
    number = place.incident("Assign")
    box.deliver(reply(place.token(place.request(number)), "ja"))

    def before(name: str) -> None:
        if name == step:
            raise broken("settle")

    box.before = before
    with pytest.raises(ServerError):
        play(world, box, account)
    assert place.shown(number)["state"] == "Complete"
    assert len(box.messages) == 1
    box.before = lambda _: None
    play(world, box, account)
    assert box.messages == {}
    assert states(world) == ["filed"]
    assert len(place.shown(number)["follow_ups"]) == 3


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_on_a_real_server(
    world: World, account: Account, dovecot: Dovecot, mailbox: RealMailbox, protocol: str
) -> None:
    """The request as it goes out, answered as a mail client does; the folder is empty then."""
    office = Office(world, account.id)
    number = office.incident("Assign")
    asked = office.request(number)
    assert f"From: {BOT}".encode() in office.mail(asked)
    mailbox.deliver(reply(office.token(asked), "Ja.\n\nBob\n"))
    there = Place(
        protocol,
        "localhost",
        dovecot.port(protocol),
        tls=Tls(starttls=True, ca=dovecot.authority),
        login=Login(user=mailbox.user),
    )
    reading = world.db.read(lambda tx: effective(tx, account))
    source = open_source(there, Secrets(password=mailbox.password))
    try:
        done = run_round(world.db, account, reading, source, LIMITS)
    finally:
        source.close()
    assert (done.took, done.filed) == (1, 1)
    assert office.shown(number)["state"] == "Complete"
    assert mailbox.files() == []
