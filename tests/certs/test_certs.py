"""The local authority and the certificates that it signs."""

from __future__ import annotations

import datetime
import ipaddress
import socket
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store
from trusting import DAY, NOW, root

import certs
from certs import authority, leaf, names


def verify(
    material: certs.Material, trusted: x509.Certificate, name: str, now: datetime.datetime = NOW
) -> None:
    """As a TLS client does: chain, dates, name constraints, key usage, name."""
    try:
        subject: x509.DNSName | x509.IPAddress = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        subject = x509.DNSName(name)
    builder = PolicyBuilder().store(Store([trusted])).time(now)
    builder.build_server_verifier(subject).verify(material.chain[0], list(material.chain[1:]))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "mail.example.org", "192.0.2.7"])
def test_a_client_that_trusts_the_authority_accepts_each_name(tmp_path: Path, name: str) -> None:
    material = certs.local(tmp_path, ["mail.example.org", "192.0.2.7"], NOW)
    verify(material, root(tmp_path), name)


def test_a_client_refuses_any_other_name(tmp_path: Path) -> None:
    material = certs.local(tmp_path, now=NOW)
    with pytest.raises(x509.verification.VerificationError):
        verify(material, root(tmp_path), "bank.example")


def test_the_machines_name_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Büro-PC")
    material = certs.local(tmp_path, now=NOW)
    verify(material, root(tmp_path), "xn--bro-pc-3ya")


def test_a_machine_whose_name_fits_no_certificate_is_served_as_localhost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "my_box")
    verify(certs.local(tmp_path, now=NOW), root(tmp_path), "localhost")


def test_the_authority_can_not_vouch_for_other_names(tmp_path: Path) -> None:
    """Whoever steals its key can't play a bank: name constraints are critical and are honoured."""
    certs.local(tmp_path, now=NOW)
    thief = authority.load(tmp_path / "authority-key.pem")
    certificate, key = leaf.make(thief, [names.parse("bank.example")], NOW)
    with pytest.raises(x509.verification.VerificationError):
        verify(certs.Material(key, (certificate,)), thief.certificate, "bank.example")


def test_the_authority_is_constrained_and_lasts_ten_years(tmp_path: Path) -> None:
    certs.local(tmp_path, now=NOW)
    found = root(tmp_path)
    constraints = found.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert x509.DNSName("localhost") in (constraints.value.permitted_subtrees or ())
    basic = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert found.not_valid_after_utc - NOW == 3650 * DAY
    public = found.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert public.curve.name == "secp256r1"


def test_the_leaf_is_for_servers_and_no_longer_than_clients_accept(tmp_path: Path) -> None:
    found = certs.local(tmp_path, now=NOW).chain[0]
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert found.not_valid_after_utc - found.not_valid_before_utc <= 398 * DAY
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_restart_serves_the_same_certificate(tmp_path: Path) -> None:
    first = certs.local(tmp_path, now=NOW)
    assert certs.local(tmp_path, now=NOW + 260 * DAY).chain == first.chain


def test_a_leaf_in_its_last_third_is_renewed_by_the_same_authority(tmp_path: Path) -> None:
    first = certs.local(tmp_path, now=NOW)
    trusted = root(tmp_path)
    later = NOW + 270 * DAY
    second = certs.local(tmp_path, now=later)
    assert second.chain != first.chain
    assert root(tmp_path) == trusted
    verify(second, trusted, "localhost", later)


def test_the_leaf_never_outlives_the_authority(tmp_path: Path) -> None:
    certs.local(tmp_path, now=NOW)
    first = root(tmp_path)
    late = NOW + 3300 * DAY
    second = certs.local(tmp_path, now=late)
    assert root(tmp_path) != first
    verify(second, root(tmp_path), "localhost", second.expires - DAY)


def test_another_name_means_a_certificate_for_it(tmp_path: Path) -> None:
    certs.local(tmp_path, now=NOW)
    material = certs.local(tmp_path, ["mail.example.org"], NOW)
    verify(material, root(tmp_path), "mail.example.org")


def test_a_name_less_keeps_the_authority(tmp_path: Path) -> None:
    certs.local(tmp_path, ["mail.example.org"], NOW)
    trusted = root(tmp_path)
    material = certs.local(tmp_path, [], NOW)
    assert root(tmp_path) == trusted
    with pytest.raises(x509.verification.VerificationError):
        verify(material, trusted, "mail.example.org")


@pytest.mark.parametrize("name", ["", "a b", "-x.example", "x" * 64, "*.example.org"])
def test_what_is_no_host_name_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(certs.CertificateError, match="is no host name"):
        certs.local(tmp_path, [name], NOW)


def test_the_machines_name_that_changes_costs_no_client_its_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On some systems the name comes from the network: the authority stays, the leaf does without
    the name until the settings ask for it."""
    monkeypatch.setattr(socket, "gethostname", lambda: "office-pc")
    certs.local(tmp_path, now=NOW)
    trusted = root(tmp_path)
    monkeypatch.setattr(socket, "gethostname", lambda: "dhcp-17")
    moved = certs.local(tmp_path, now=NOW)
    assert root(tmp_path) == trusted
    verify(moved, trusted, "localhost")
    assert certs.local(tmp_path, now=NOW).chain == moved.chain
    asked = certs.local(tmp_path, ["dhcp-17"], NOW)
    assert root(tmp_path) != trusted
    verify(asked, root(tmp_path), "dhcp-17")


def test_a_clock_that_is_behind_costs_no_client_its_trust(tmp_path: Path) -> None:
    """As on a machine without a battery before it has reached the network."""
    certs.local(tmp_path, now=NOW)
    trusted = root(tmp_path)
    certs.local(tmp_path, now=NOW - 9000 * DAY)
    assert root(tmp_path) == trusted
    again = certs.local(tmp_path, now=NOW + DAY)
    assert root(tmp_path) == trusted
    verify(again, trusted, "localhost", NOW + DAY)
