"""PEM files: written whole or not at all, keys readable by their owner alone."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

ServerKey = (
    ec.EllipticCurvePrivateKey
    | rsa.RSAPrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
    | dsa.DSAPrivateKey
)


class CertificateError(Exception):
    """A certificate or key can't be used; the text names the file and the cause."""


def key_pem(key: ServerKey) -> bytes:
    """PKCS #8, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def certificate_pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def write(path: Path, pem: bytes, mode: int = 0o600) -> None:
    """Put a file in place of what stood there; a missing directory is made (mode 0700)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        made = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(made, "wb") as out:
            if hasattr(os, "fchmod"):
                os.fchmod(made, mode)
            out.write(pem)
            out.flush()
            os.fsync(made)
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # The server runs as the directory's owner, and could not read it.
            owner = path.parent.stat()
            os.chown(new, owner.st_uid, owner.st_gid)
        os.replace(new, path)
        _sync_directory(path.parent)
    finally:
        new.unlink(missing_ok=True)


def keep_private(path: Path) -> None:
    """Mode 0600, if it is ours and others could read it (a copy that was put back, say)."""
    if not hasattr(os, "geteuid"):
        return
    found = path.stat()
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o600)


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM file, in its order, at least one. Raises CertificateError."""
    try:
        return tuple(x509.load_pem_x509_certificates(_read(path)))
    except ValueError as error:
        raise CertificateError(f"{path} holds no certificate in PEM form") from error


def read_key(path: Path) -> ServerKey:
    """The private key of a PEM file. Raises CertificateError, also for one under a passphrase."""
    try:
        key = serialization.load_pem_private_key(_read(path), None)
    except TypeError as error:
        raise CertificateError(f"the key in {path} is under a passphrase: take that off") from error
    except ValueError as error:
        raise CertificateError(f"{path} holds no private key in PEM form") from error
    if not isinstance(key, ServerKey):
        raise CertificateError(f"the key in {path} is of a kind that no TLS server uses")
    return key


def _sync_directory(directory: Path) -> None:
    """So that a power cut doesn't bring back what stood there before. Windows does so itself."""
    if os.name == "nt":
        return
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"{path} can't be read: {error.strerror}") from error
