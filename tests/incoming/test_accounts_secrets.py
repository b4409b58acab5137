"""Stored passwords: what opens them, and that nothing else does."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imapgate.servers.secrets import KeyMissing, SecretKey, SecretsError
from imapgate.servers.server import Secrets

PLAIN = Secrets(password="gänse füßchen 🦆", refresh_token="r-1")


@pytest.fixture
def key(tmp_path: Path) -> SecretKey:
    return SecretKey(tmp_path / "secrets.key")


def test_what_was_encrypted_is_opened_by_the_same_file(key: SecretKey) -> None:
    """Also by a later process; the file is made when first needed, for its owner alone."""
    assert not key.path.exists()
    sealed = key.encrypt(PLAIN, "account 7")
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    assert [one.name for one in key.path.parent.iterdir()] == ["secrets.key"]
    assert SecretKey(key.path).decrypt(sealed, "account 7") == PLAIN
    assert b"r-1" not in sealed
    assert key.encrypt(PLAIN, "account 7") != sealed, "the same text never looks the same"


@given(password=st.text(min_size=1), token=st.none() | st.text(min_size=1))
def test_any_text_comes_back(password: str, token: str | None, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    """Unicode, quotes and all."""
    key = SecretKey(tmp_path_factory.getbasetemp() / "any.key")
    plain = Secrets(password=password, client_secret=token)
    assert key.decrypt(key.encrypt(plain, "account 1"), "account 1") == plain


def test_every_changed_byte_is_refused(key: SecretKey) -> None:
    """Each bit of each byte, and every shorter text."""
    sealed = key.encrypt(PLAIN, "account 7")
    for at in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[at] ^= 1 << bit
            with pytest.raises(SecretsError) as refused:
                key.decrypt(bytes(changed), "account 7")
            assert "r-1" not in str(refused.value)
    for length in range(len(sealed)):
        with pytest.raises(SecretsError):
            key.decrypt(sealed[:length], "account 7")


def test_another_account_s_are_refused(key: SecretKey) -> None:
    """Who can write into the database can't have a password sent to a server of their own by it."""
    with pytest.raises(SecretsError, match="damaged: set them again"):
        key.decrypt(key.encrypt(PLAIN, "account 7"), "account 8")


def test_another_key_is_told_from_damage(key: SecretKey, tmp_path: Path) -> None:
    """One sentence with the file and what to do."""
    other = SecretKey(tmp_path / "other.key")
    sealed = other.encrypt(PLAIN, "account 7")
    key.encrypt(PLAIN, "account 7")
    with pytest.raises(SecretsError) as refused:
        key.decrypt(sealed, "account 7")
    assert str(refused.value) == (
        f"The stored passwords were encrypted with another key than {key.path}: put that key back, "
        "or set them again."
    )


def test_a_missing_key_is_never_made_to_open_something(key: SecretKey) -> None:
    """A new key would hide that the old one has to be put back."""
    sealed = key.encrypt(PLAIN, "account 7")
    key.path.unlink()
    with pytest.raises(KeyMissing, match="is missing: put it back, or set the passwords again"):
        SecretKey(key.path).decrypt(sealed, "account 7")
    assert not key.path.exists()


def test_a_key_that_is_put_back_counts_at_once(key: SecretKey) -> None:
    """A server that runs needs no new start."""
    sealed = key.encrypt(PLAIN, "account 7")
    kept = key.path.read_bytes()
    key.path.unlink()
    key.encrypt(PLAIN, "account 8")
    with pytest.raises(SecretsError, match="another key"):
        key.decrypt(sealed, "account 7")
    key.path.write_bytes(kept)
    assert key.decrypt(sealed, "account 7") == PLAIN


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b64encode(b"short"), b64encode(bytes(33)), b"\xff" * 44, b"A" * 9]
)
def test_a_file_that_holds_no_key_is_refused(key: SecretKey, content: bytes) -> None:
    """And left alone."""
    key.path.write_bytes(content)
    with pytest.raises(SecretsError, match="holds no key of stored passwords"):
        key.encrypt(PLAIN, "account 7")
    assert key.path.read_bytes() == content


def test_a_key_that_others_could_read_becomes_private(key: SecretKey) -> None:
    """A copy that was put back with the usual mode."""
    sealed = key.encrypt(PLAIN, "account 7")
    key.path.chmod(0o644)
    assert SecretKey(key.path).decrypt(sealed, "account 7") == PLAIN
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600


def test_a_key_that_can_t_be_made_or_read_is_told(tmp_path: Path) -> None:
    """No directory; a directory in its place."""
    with pytest.raises(SecretsError, match="can't be made: No such file or directory"):
        SecretKey(tmp_path / "no" / "secrets.key").encrypt(PLAIN, "account 7")
    (tmp_path / "secrets.key").mkdir()
    with pytest.raises(SecretsError, match="can't be read: Is a directory"):
        SecretKey(tmp_path / "secrets.key").encrypt(PLAIN, "account 7")


def test_keys_that_are_made_at_once_are_one(tmp_path: Path) -> None:
    """Eight at one start, twenty times: what each encrypted is opened by the file."""
    for turn in range(20):
        directory = tmp_path / str(turn)
        directory.mkdir()
        path, start = directory / "secrets.key", threading.Barrier(8)
        with ThreadPoolExecutor(8) as pool:
            sealed = list(pool.map(_sealed_at, [path] * 8, [start] * 8))
        assert {SecretKey(path).decrypt(one, "account 7") for one in sealed} == {PLAIN}
        assert [one.name for one in directory.iterdir()] == ["secrets.key"]


def _sealed_at(path: Path, start: threading.Barrier) -> bytes:
    start.wait()
    return SecretKey(path).encrypt(PLAIN, "account 7")


PROCESS = """
import sys
from pathlib import Path
from imapgate.servers.server import Secrets
from imapgate.servers.secrets import SecretKey
print("ready", flush=True)
sys.stdin.readline()
print(SecretKey(Path(sys.argv[1])).encrypt(Secrets(password="x"), "account 7").hex())
"""


def test_processes_that_make_the_key_at_once_have_the_same(tmp_path: Path) -> None:
    """Two commands beside each other."""
    path = tmp_path / "secrets.key"
    command = [sys.executable, "-c", PROCESS, str(path)]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    sealed = [bytes.fromhex(one.communicate()[0]) for one in running]
    assert [one.returncode for one in running] == [0] * 3
    assert {SecretKey(path).decrypt(one, "account 7") for one in sealed} == {Secrets(password="x")}
    assert [one.name for one in tmp_path.iterdir()] == ["secrets.key"]


def test_secrets_don_t_show_in_a_repr() -> None:
    """A value that a traceback or a log may print."""
    assert "gänse" not in repr(PLAIN)
    assert "r-1" not in repr(PLAIN)
