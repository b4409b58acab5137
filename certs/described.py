"""What a certificate says, for people."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes


@dataclass(frozen=True, slots=True)
class Described:
    """names: what it is for, of an authority what it may sign for. issuer: the signer's common
    name, or its whole name. sha256: the fingerprint as clients show it, `AB:CD:...`. begins, ends:
    UTC."""

    names: tuple[str, ...]
    issuer: str
    sha256: str
    begins: datetime.datetime
    ends: datetime.datetime


def describe(certificate: x509.Certificate) -> Described:
    """Of any certificate; names that are neither host names nor addresses are left out."""
    digest = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    return Described(
        names=_names(certificate),
        issuer=_common_name(certificate.issuer),
        sha256=digest,
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    found: list[x509.GeneralName] = []
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.SubjectAlternativeName):
            found.extend(value)
        elif isinstance(value, x509.NameConstraints):
            found.extend(value.permitted_subtrees or ())
    return tuple(
        str(one.value).removesuffix("/32").removesuffix("/128")
        for one in found
        if isinstance(one, x509.DNSName | x509.IPAddress)
    )


def _common_name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()
