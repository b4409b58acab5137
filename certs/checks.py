"""Whether keys and certificates can serve, and are kept as they have to be."""

from __future__ import annotations

import datetime
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from certs import authority, files, leaf
from certs.material import local_files, own

SOON = datetime.timedelta(days=14)
"""Before a certificate of one's own ends, which nobody renews by itself."""


def local_faults(directory: Path, now: datetime.datetime) -> Iterator[str]:
    """A sentence for each fault of what was made here; none where nothing was made yet."""
    key_file, public_file, server_file = local_files(directory)
    if not directory.exists():
        return
    for path in (key_file, server_file):
        if path.exists() and readable_by_others(path):
            yield f"The key in {path} can be read by others: chmod 600 it."
    if not key_file.exists():
        if server_file.exists():
            yield f"The authority's key {key_file} is gone: the next start makes another one."
        return
    try:
        signer = authority.load(key_file)
        yield from _out_of_time(signer.certificate, key_file, now)
        if not public_file.exists() or files.read_certificates(public_file)[0] != (
            signer.certificate
        ):
            yield f"{public_file}, which clients trust, is not the authority's certificate."
        if server_file.exists():
            served = own(server_file, server_file).chain[0]
            yield from _out_of_time(served, server_file, now)
            if not leaf.signed_by(served, signer):
                yield f"The certificate in {server_file} is not signed by the authority."
    except files.CertificateError as error:
        yield f"{error}."


def own_faults(certificate: Path, key: Path, now: datetime.datetime) -> Iterator[str]:
    """The same for the user's own files."""
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o007 and os.name != "nt":
        yield f"The key in {key} can be read by everybody: chmod 600 it."
    try:
        served = own(certificate, key).chain[0]
    except files.CertificateError as error:
        yield f"{error}."
        return
    yield from _out_of_time(served, certificate, now)
    if now <= served.not_valid_after_utc < now + SOON:
        yield f"The certificate in {certificate} ends on {served.not_valid_after_utc:%Y-%m-%d}."


def readable_by_others(path: Path) -> bool:
    """Whether anybody but its owner may do anything with it; never on Windows, which has no
    modes."""
    return os.name != "nt" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _out_of_time(
    certificate: x509.Certificate, path: Path, now: datetime.datetime
) -> Iterator[str]:
    if certificate.not_valid_after_utc < now:
        yield f"The certificate in {path} ended on {certificate.not_valid_after_utc:%Y-%m-%d}."
    if certificate.not_valid_before_utc > now:
        begins = certificate.not_valid_before_utc
        yield f"The certificate in {path} begins on {begins:%Y-%m-%d}: is the clock right?"
