"""OpenSSL contexts for the server, exchanged while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from OpenSSL import SSL

from certs.files import CertificateError
from certs.material import Material

CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption; TLS 1.3 has no others."""

DAY = 24 * 60 * 60.0
"""Seconds after which the age of a certificate is looked at again."""

Stamp = tuple[int, int, int] | None
"""What changes with a file; None: there is none."""


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

    def __init__(self, load: Callable[[], Material], watched: Sequence[Path] = ()) -> None:
        """load: gives the material, now and at each `renew`. Raises what it raises.

        watched: the files that it reads, for `look`.
        """
        self._load = load
        self._watched = tuple(watched)
        self._loading = threading.Lock()
        self._seen = self._loaded = self._stamps()
        self._loaded_at = time.time()
        self._material = load()
        self._context = context(self._material)

    @property
    def material(self) -> Material:
        """What new connections are served with."""
        return self._material

    def renew(self) -> bool:
        """Load anew (files are read: off the reactor); whether the certificate changed. What it
        raises leaves the old one in use."""
        with self._loading:
            self._seen = self._loaded = self._stamps()
            self._loaded_at = time.time()
            material = self._load()
            if material.chain == self._material.chain:
                return False
            self._context = context(material)
            self._material = material
            return True

    def look(self) -> bool:
        """As renew, where there is a reason: a watched file changed and has stood still since the
        look before (a key and its certificate are seldom put in place at once), or the last time
        is a day ago, or ahead, by a clock that was set."""
        before, self._seen = self._seen, self._stamps()
        changed = self._seen != self._loaded and self._seen == before
        if changed or abs(time.time() - self._loaded_at) > DAY:
            return self.renew()
        return False

    def getContext(self) -> SSL.Context:  # noqa: N802 - Twisted's name
        return self._context

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:  # noqa: N802, ARG002
        """A connection over memory, in whose name Twisted's TLS protocol speaks."""
        return SSL.Connection(self._context, None)

    def _stamps(self) -> tuple[Stamp, ...]:
        return tuple(_stamp(one) for one in self._watched)


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
