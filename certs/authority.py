"""The local authority: a CA of this installation's own, good for its own names and nothing else."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs import files
from certs.names import Name, allows, constraints

LIFE = datetime.timedelta(days=3650)
EARLIER = datetime.timedelta(hours=1)
"""Certificates begin a little in the past, for clients whose clock is slow."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What signs leaf certificates."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def allows(self, names: Sequence[Name]) -> bool:
        """Whether it may sign for all these names."""
        found = self.certificate.extensions.get_extension_for_class(x509.NameConstraints)
        return allows(found.value, names)

    def outlives(self, now: datetime.datetime, life: datetime.timedelta) -> bool:
        """Whether what is signed now for so long ends before it does."""
        return now + life <= self.certificate.not_valid_after_utc


def make(names: Sequence[Name], now: datetime.datetime) -> Authority:
    """A new one: ECDSA P-256, ten years, for these names alone (RFC 5280 4.2.1.10), for TLS
    servers alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "imapgate local authority")])
    public = key.public_key()
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(constraints(names), critical=True)
        .add_extension(server, critical=False)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def load(path: Path) -> Authority:
    """From a file that `save` wrote. Raises CertificateError."""
    key = files.read_key(path)
    certificate = files.read_certificates(path)[0]
    if not isinstance(key, ec.EllipticCurvePrivateKey) or (
        certificate.public_key() != key.public_key()
    ):
        raise files.CertificateError(f"{path} was not made here: key and certificate differ")
    return Authority(certificate, key)


def save(authority: Authority, path: Path) -> None:
    """Key and certificate in one file, so that they can't come apart."""
    files.write(path, files.key_pem(authority.key) + files.certificate_pem(authority.certificate))
