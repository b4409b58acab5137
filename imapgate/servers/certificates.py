"""TLS towards a mail server: what is trusted, and why a handshake failed, in words for people."""

from __future__ import annotations

import hashlib
import re
import ssl
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from imapgate.servers.server import ServerError, Tls
from imapgate.servers.stream import Stream

UNVERIFIED = "The server's certificate isn't verified: anybody could stand between."
_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_EXPIRED, _NOT_YET = 10, 9
_WRONG_NAME = (62, 64)
_UNKNOWN_ISSUER = (2, 18, 19, 20, 21)
"""Of X509_V_ERR_*: no issuer, self-signed, self-signed in the chain, no local issuer, no chain."""


@dataclass(frozen=True, slots=True)
class Presented:
    """The certificate that a server shows. sha256: hexadecimal, as Tls.pinned takes it. text: whose
    it is, by whom, until when, for people."""

    pem: str
    sha256: str
    text: str


def context(stream: Stream, tls: Tls) -> ssl.SSLContext:
    """Raises ServerError (tls.ca isn't one)."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = _VERSIONS[tls.lowest]
    if tls.pinned is not None or not tls.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        return made
    made.load_default_certs()
    if tls.ca is not None:
        try:
            made.load_verify_locations(cadata=tls.ca)
        except (ssl.SSLError, ValueError) as error:
            raise stream.failed(
                f"The {stream.called}'s own CA is no certificate in PEM.",
                str(error),
                permanent=True,
            ) from error
    return made


def encrypt(stream: Stream, tls: Tls, host: str) -> str:
    """The handshake; gives the connection in words. Raises ServerError."""
    try:
        stream.encrypt(context(stream, tls))
    except ssl.SSLError as error:
        raise _fault(stream, error, tls, host) from error
    encrypted = stream.tls
    der = None if encrypted is None else encrypted.getpeercert(binary_form=True)
    if encrypted is None or der is None:
        raise stream.failed("The server shows no certificate.")
    shown = presented(stream, der)
    if tls.pinned is not None and shown.sha256 != _plain(tls.pinned):
        raise stream.failed(
            "The server shows another certificate than the one that is pinned.",
            f"{shown.text}; SHA-256 {shown.sha256}",
            f"If the server has a new one, pin that: imapgate {stream.called} test NAME --trust.",
            permanent=True,
        )
    return f"{encrypted.version()}, {shown.text}; SHA-256 {shown.sha256}"


def presented(stream: Stream, der: bytes) -> Presented:
    """Raises ServerError for what is no certificate."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        subject = certificate.subject.rfc4514_string()
        issuer = certificate.issuer.rfc4514_string()
    except ValueError as error:
        raise stream.failed("The server's certificate can't be read.", str(error)) from error
    until = certificate.not_valid_after_utc.date().isoformat()
    return Presented(
        certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        hashlib.sha256(der).hexdigest(),
        f"certificate of {subject or 'nobody'}, issued by {issuer or 'nobody'}, until {until}",
    )


def _plain(fingerprint: str) -> str:
    return re.sub(r"[^0-9a-f]", "", fingerprint.lower())


def _fault(stream: Stream, error: ssl.SSLError, tls: Tls, host: str) -> ServerError:
    technical = str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        if code == _EXPIRED:
            return stream.failed(
                "The server's certificate has expired.",
                technical,
                "The server's administrator must renew it; check this machine's clock, too.",
            )
        if code == _NOT_YET:
            return stream.failed(
                "The server's certificate isn't valid yet.",
                technical,
                "Check this machine's clock.",
            )
        if code in _WRONG_NAME:
            return stream.failed(
                f"The server's certificate isn't for {host}.",
                technical,
                "Use the host name that stands in the certificate.",
            )
        if code in _UNKNOWN_ISSUER:
            return stream.failed(
                "The server's certificate was issued by nobody who is known here.",
                technical,
                f"Give the issuer's certificate as the {stream.called}'s own CA (--ca), or look at "
                f"the certificate and pin it: imapgate {stream.called} test NAME --trust.",
            )
        return stream.failed("The server's certificate isn't good.", technical)
    reason = error.reason or ""
    if reason in ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"):
        return stream.failed(
            f"The server doesn't speak TLS {tls.lowest} or newer.",
            technical,
            "Allow an older version, or have the server brought up to date.",
        )
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"):
        return stream.failed(
            "The server doesn't speak TLS on this port.",
            technical,
            "Use STARTTLS there, or the port that has TLS from the start.",
        )
    return stream.failed("The server and imapgate agree on no TLS connection.", technical)
