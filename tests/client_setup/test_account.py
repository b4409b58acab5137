"""Where clients are told to connect: where `serve` listens, by a name that they can check."""

from __future__ import annotations

import datetime
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from certs.files import certificate_pem, key_pem
from imapgate.client_setup.account import ADDRESS, LOCAL_PART, MailServer, account
from imapgate.settings import Outgoing, Settings

ALICE = "alice@acme.example"


def _signed_by_itself(certificate: Path, key: Path, *names: str) -> None:
    made = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mine")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, made.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), False)
        .sign(made, hashes.SHA256())
    )
    certificate.write_bytes(certificate_pem(signed))
    key.write_bytes(key_pem(made))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_on_this_machine_it_is_the_plain_port(near: Settings, host: str) -> None:
    """Nothing leaves the machine, and it is the fewest clicks."""
    found = account(replace(near, host=host), "alice", ALICE, "alice@Standard")
    assert found.incoming == MailServer(host, 1143, "none", "alice@Standard")
    assert found.outgoing is None


def test_elsewhere_it_is_tls_by_the_first_name_of_the_settings(far: Settings) -> None:
    found = account(far, "alice", ALICE, ALICE)
    assert found.incoming == MailServer("imap.acme.example", 993, "tls", ALICE)
    assert found.outgoing == MailServer("smtp.acme.example", 587, "starttls", ALICE)


def test_without_names_it_is_the_address_or_this_machine_s_name(far: Settings) -> None:
    """Whichever stands in the certificate that is made here."""
    nameless = replace(far, names=())
    assert account(nameless, "a", ALICE, ALICE).incoming.host == socket.gethostname()
    one = replace(nameless, host="192.0.2.7")
    assert account(one, "a", ALICE, ALICE).incoming.host == "192.0.2.7"


def test_a_certificate_of_one_s_own_says_its_name(far: Settings) -> None:
    """But for wildcards, which are nobody's name."""
    certificate, key = far.data / "own.pem", far.data / "key.pem"
    _signed_by_itself(certificate, key, "*.acme.example", "mail.acme.example")
    own = replace(far, names=(), certificate=certificate, key=key)
    assert account(own, "a", ALICE, ALICE).incoming.host == "mail.acme.example"
    named = replace(own, names=("imap.acme.example",))
    assert account(named, "a", ALICE, ALICE).incoming.host == "imap.acme.example"


@pytest.mark.parametrize(
    ("login", "address", "expected"),
    [
        ("address", ALICE, ALICE),
        ("name", ALICE, "alice"),
        ("none", ALICE, None),
        ("address", ADDRESS, ADDRESS),
        ("name", ADDRESS, LOCAL_PART),
        ("none", ADDRESS, None),
    ],
)
def test_the_settings_say_who_signs_in_where_mail_is_sent(
    near: Settings, login: str, address: str, expected: str | None
) -> None:
    chosen = replace(near, outgoing=Outgoing("smtp.acme.example", 465, "tls", login))
    outgoing = account(chosen, "alice", address, "alice@Standard").outgoing
    assert outgoing == MailServer("smtp.acme.example", 465, "tls", expected)


def test_where_mail_is_submitted_clients_send_there(near: Settings, far: Settings) -> None:
    """Signed in as for reading; on one machine without encryption, else with TLS, or by STARTTLS
    where only that port is open. Another server that the settings name stands before it."""
    here = account(replace(near, submission_port=1587), "a", ALICE, "alice@Standard").outgoing
    assert here == MailServer("127.0.0.1", 1587, "none", "alice@Standard")
    nobodys = replace(far, outgoing=Outgoing())
    host = "imap.acme.example"
    for more, expected in (
        ({"submission_port": 587}, MailServer(host, 587, "starttls", ALICE)),
        ({"submission_tls_port": 465}, MailServer(host, 465, "tls", ALICE)),
        ({"submission_port": 587, "submission_tls_port": 465}, MailServer(host, 465, "tls", ALICE)),
    ):
        assert account(replace(nobodys, **more), "a", ALICE, ALICE).outgoing == expected
        named = account(replace(far, **more), "a", ALICE, ALICE).outgoing
        assert named == MailServer("smtp.acme.example", 587, "starttls", ALICE)
