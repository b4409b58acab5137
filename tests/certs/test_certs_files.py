"""Key and certificate files: whose they are, a person's own, and those that can't be used."""

from __future__ import annotations

import datetime
import os
import stat
from pathlib import Path

import pytest
from trusting import NOW, handshake, root

import certs
from certs import contexts, files
from certs.material import AUTHORITY


def test_first_start_makes_keys_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        certs.local(tmp_path / "certs", now=NOW)
    finally:
        os.umask(before)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "certs").iterdir()
    }
    assert modes == {"authority-key.pem": 0o600, "authority.pem": 0o644, "server.pem": 0o600}
    assert stat.S_IMODE((tmp_path / "certs").stat().st_mode) == 0o700
    assert b"PRIVATE" not in (tmp_path / "certs" / AUTHORITY).read_bytes()


def test_a_key_that_others_could_read_becomes_its_owner_s_alone(tmp_path: Path) -> None:
    """As after it was put back from a copy; one's own PEM files stay as they are."""
    made = certs.local(tmp_path, now=NOW)
    for name in ("authority-key.pem", "server.pem"):
        (tmp_path / name).chmod(0o644)
    assert certs.local(tmp_path, now=NOW).chain == made.chain
    for name in ("authority-key.pem", "server.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    (tmp_path / "server.pem").chmod(0o640)
    certs.own(tmp_path / "server.pem", tmp_path / "server.pem")
    assert stat.S_IMODE((tmp_path / "server.pem").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("user", [0, 1000])
def test_what_root_writes_belongs_to_the_directory_s_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int
) -> None:
    """Before it has its name, so that the server finds no key that it can't read; nobody else may
    give files away, nor has to."""
    if os.geteuid() == 0:
        os.chown(tmp_path, 1234, 2345)
    owner = tmp_path.stat()
    given: list[tuple[bool, int, int]] = []

    def recorded(path: Path, uid: int, gid: int) -> None:
        given.append(((tmp_path / "server.pem").exists(), uid, gid))

    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "chown", recorded)
    files.write(tmp_path / "server.pem", b"a key")
    assert given == ([(False, owner.st_uid, owner.st_gid)] if user == 0 else [])
    assert (tmp_path / "server.pem").read_bytes() == b"a key"


def test_own_files_are_served_with_their_chain(tmp_path: Path) -> None:
    made = certs.local(tmp_path / "made", now=datetime.datetime.now(datetime.UTC))
    trusted = root(tmp_path / "made")
    (tmp_path / "cert.pem").write_bytes(files.certificate_pem(*made.chain, trusted))
    (tmp_path / "key.pem").write_bytes(files.key_pem(made.key))
    material = certs.own(tmp_path / "cert.pem", tmp_path / "key.pem")
    assert len(material.chain) == 2
    client, _ = handshake(contexts.context(material), trusted)
    assert client.get_peer_certificate(as_cryptography=True) == made.chain[0]


def test_an_own_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    certs.local(tmp_path / "a", now=NOW)
    certs.local(tmp_path / "b", now=NOW)
    with pytest.raises(certs.CertificateError, match="does not belong"):
        certs.own(tmp_path / "a" / "server.pem", tmp_path / "b" / "server.pem")


def test_a_missing_or_broken_file_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.pem").write_text("no PEM")
    with pytest.raises(certs.CertificateError, match=r"missing\.pem can't be read"):
        certs.own(tmp_path / "missing.pem", tmp_path / "missing.pem")
    with pytest.raises(certs.CertificateError, match=r"broken\.pem holds no private key"):
        certs.own(tmp_path / "broken.pem", tmp_path / "broken.pem")
