"""The contexts made from certificates: versions, ciphers, renewal."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from OpenSSL import SSL
from trusting import DAY, handshake, root
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import directlyProvides
from zope.interface.verify import verifyObject

import certs
from certs import contexts


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
