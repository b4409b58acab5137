"""Passwords of accounts and mailers, encrypted: the key stands in a file of its own, outside of the
database."""

from __future__ import annotations

import binascii
import hashlib
import json
import os
import secrets
import stat
from base64 import b64decode, b64encode
from dataclasses import asdict
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from imapgate.activities.names import Mistake
from imapgate.servers.server import Secrets
from storage import files

_SIZE = 32
_FORM = b"\x01"
_MARK = 8
"""Octets that tell which key it was."""
_NONCE = 12
_LONGEST = 1024
"""Octets of a key file that are read."""


class SecretsError(Mistake):
    """The secrets can't be opened; the text is one plain sentence, without any of them."""


class KeyMissing(SecretsError):
    """There is no key file."""


class SecretKey:
    """AES-256-GCM under the key in a file of mode 0600: one line, base64 of 32 random octets. It is
    made when something is first encrypted, and read each time, so that a key that was put back
    counts at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def encrypt(self, plain: Secrets, owner: str) -> bytes:
        """owner: `account 3`, `mailer 2`; they are opened for it alone: bytes that were moved to
        another one are refused. Raises SecretsError if the key can neither be read nor made."""
        key = self._key(make=True)
        nonce = os.urandom(_NONCE)
        head = _FORM + _mark(key) + nonce
        text = json.dumps({name: one for name, one in asdict(plain).items() if one is not None})
        sealed = AESGCM(key).encrypt(nonce, text.encode(), _bound(head, owner))
        return head + sealed

    def decrypt(self, octets: bytes, owner: str) -> Secrets:
        """Raises KeyMissing, or SecretsError for another key than the one that they were encrypted
        with, and for bytes that were changed or belong to another owner."""
        key = self._key(make=False)
        head, sealed = octets[: 1 + _MARK + _NONCE], octets[1 + _MARK + _NONCE :]
        if head[:1] != _FORM:
            raise SecretsError("The stored passwords are damaged: set them again.")
        if head[1 : 1 + _MARK] != _mark(key):
            raise SecretsError(
                f"The stored passwords were encrypted with another key than {self.path}: put that "
                "key back, or set them again."
            )
        try:
            text = AESGCM(key).decrypt(head[1 + _MARK :], sealed, _bound(head, owner))
            # Whatever is wrong, its text would quote the bytes.
        except (InvalidTag, ValueError):
            raise SecretsError("The stored passwords are damaged: set them again.") from None
        return Secrets(**json.loads(text))

    def _key(self, *, make: bool) -> bytes:
        try:
            return self._read()
        except FileNotFoundError:
            if make:
                return self._made()
            raise KeyMissing(
                f"The key of the stored passwords, {self.path}, is missing: put it back, or set "
                "the passwords again."
            ) from None

    def _read(self) -> bytes:
        """Raises FileNotFoundError, SecretsError."""
        try:
            with self.path.open("rb") as opened:
                _keep_private(opened.fileno())
                line = opened.read(_LONGEST)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise SecretsError(
                f"The key of the stored passwords, {self.path}, can't be read: {error.strerror}."
            ) from error
        try:
            key = b64decode(line.strip(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != _SIZE:
            raise SecretsError(
                f"{self.path} holds no key of stored passwords: put the right file in its place."
            )
        return key

    def _made(self) -> bytes:
        """The new key, or the one that another process has made meanwhile."""
        new = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            try:
                made = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with open(made, "wb") as out:
                    out.write(b64encode(os.urandom(_SIZE)) + b"\n")
                    out.flush()
                    os.fsync(made)
                files.owned_like(new, self.path.parent)
                files.put(new, self.path, replace=False)
            except FileExistsError:
                pass  # Another process was quicker: its key counts.
            finally:
                new.unlink(missing_ok=True)
            return self._read()
        except OSError as error:
            raise SecretsError(
                f"The key of the stored passwords, {self.path}, can't be made: {error.strerror}."
            ) from error


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(b"imapgate secrets\0" + key).digest()[:_MARK]


def _bound(head: bytes, owner: str) -> bytes:
    return head + owner.encode()


def _keep_private(opened: int) -> None:
    """Mode 0600, if it is ours and others could use it (a copy that was put back, say)."""
    if not hasattr(os, "fchmod"):
        return
    found = os.fstat(opened)
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
        os.fchmod(opened, 0o600)
