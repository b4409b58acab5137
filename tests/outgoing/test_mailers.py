"""Mailers: their settings, what counts where nothing is said, and what goes together."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from mailing import OAUTH, PASSWORD, PostOffice, office_of
from posting import put
from world import World

import certs
from certs.material import local_files
from imapgate.activities.names import Mistake
from imapgate.outgoing import mailers
from imapgate.outgoing.mailer import SENDMAIL
from imapgate.servers.secrets import SecretsError
from imapgate.servers.server import Secrets
from storage import Tx, outbox
from storage import mailers as rows


@pytest.fixture
def office(world: World, tmp_path: Path) -> PostOffice:
    return office_of(world, tmp_path)


@pytest.mark.parametrize(
    ("wanted", "port"),
    [
        ({}, 25),
        ({"user": "crm"}, 587),
        ({"security": "tls"}, 465),
        ({"security": "none"}, 25),
        ({"user": "crm", "security": "none"}, 587),
        ({"user": "crm", "port": 2525}, 2525),
    ],
)
def test_the_port_is_the_usual_one(office: PostOffice, wanted: dict[str, Any], port: int) -> None:
    """25, 587 with a user, 465 with TLS, unless another is named."""
    made = office.add(secrets=PASSWORD if "user" in wanted else Secrets(), **wanted)
    assert made.relay is not None
    assert made.relay.port == port
    assert made.relay.tls.starttls is (wanted.get("security", "starttls") == "starttls")


def test_a_port_that_nobody_named_follows(office: PostOffice) -> None:
    made = office.add()
    changed = office.edit(made, PASSWORD, user="crm")
    assert changed.relay is not None
    assert (changed.relay.port, changed.relay.login.authentication) == (587, "password")
    back = office.edit(changed, user="")
    assert back.relay is not None
    assert (back.relay.port, back.relay.login.authentication) == (25, "none")
    assert office.secrets(back) == Secrets()


def test_sendmail_instead_of_a_server(office: PostOffice) -> None:
    """It knows by itself where mail goes; a host takes its place again."""
    made = office.add(host="", sendmail=SENDMAIL)
    assert (made.relay, made.sendmail) == (None, SENDMAIL)
    with pytest.raises(Mistake, match="sendmail knows by itself"):
        office.edit(made, user="crm")
    with pytest.raises(Mistake, match="a whole one"):
        office.edit(made, sendmail="sendmail -t")
    assert office.edit(made, host="mail.example.net").relay is not None


def test_sendmail_takes_the_place_of_a_server_with_its_password(office: PostOffice) -> None:
    made = office.add(secrets=PASSWORD, user="crm", verify=False)
    changed = office.edit(made, sendmail=SENDMAIL)
    assert changed.relay is None
    assert office.secrets(changed) == Secrets()


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"host": ""}, "the host is missing"),
        ({"host": "smtp://mail"}, "is no host name"),
        ({"port": 70000}, "The port is 1 to 65535"),
        ({"security": "ssl"}, "The security is one of none, starttls, tls"),
        ({"security": "none", "verify": False}, "Without TLS there is no certificate"),
        ({"verify": False, "pin": "0" * 64}, "of no use"),
        ({"ca": "no certificate"}, "holds no certificate"),
        ({"connecting": 0.5}, "The time-out for connecting is 1 to 600 seconds"),
        ({"sending": 1000}, "The time-out for sending is 1 to 600 seconds"),
        ({"user": "crm", "mechanism": "XOAUTH2"}, "doesn't go with SMTP"),
        ({"mechanism": "PLAIN"}, "neither user nor mechanism"),
        ({"authentication": "password"}, "the user is missing"),
        ({"authority": "https://login.example.net"}, "go with authentication oauth"),
        ({**OAUTH, "security": "none"}, "OAuth goes with TLS only"),
        ({**OAUTH, "client_id": ""}, "needs an authority and a client id"),
        ({"from": "nobody"}, "no e-mail address"),
        ({"from": "a@b.example\r\nBcc: c@d.example"}, "control characters"),
        ({"from": "Crm <crm@example.org>"}, "no e-mail address"),
        ({"reply_to": "büro@example.org"}, "isn't ASCII"),
        ({"intercept": "files"}, "no e-mail address"),
        ({"account": "support"}, 'There is no account "support"'),
        ({"user": "crm"}, "The mailer needs a password"),
    ],
)
def test_what_does_not_fit_is_refused(
    office: PostOffice, wanted: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Mistake, match=sentence):
        office.add(**wanted)


def test_a_name_stands_once_in_a_segment_and_once_for_all(office: PostOffice) -> None:
    """The segment's own is found first."""
    of_all = office.add(everywhere=True)
    own = office.add(host="other.example.net")
    for again in (True, False):
        with pytest.raises(Mistake, match='already a mailer "RELAY"'):
            office.add("RELAY", everywhere=again)
    assert office.found("Relay") == own
    office.remove(own)
    assert office.found("Relay").id == of_all.id
    with pytest.raises(Mistake, match="no mailer"):
        office.found("another")


def test_the_first_one_is_the_default(office: PostOffice) -> None:
    """Of its segment, and of all segments; one at most of each."""
    first, second = office.add("first"), office.add("second")
    of_all = office.add("all", everywhere=True)
    assert [one.is_default for one in (first, second, of_all)] == [True, False, True]
    assert office.default(second).is_default
    defaults = office.world.db.read(
        lambda tx: [one.name for one in mailers.list_mailers(tx) if one.is_default]
    )
    assert defaults == ["second", "all"]
    office.default(second, is_default=False)
    assert not office.found("second").is_default
    assert [one.changes for one in office.records()[:3]] == [
        {"default": (True, False)},
        {"default": (False, True)},
        {"default": (True, False)},
    ]


def test_each_change_is_on_record_without_secrets(office: PostOffice, tmp_path: Path) -> None:
    """Who, when, why; of a password that it was set or changed, of an authority its hash."""
    certs.local(tmp_path / "certs")
    ca = local_files(tmp_path / "certs")[1].read_text()
    made = office.add(secrets=PASSWORD, user="crm", ca=ca)
    changed = office.edit(made, Secrets(password="changed one"), "Relay 2", "moved", port=2525)
    office.remove(changed)
    removed, edited, added = office.records()
    assert (added.who, added.subject, added.reason) == ("anna@desk", "mailer relay", "new")
    assert added.changes["password"] == (None, "set")
    assert added.changes["default"] == (None, True)
    assert added.changes["ca"] == (None, f"SHA-256 {hashlib.sha256(ca.encode()).hexdigest()}")
    assert edited.subject == "mailer Relay 2"
    assert edited.changes == {
        "name": ("relay", "Relay 2"),
        "port": (None, 2525),
        "password": ("set", "changed"),
    }
    assert removed.changes["host"] == ("mail.example.net", None)
    told = repr(office.records())
    assert "open sesame" not in told
    assert "changed one" not in told


def test_what_is_for_all_segments_stands_in_the_history_of_each(office: PostOffice) -> None:
    office.add(everywhere=True)
    assert office.records()[0].subject == "mailer relay (for all segments)"


def test_secrets_are_bound_to_their_mailer(office: PostOffice, world: World) -> None:
    """Bytes that were moved to another mailer are refused, as is another key."""
    one = office.add("one", PASSWORD, user="crm")
    other = office.add("other", Secrets(password="another"), user="crm")
    assert office.secrets(one) == PASSWORD
    assert office.standing(one).secrets == ("password",)
    moved = world.db.read(lambda tx: rows.secrets(tx, one.id))
    assert moved is not None
    assert b"sesame" not in moved
    world.db.write(lambda tx: rows.set_secrets(tx, other.id, moved))
    with pytest.raises(SecretsError, match="damaged"):
        office.secrets(other)
    office.key.path.unlink()
    lacking = office.standing(one).lacking
    assert lacking is not None
    assert "is missing" in lacking
    # What has nothing to do with the password can still be changed, and the password be set again.
    office.edit(one, port=2525)
    office.edit(one, Secrets(password="set again"))
    assert office.secrets(one) == Secrets(password="set again")


def test_oauth_of_its_own(office: PostOffice) -> None:
    made = office.add(secrets=Secrets(client_secret="of the client"), **OAUTH)
    assert made.relay is not None
    assert made.relay.login.oauth is not None
    assert made.relay.port == 587
    refreshing = office.edit(made, grant="refresh_token")
    assert office.standing(refreshing).lacking == (
        'It has to be authorized: `imapgate mailer authorize "relay"`.'
    )
    changed = office.edit(refreshing, PASSWORD, authentication="password")
    assert office.secrets(changed) == PASSWORD


def test_dangers_are_told(office: PostOffice) -> None:
    made = office.add(security="none", **{"from": ""}, intercept="FILE")
    told = office.standing(made).warnings
    assert [one.split(":")[0] for one in told] == [
        "It is for tests",
        "It has no From address",
        "Nothing is encrypted",
    ]
    assert "into files" in told[0]
    there = office.edit(
        made, host="127.0.0.1", intercept="tests@example.org", **{"from": "noreply@localhost"}
    )
    told = office.standing(there).warnings
    assert "tests@example.org" in told[0]
    assert "noreply@localhost" in told[1]
    assert len(told) == 2
    unchecked = office.edit(
        there, security="tls", verify=False, intercept="", **{"from": "crm@example.org"}
    )
    assert [one.split(":")[0] for one in office.standing(unchecked).warnings] == [
        "The server's certificate is not checked"
    ]


def test_what_waits_for_a_removed_mailer_goes_as_the_order_says(
    office: PostOffice, world: World
) -> None:
    """How many those are is told; what it has sent names nobody any more; while it sends it
    stays."""
    made = office.add()
    waiting, sent, sending = (put(world, mailer_id=made.id) for _ in range(3))

    def states(tx: Tx) -> None:
        outbox.change(tx, sent, state=outbox.SENT)
        outbox.change(tx, sending, state=outbox.HANDING_OVER)

    world.db.write(states)
    with pytest.raises(Mistake, match="is sending just now"):
        office.remove(made)
    world.db.write(lambda tx: outbox.change(tx, sending, state=outbox.UNCERTAIN))
    assert office.remove(made) == 1
    rows_now = world.db.read(lambda tx: [outbox.by_id(tx, n) for n in (waiting, sent, sending)])
    assert {None if one is None else one.mailer_id for one in rows_now} == {None}
    with pytest.raises(Mistake, match='There is no mailer "relay"'):
        office.found("relay")
