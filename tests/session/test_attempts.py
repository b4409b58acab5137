"""Who tries passwords is slowed, and nobody else (docs/rules.md 22)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from transcript import Stage
from world import World

from imapgate.activities import passwords
from imapgate.connections.addresses import is_loopback, network
from imapgate.connections.attempts import FASTER, LONGEST_PAUSE, PATIENCE, REMEMBERED, Attempts
from imapgate.connections.counting import Sessions
from imapgate.limits import Limits
from imapgate.session.server import Server

HERS, STRANGER = "192.0.2.1", "203.0.113.9"


@pytest.mark.parametrize(
    "near", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::1%lo"]
)
def test_loopback_is_this_machine(near: str) -> None:
    assert is_loopback(near)


@pytest.mark.parametrize(
    "far",
    [
        "192.0.2.1",
        "10.0.0.1",
        "::ffff:192.0.2.1",
        "fe80::1%eth0",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "0.0.0.0",
        "::",
        "localhost",
        "127.1",
        "127.0.0.1.example.net",
        "",
    ],
)
def test_everything_else_is_far_away(far: str) -> None:
    """One of the machine's own other addresses too: it can't be told from a neighbour's."""
    assert not is_loopback(far)


def test_a_server_takes_passwords_from_this_machine_or_under_tls(stage: Stage) -> None:
    server: Server = stage.server
    assert server.takes_passwords("127.0.0.1", secure=False)
    assert not server.takes_passwords("192.0.2.1", secure=False)
    assert server.takes_passwords("192.0.2.1", secure=True)


def test_a_network_is_one_customer() -> None:
    assert network("2001:db8:1:2::5%eth0") == network("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert network("2001:db8:1:3::5") != network("2001:db8:1:2::5")
    assert network("::ffff:192.0.2.1") == network("192.0.2.1") == "192.0.2.1"
    assert network("192.0.2.2") != network("192.0.2.1")
    assert network("somewhere") == "somewhere"


def test_a_stranger_holds_up_themselves_alone() -> None:
    """However often they fail as alice, she comes in at once from her own address, and others come
    in as themselves."""
    attempts = Attempts(2.0)
    attempts.failed("alice@Standard", STRANGER, 0.0)
    now = 1.0
    while attempts.pause("alice@Standard", STRANGER, now) is not None:
        attempts.failed("alice@Standard", STRANGER, now)
    assert attempts.pause("alice@Standard", HERS, now) == 0.0
    assert attempts.pause("bob@Standard", HERS, now) == 0.0
    assert attempts.pause("alice@Standard", STRANGER, now) is None


def test_one_customer_of_ipv6_is_one_address() -> None:
    attempts = Attempts(2.0)
    attempts.failed("alice@Standard", "2001:db8:1:2::1", 0.0)
    assert attempts.pause("alice@Standard", "2001:db8:1:2:3:4:5:6", 0.0) == 2.0
    assert attempts.pause("alice@Standard", "2001:db8:1:3::1", 0.0) == 0.0


def test_sessions_of_one_ipv6_customer_are_counted_together() -> None:
    """2^64 addresses are no reason for as many sessions."""
    sessions = Sessions(10, 2, 10)
    assert sessions.open("2001:db8:1:2::1") is None
    assert sessions.open("2001:db8:1:2::2") is None
    assert sessions.open("2001:db8:1:2::3") is not None
    assert sessions.open("2001:db8:1:3::3") is None
    sessions.close("2001:db8:1:2::1")
    assert sessions.open("2001:db8:1:2::3") is None


@pytest.mark.parametrize(
    "spelling",
    ["ALICE@standard", " alice@Standard", "alice@Standard\u3000", "al\0ice@Standard"],
)
def test_spellings_of_a_login_are_one(spelling: str) -> None:
    """Whatever signs in as the same user waits in the same row."""
    attempts = Attempts(2.0)
    attempts.failed("alice@Standard", HERS, 0.0)
    assert attempts.pause(spelling, HERS, 0.0) == 2.0


def test_an_address_that_tries_everybody_is_slowed() -> None:
    """One password for each of many logins: after some failures ten attempts a second; with all
    the sessions that an address may have, nobody behind it is turned away."""
    attempts, limits = Attempts(2.0), Limits()
    for at in range(PATIENCE):
        assert attempts.pause(f"user{at}@Standard", STRANGER, 0.0) == 0.0
        attempts.failed(f"user{at}@Standard", STRANGER, 0.0)
    pauses = [
        attempts.pause(f"other{at}@Standard", STRANGER, 0.0)
        for at in range(limits.sessions_per_address)
    ]
    assert None not in pauses
    assert pauses[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert max(one for one in pauses if one is not None) <= LONGEST_PAUSE
    assert attempts.pause("bob@Standard", HERS, 0.0) == 0.0
    assert limits.sessions_per_address * limits.login_delay / FASTER < LONGEST_PAUSE


def test_what_is_remembered_is_bounded_and_forgotten() -> None:
    """However many names and addresses fail, the latest ten thousand are kept, for a while."""
    attempts = Attempts(2.0)
    for at in range(3 * REMEMBERED):
        attempts.failed(f"user{at}@Standard", f"10.{at >> 16}.{at >> 8 & 255}.{at & 255}", 0.0)
    assert len(attempts._logins) == len(attempts._addresses) == REMEMBERED
    attempts.pause("x", "192.0.2.200", 10_000.0)
    assert len(attempts._logins) == len(attempts._addresses) == 0


def test_success_forgets_the_login_but_not_the_address() -> None:
    attempts = Attempts(2.0)
    for at in range(PATIENCE):
        attempts.failed(f"user{at}", HERS, 0.0)
    attempts.succeeded("user1", HERS)
    assert attempts.pause("user1", HERS, 10.0) == 0.0
    assert attempts.pause("user1", HERS, 10.0) == pytest.approx(0.1)


def test_alice_comes_in_while_a_stranger_tries_her_login(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred sessions from one address wait in their row; hers, from another, doesn't. The
    stranger's right guess waits too."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)
    stage = Stage(world, replace(Limits(), login_delay=2.0))
    for n in range(100):
        client = stage.connect(f"new{n}", "127.0.0.9")
        client.send(b"a LOGIN alice@Standard wrong%d\r\n" % n)
        stage.clock.advance(0.01)
    stage.connect("new", "127.0.0.1")
    stage.connect("new1000", "127.0.0.9")
    stage.client("new1000").send(b"a LOGIN alice@Standard demo\r\n")
    for n in range(100):
        stage.client(f"new{n}").read().clear()
    stage.client("new").read().clear()
    stage.client("new").send(b"a LOGIN alice@Standard demo\r\n")
    assert stage.client("new").read()[-1].startswith("a OK")
    assert not any(one.startswith("a OK") for one in stage.client("new1000").read())
    for client in stage.clients.values():
        client.lose()
    stage.clock.advance(60)
    stage.close()
