"""A key with its certificates: made here, or the user's own."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from certs import authority, files, leaf
from certs.names import required, served

AUTHORITY = "authority.pem"
"""In the directory of what is made here: the authority's certificate, for clients to trust."""
_AUTHORITY_KEY = "authority-key.pem"
_SERVER = "server.pem"


@dataclass(frozen=True, slots=True)
class Material:
    """chain: the server's certificate first, then those that signed it, but for the root."""

    key: files.ServerKey
    chain: tuple[x509.Certificate, ...]

    @property
    def expires(self) -> datetime.datetime:
        """When the server's certificate does (UTC)."""
        return self.chain[0].not_valid_after_utc


def own(certificate: Path, key: Path) -> Material:
    """From the user's PEM files: the certificate with its chain, and its key without passphrase (it
    may be the same file). Raises CertificateError."""
    material = Material(files.read_key(key), files.read_certificates(certificate))
    if material.chain[0].public_key() != material.key.public_key():
        raise files.CertificateError(f"the key in {key} does not belong to {certificate}")
    return material


def local_files(directory: Path) -> tuple[Path, ...]:
    """What `local` reads and makes: the authority's key with its certificate, that certificate
    alone, and the server's key with its own."""
    return directory / _AUTHORITY_KEY, directory / AUTHORITY, directory / _SERVER


def local(
    directory: Path,
    names: Sequence[str] = (),
    now: datetime.datetime | None = None,
    anew: bool = False,
) -> Material:
    """Of the local authority in `directory` (made, mode 0700, with what is missing); renewed when
    under a third of its life is left or the names changed, or, with anew, in any case.

    names: host names and addresses besides localhost, the loopback addresses and this machine's
    name. One that the authority may not sign for means a new authority, which clients have to
    trust anew; this machine's name alone, which changes with the network on some systems, doesn't:
    the certificate then goes without it. Raises CertificateError, OSError.
    """
    now = now or datetime.datetime.now(datetime.UTC)
    key_file, server_file = directory / _AUTHORITY_KEY, directory / _SERVER
    for file in (key_file, server_file):
        if file.exists():
            files.keep_private(file)
    signer = authority.load(key_file) if key_file.exists() else None
    if signer is None or not (signer.allows(required(names)) and signer.outlives(now, leaf.LIFE)):
        signer = authority.make(served(names), now)
        authority.save(signer, key_file)
    public_file = directory / AUTHORITY
    public = files.certificate_pem(signer.certificate)
    if not public_file.exists() or public_file.read_bytes() != public:
        files.write(public_file, public, 0o644)
    # A clock that is behind (no battery, no network yet) costs nobody the trust in the authority.
    now = max(now, signer.certificate.not_valid_before_utc)
    wanted = served(names)
    if not signer.allows(wanted):
        wanted = required(names)
    if server_file.exists() and not anew:
        material = own(server_file, server_file)
        if leaf.is_good(material.chain[0], signer, wanted, now):
            return material
    certificate, key = leaf.make(signer, wanted, now)
    files.write(server_file, files.key_pem(key) + files.certificate_pem(certificate))
    return Material(key, (certificate,))
