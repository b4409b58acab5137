"""The local authority, the leaf certificate and the contexts made from them."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import shutil
import socket
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store
from OpenSSL import SSL, crypto
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import directlyProvides
from zope.interface.verify import verifyObject

import certs
from certs import authority, contexts, files, leaf, names
from certs.material import AUTHORITY

NOW = datetime.datetime(2026, 5, 1, 12, 0, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def root(directory: Path) -> x509.Certificate:
    return files.read_certificates(directory / AUTHORITY)[0]


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


def handshake(
    server_context: SSL.Context,
    trusted: x509.Certificate | None = None,
    ciphers: bytes | None = None,
    **options: int,
) -> tuple[SSL.Connection, SSL.Connection]:
    """Client and server, shaken hands over memory. ciphers (of TLS 1.2 and older), options
    (min_version, max_version): of the client."""
    client_context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    if "min_version" in options:
        client_context.set_min_proto_version(options["min_version"])
    if "max_version" in options:
        client_context.set_max_proto_version(options["max_version"])
    if ciphers is not None:
        client_context.set_cipher_list(ciphers)
    if trusted is not None:
        store = client_context.get_cert_store()
        assert store is not None
        store.add_cert(crypto.X509.from_cryptography(trusted))
        client_context.set_verify(SSL.VERIFY_PEER, lambda _c, _x, _e, _d, good: bool(good))
    client = SSL.Connection(client_context, None)
    server = SSL.Connection(server_context, None)
    client.set_connect_state()
    server.set_accept_state()
    for _ in range(10):
        for one, other in ((client, server), (server, client)):
            with contextlib.suppress(SSL.WantReadError):
                one.do_handshake()
            with contextlib.suppress(SSL.WantReadError):
                other.bio_write(one.bio_read(65536))
    return client, server


def test_first_start_makes_keys_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        certs.local(tmp_path / "certs", now=NOW)
    finally:
        os.umask(before)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "certs").iterdir()
    }
    assert modes == {"authority-key.pem": 0o600, "authority.pem": 0o644, "server.pem": 0o600}
    assert stat.S_IMODE((tmp_path / "certs").stat().st_mode) == 0o700
    assert b"PRIVATE" not in (tmp_path / "certs" / AUTHORITY).read_bytes()


def test_a_key_that_others_could_read_becomes_its_owner_s_alone(tmp_path: Path) -> None:
    """As after it was put back from a copy; one's own PEM files stay as they are."""
    made = certs.local(tmp_path, now=NOW)
    for name in ("authority-key.pem", "server.pem"):
        (tmp_path / name).chmod(0o644)
    assert certs.local(tmp_path, now=NOW).chain == made.chain
    for name in ("authority-key.pem", "server.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    (tmp_path / "server.pem").chmod(0o640)
    certs.own(tmp_path / "server.pem", tmp_path / "server.pem")
    assert stat.S_IMODE((tmp_path / "server.pem").stat().st_mode) == 0o640


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


def test_own_files_are_served_with_their_chain(tmp_path: Path) -> None:
    made = certs.local(tmp_path / "made", now=datetime.datetime.now(datetime.UTC))
    trusted = root(tmp_path / "made")
    (tmp_path / "cert.pem").write_bytes(files.certificate_pem(*made.chain, trusted))
    (tmp_path / "key.pem").write_bytes(files.key_pem(made.key))
    material = certs.own(tmp_path / "cert.pem", tmp_path / "key.pem")
    assert len(material.chain) == 2
    client, _ = handshake(contexts.context(material), trusted)
    assert client.get_peer_certificate(as_cryptography=True) == made.chain[0]


def test_an_own_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    certs.local(tmp_path / "a", now=NOW)
    certs.local(tmp_path / "b", now=NOW)
    with pytest.raises(certs.CertificateError, match="does not belong"):
        certs.own(tmp_path / "a" / "server.pem", tmp_path / "b" / "server.pem")


def test_a_missing_or_broken_file_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.pem").write_text("no PEM")
    with pytest.raises(certs.CertificateError, match=r"missing\.pem can't be read"):
        certs.own(tmp_path / "missing.pem", tmp_path / "missing.pem")
    with pytest.raises(certs.CertificateError, match=r"broken\.pem holds no private key"):
        certs.own(tmp_path / "broken.pem", tmp_path / "broken.pem")


def test_the_context_speaks_tls_1_3_and_1_2_and_nothing_older(tmp_path: Path) -> None:
    made = contexts.context(certs.local(tmp_path))
    client, _ = handshake(made, root(tmp_path))
    assert client.get_protocol_version_name() == "TLSv1.3"
    client, _ = handshake(made, root(tmp_path), max_version=SSL.TLS1_2_VERSION)
    assert client.get_protocol_version_name() == "TLSv1.2"
    assert (client.get_cipher_name() or "").startswith("ECDHE-ECDSA")
    with pytest.raises(SSL.Error):
        handshake(made, max_version=SSL.TLS1_1_VERSION)


def test_renewal_serves_new_connections_and_drops_no_session(tmp_path: Path) -> None:
    today = datetime.datetime.now(datetime.UTC)
    clock = [today - 300 * DAY]
    tls = certs.ServerTls(lambda: certs.local(tmp_path, now=clock[0]))
    old = tls.material.chain[0]
    client, server = handshake(tls.getContext(), root(tmp_path))
    assert not tls.renew()

    clock[0] = today
    assert tls.renew()
    fresh, _ = handshake(tls.getContext(), root(tmp_path))
    assert fresh.get_peer_certificate(as_cryptography=True) == tls.material.chain[0] != old
    client.send(b"a1 NOOP\r\n")
    server.bio_write(client.bio_read(65536))
    assert server.recv(100) == b"a1 NOOP\r\n"


def test_a_failed_renewal_leaves_the_old_certificate_in_use(tmp_path: Path) -> None:
    tls = certs.ServerTls(lambda: certs.local(tmp_path))
    old = tls.getContext()
    (tmp_path / "server.pem").write_text("cut sh")
    with pytest.raises(certs.CertificateError):
        tls.renew()
    assert tls.getContext() is old


def test_twisted_takes_it_as_a_server_connection_creator(tmp_path: Path) -> None:
    """Once it is said to be one; Twisted warns of anything less."""
    tls = certs.ServerTls(lambda: certs.local(tmp_path))
    directlyProvides(tls, IOpenSSLServerConnectionCreator)
    assert verifyObject(IOpenSSLServerConnectionCreator, tls)
    TLSMemoryBIOFactory(tls, False, Factory(), MemoryReactorClock())


@pytest.mark.parametrize(
    "name", ["alice@example.org", "https://bank.example/", "192.0.2.77", "bank.example"]
)
def test_openssl_refuses_every_kind_of_name_that_the_authority_may_not_sign(
    tmp_path: Path, name: str
) -> None:
    """Mail addresses and URIs too: a kind of name without a constraint would be free."""
    certs.local(tmp_path, now=datetime.datetime.now(datetime.UTC))
    thief = authority.load(tmp_path / "authority-key.pem")
    good, _ = leaf.make(thief, names.served(()), datetime.datetime.now(datetime.UTC))
    assert _openssl_verify(tmp_path, good) == ""
    stolen = _signed_for(thief, name)
    assert "permitted subtree violation" in _openssl_verify(tmp_path, stolen)


def test_openssl_refuses_an_authority_below_the_authority(tmp_path: Path) -> None:
    """Path length 0: what it signs can sign nothing."""
    certs.local(tmp_path, now=datetime.datetime.now(datetime.UTC))
    thief = authority.load(tmp_path / "authority-key.pem")
    below = authority.make(names.required(()), datetime.datetime.now(datetime.UTC))
    below_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "below")])
    builder = _builder(thief, below.key).subject_name(below_name)
    middle = builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    ).sign(thief.key, hashes.SHA256())
    end, _ = leaf.make(
        authority.Authority(middle, below.key),
        names.required(()),
        datetime.datetime.now(datetime.UTC),
    )
    assert "path length constraint exceeded" in _openssl_verify(tmp_path, end, middle)


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


def test_a_look_renews_where_there_is_a_reason_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that changed and has stood still since the look before, or another day."""
    monkeypatch.setattr(contexts.time, "time", lambda: at[0])
    at, loads = [1e9], []

    def load() -> certs.Material:
        loads.append(1)
        return certs.local(tmp_path)

    tls = certs.ServerTls(load, certs.local_files(tmp_path))
    tls.look(), tls.look(), tls.look()
    settled = len(loads)
    assert not tls.look()
    assert len(loads) == settled <= 2
    made = certs.local(tmp_path, anew=True)
    assert not tls.look()
    assert tls.look()
    assert tls.material.chain == made.chain
    settled = len(loads)
    at[0] -= 2 * 86400
    tls.look()
    assert len(loads) == settled + 1


def test_a_weak_cipher_is_refused(tmp_path: Path) -> None:
    """Whatever an old client still offers: TLS 1.2 with forward secrecy is the least."""
    made = contexts.context(certs.local(tmp_path))
    weak = b"ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"
    with pytest.raises(SSL.Error, match="no shared cipher"):
        handshake(made, max_version=SSL.TLS1_2_VERSION, ciphers=weak)
    lax = _lax_context(certs.local(tmp_path), SSL.TLS1_2_VERSION)
    client, _ = handshake(lax, max_version=SSL.TLS1_2_VERSION, ciphers=weak)
    assert client.get_cipher_name() == "ECDHE-ECDSA-AES128-SHA"
    client, _ = handshake(
        made, max_version=SSL.TLS1_2_VERSION, ciphers=b"ECDHE-ECDSA-CHACHA20-POLY1305"
    )
    assert client.get_cipher_name() == "ECDHE-ECDSA-CHACHA20-POLY1305"


@pytest.mark.parametrize("version", [SSL.TLS1_VERSION, SSL.TLS1_1_VERSION])
def test_old_tls_is_refused_by_the_server_and_not_by_the_client_alone(
    tmp_path: Path, version: int
) -> None:
    """The client offers it in earnest: a server without our floor takes it."""
    material = certs.local(tmp_path)
    options = {"min_version": version, "max_version": version}
    weak = b"ALL:@SECLEVEL=0"
    with pytest.raises(SSL.Error, match="protocol"):
        handshake(contexts.context(material), ciphers=weak, **options)
    client, _ = handshake(_lax_context(material, version), ciphers=weak, **options)
    assert client.get_protocol_version() == version


def _lax_context(material: certs.Material, version: int) -> SSL.Context:
    """A server that takes whatever there is, from this version on."""
    lax = SSL.Context(SSL.TLS_SERVER_METHOD)
    lax.set_min_proto_version(version)
    lax.set_cipher_list(b"ALL:@SECLEVEL=0")
    lax.use_certificate(material.chain[0])
    lax.use_privatekey(material.key)
    return lax


def _builder(
    signer: authority.Authority, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )


def _signed_for(signer: authority.Authority, name: str) -> x509.Certificate:
    general: x509.GeneralName
    if "@" in name:
        general = x509.RFC822Name(name)
    elif "/" in name:
        general = x509.UniformResourceIdentifier(name)
    else:
        general = names.parse(name)
    builder = _builder(signer, ec.generate_private_key(ec.SECP256R1()))
    builder = builder.subject_name(x509.Name([])).add_extension(
        x509.SubjectAlternativeName([general]), critical=True
    )
    return builder.sign(signer.key, hashes.SHA256())


def _openssl_verify(directory: Path, leaf: x509.Certificate, *between: x509.Certificate) -> str:
    """What `openssl verify` has against the certificate, "" if nothing, trusting the authority."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    (directory / "leaf.pem").write_bytes(files.certificate_pem(leaf))
    (directory / "between.pem").write_bytes(files.certificate_pem(*between))
    words = [program, "verify", "-x509_strict", "-CAfile", str(directory / AUTHORITY)]
    if between:
        words += ["-untrusted", str(directory / "between.pem")]
    done = subprocess.run(
        [*words, str(directory / "leaf.pem")], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr
