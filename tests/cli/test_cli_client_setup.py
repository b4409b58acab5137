"""`imapgate client-setup`: every value that a client's dialog asks, or the file that does it."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from command import Command
from cryptography.hazmat.primitives.serialization import Encoding

import certs
from certs.files import read_certificates
from imapgate.cli.client_setup_dialogs import DIALOGS

FAR = """
host = "0.0.0.0"
port = 143
tls_port = 993
names = ["imap.acme.example"]
[outgoing]
host = "smtp.acme.example"
"""
ANNA = "anna@acme.example"


@pytest.fixture
def near(acme: Command) -> Command:
    """On this machine alone. bert has no e-mail address."""
    acme.ok("user", "add", "bert")
    return acme


@pytest.fixture
def far(near: Command) -> Command:
    """For a network, after the server's first start."""
    (near.data / "imapgate.toml").write_text(FAR)
    certs.local(near.data / "certs", ("imap.acme.example",))
    return near


def _asked(command: Command, *words: str) -> list[tuple[str, str]]:
    shown: Any = command.json("client-setup", *words)
    return [(label, value) for step in shown["steps"] for label, value in step["asked"]]


def test_thunderbird_s_values_in_its_order(far: Command) -> None:
    assert _asked(far, "thunderbird", "anna") == [
        ("Full name", "anna"),
        ("Email address", ANNA),
        ("Protocol", "IMAP"),
        ("Hostname", "imap.acme.example"),
        ("Port", "993"),
        ("Connection security", "SSL/TLS"),
        ("Authentication method", "Normal password"),
        ("Username", ANNA),
        ("Hostname", "smtp.acme.example"),
        ("Port", "587"),
        ("Connection security", "STARTTLS"),
        ("Authentication method", "Normal password"),
        ("Username", ANNA),
        ("Password", "your imapgate password"),
    ]


def test_outlook_s_values_in_its_order(far: Command) -> None:
    """It signs in with the e-mail address by itself."""
    server = (
        "Server",
        "Port",
        "Encryption method",
        "Require logon using Secure Password Authentication",
    )
    assert _asked(far, "outlook", "anna") == [
        ("Email address", ANNA),
        ("Account type", "IMAP"),
        *zip(server, ("imap.acme.example", "993", "SSL/TLS", "no"), strict=True),
        *zip(server, ("smtp.acme.example", "587", "STARTTLS", "no"), strict=True),
        ("Password", "your imapgate password"),
    ]


def test_apple_mail_s_values_in_its_order(far: Command) -> None:
    assert _asked(far, "apple", "anna") == [
        ("Name", "anna"),
        ("Email Address", ANNA),
        ("Password", "your imapgate password"),
        ("User Name", ANNA),
        ("Account Type", "IMAP"),
        ("Incoming Mail Server", "imap.acme.example"),
        ("Outgoing Mail Server", "smtp.acme.example"),
        ("Port", "993"),
        ("Use TLS/SSL", "yes"),
        ("Authentication", "Password"),
        ("User Name", ANNA),
        ("Port", "587"),
        ("Use TLS/SSL", "yes"),
        ("Authentication", "Password"),
    ]


def test_any_other_client_s_values(far: Command) -> None:
    asked = _asked(far, "other", "anna")
    assert ("Server", "imap.acme.example") in asked
    assert ("Security", "SSL/TLS") in asked
    assert ("Server", "smtp.acme.example") in asked


@pytest.mark.parametrize("client", list(DIALOGS))
def test_without_an_smtp_server_it_says_so_plainly(near: Command, client: str) -> None:
    """And that nothing is encrypted on one machine."""
    told = near.ok("client-setup", client, "anna")
    assert "Mail goes out by the server of the account that you have." in told
    assert "Without encryption, since nothing leaves this machine." in told
    assert "127.0.0.1" in told
    assert "1143" in told


@pytest.mark.parametrize("client", list(DIALOGS))
def test_what_it_prints_is_what_it_gives_as_json(far: Command, client: str) -> None:
    """Line by line in the same order; and how the certificate comes to be trusted."""
    told = far.ok("client-setup", client, ANNA)
    lines = [line.split(maxsplit=1) for line in told.splitlines()]
    values = [value for _, value in _asked(far, client, ANNA)]
    printed = [value for value in values if any(value in " ".join(line) for line in lines)]
    assert printed == values
    assert "`imapgate cert show`" in told
    assert "Mail goes out by the server of the account" not in told


@pytest.mark.parametrize("client", list(DIALOGS))
def test_where_mail_is_submitted_every_dialog_names_that(near: Command, client: str) -> None:
    """The same machine, login and password; nothing is left to be asked."""
    asked = near.ok("client-setup", client, "anna", "--submission-port", "1587")
    assert "1587" in asked
    assert "Mail goes out by the server of the account" not in asked
    assert "the one that you have" not in asked
    assert "your usual SMTP server" not in asked
    assert near.refused("client-setup", client, "anna", "--submission-port", "0").startswith(
        "The server takes any free port"
    )


def test_a_user_without_an_address_signs_in_by_name(near: Command) -> None:
    """Outlook has to be told after its first attempt."""
    asked = _asked(near, "outlook", "bert")
    assert asked[0] == ("Email address", "your e-mail address")
    assert asked[-1] == ("User Name", "bert@Acme")
    assert ("Username", "bert@Acme") in _asked(near, "thunderbird", "bert@acme")


def test_a_user_without_an_address_is_asked_for_it_where_mail_is_sent(far: Command) -> None:
    asked = _asked(far, "thunderbird", "bert")
    assert [value for label, value in asked if label == "Username"] == [
        "bert@Acme",
        "your e-mail address",
    ]


def test_what_serve_is_told_client_setup_can_be_told(far: Command) -> None:
    """--host, --port and --tls-port."""
    asked = _asked(far, "thunderbird", "anna", "--host", "127.0.0.1", "--port", "11143")
    assert asked[3:6] == [
        ("Hostname", "127.0.0.1"),
        ("Port", "11143"),
        ("Connection security", "None"),
    ]
    refused = far.refused("client-setup", "thunderbird", "anna", "--tls-port", "0")
    assert "any free port" in refused


def test_thunderbird_s_file_is_everybody_s(far: Command, tmp_path: Path) -> None:
    """For the folder `isp`; only a login that is no address makes it one user's."""
    told = far.ok("client-setup", "thunderbird", "anna", "--output", str(tmp_path / "a.xml"))
    assert "as acme.example.xml" in told
    name = "emailProvider/incomingServer/username"
    assert ElementTree.parse(tmp_path / "a.xml").getroot().findtext(name) == "%EMAILADDRESS%"
    assert "anna" not in (tmp_path / "a.xml").read_text()
    far.ok("client-setup", "thunderbird", "bert", "--output", str(tmp_path / "b.xml"))
    assert ElementTree.parse(tmp_path / "b.xml").getroot().findtext(name) == "bert@Acme"


def test_apple_s_file_holds_the_authority_and_no_secret(far: Command, tmp_path: Path) -> None:
    """The same one that `cert export-ca` hands out; none on the machine itself."""
    file = tmp_path / "anna.mobileconfig"
    assert str(file) in far.json("client-setup", "apple", "anna", "--output", str(file))["file"]
    mail, root = plistlib.loads(file.read_bytes())["PayloadContent"]
    authority = read_certificates(far.data / "certs" / "authority.pem")[0]
    assert root["PayloadContent"] == authority.public_bytes(Encoding.DER)
    assert mail["IncomingMailServerUsername"] == ANNA
    near = tmp_path / "near.mobileconfig"
    far.ok("client-setup", "apple", "anna", "--output", str(near), "--host", "127.0.0.1")
    assert len(plistlib.loads(near.read_bytes())["PayloadContent"]) == 1


def test_what_can_t_be_done_is_one_sentence(near: Command, tmp_path: Path) -> None:
    """Nothing is written then, and nothing is written over."""
    file = tmp_path / "x"
    output = ("--output", str(file))
    assert "[outgoing]" in near.refused("client-setup", "apple", "anna", *output)
    assert "no file that sets outlook up" in near.refused(
        "client-setup", "outlook", "anna", *output
    )
    assert "There is no user" in near.refused("client-setup", "apple", "nobody", *output)
    assert not file.exists()
    file.write_text("mine")
    assert "is there already" in near.refused("client-setup", "thunderbird", "anna", *output)
    assert file.read_text() == "mine"
    assert "Can't write" in near.refused(
        "client-setup", "thunderbird", "anna", "--output", str(tmp_path / "no" / "x")
    )
    (near.data / "imapgate.toml").write_text(FAR)
    assert "the server makes it at its first start" in near.refused(
        "client-setup", "apple", "anna", "--output", str(tmp_path / "y")
    )
    assert not (tmp_path / "y").exists()
