"""Certificates as good or bad as tests want."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


class Issuer:
    """An authority of its own."""

    def __init__(self, name: str = "Tests' authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        self._certificate = (
            self._begun(self._name, self._key, now - 100 * DAY, now + 100 * DAY)
            .add_extension(x509.BasicConstraints(True, None), True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(
        self,
        directory: Path,
        *,
        host: str = "localhost",
        days: tuple[int, int] = (-1, 30),
        version: ssl.TLSVersion | None = None,
    ) -> ssl.SSLContext:
        """Of a server that shows a certificate for the host, good from the one day to the other,
        counted from now, and speaks up to that version."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.UTC)
        named: x509.GeneralName = x509.DNSName(host)
        if host[0].isdigit():
            named = x509.IPAddress(ipaddress.ip_address(host))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = (
            self._begun(subject, key, now + days[0] * DAY, now + days[1] * DAY)
            .add_extension(x509.SubjectAlternativeName([named]), False)
            .add_extension(x509.BasicConstraints(False, None), True)
            .sign(self._key, hashes.SHA256())
        )
        file = directory / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        if version is not None:
            context.maximum_version = version
        return context

    def _begun(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        since: datetime.datetime,
        until: datetime.datetime,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
        )
