"""A client that trusts the local authority, for the tests of certificates."""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path

from cryptography import x509
from OpenSSL import SSL, crypto

from certs import files
from certs.material import AUTHORITY

NOW = datetime.datetime(2026, 5, 1, 12, 0, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def root(directory: Path) -> x509.Certificate:
    return files.read_certificates(directory / AUTHORITY)[0]


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
