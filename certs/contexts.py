"""OpenSSL contexts for the server, exchanged while it runs."""

from __future__ import annotations

from collections.abc import Callable

from OpenSSL import SSL

from certs.files import CertificateError
from certs.material import Material

CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption; TLS 1.3 has no others."""


def context(material: Material) -> SSL.Context:
    """TLS 1.2 or newer, no renegotiation, no compression. Raises CertificateError."""
    made = SSL.Context(SSL.TLS_SERVER_METHOD)
    made.set_min_proto_version(SSL.TLS1_2_VERSION)
    made.set_options(
        SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_CIPHER_SERVER_PREFERENCE
    )
    # An idle session keeps no 34 KiB of buffers.
    made.set_mode(SSL.MODE_RELEASE_BUFFERS)
    made.set_cipher_list(CIPHERS)
    try:
        made.use_certificate(material.chain[0])
        for signer in material.chain[1:]:
            made.add_extra_chain_cert(signer)
        made.use_privatekey(material.key)
        made.check_privatekey()
    except (SSL.Error, TypeError, ValueError) as error:
        raise CertificateError("the certificate and its key can't be used for TLS") from error
    return made


class ServerTls:
    """What gives each new connection its TLS. Sessions keep the context that they began with, so
    that a renewal drops none.

    Has the methods of Twisted's IOpenSSLServerConnectionCreator and of its older context factory;
    `zope.interface.directlyProvides` says so where Twisted is known.
    """

    def __init__(self, load: Callable[[], Material]) -> None:
        """load: gives the material, now and at each `renew`. Raises what it raises."""
        self._load = load
        self._material = load()
        self._context = context(self._material)

    @property
    def material(self) -> Material:
        """What new connections are served with."""
        return self._material

    def renew(self) -> bool:
        """Load anew (files are read: off the reactor); whether the certificate changed. What it
        raises leaves the old one in use."""
        material = self._load()
        if material.chain == self._material.chain:
            return False
        self._context = context(material)
        self._material = material
        return True

    def getContext(self) -> SSL.Context:  # noqa: N802 - Twisted's name
        return self._context

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:  # noqa: N802, ARG002
        """A connection over memory, in whose name Twisted's TLS protocol speaks."""
        return SSL.Connection(self._context, None)
