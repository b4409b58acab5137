"""`imapgate cert`: what it shows is what clients see, and it never touches one's own files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import Command
from cryptography import x509
from cryptography.hazmat.primitives import hashes

import certs
from certs.files import certificate_pem, key_pem, read_certificates


@pytest.fixture
def served(acme: Command) -> Command:
    """After the server's first start."""
    certs.local(acme.data / "certs", ("127.0.0.1",))
    return acme


def _own(command: Command, directory: Path) -> Path:
    made = certs.local(directory / "made")
    certificate, key = directory / "own.pem", directory / "own-key.pem"
    certificate.write_bytes(certificate_pem(*made.chain))
    key.write_bytes(key_pem(made.key))
    key.chmod(0o640)
    settings = f'certificate = "{certificate}"\nkey = "{key}"\n'
    (command.data / "imapgate.toml").write_text(settings)
    return certificate


def _fingerprint(file: Path) -> str:
    return read_certificates(file)[0].fingerprint(hashes.SHA256()).hex(":").upper()


def test_show_tells_names_fingerprints_dates_files_and_modes(served: Command) -> None:
    """Both certificates, for people and as JSON; no key is printed."""
    shown = served.json("cert", "show")
    directory = served.data / "certs"
    server, authority = shown["server"], shown["authority"]
    assert shown["own"] is False
    assert {"localhost", "127.0.0.1", "::1"} <= set(server["names"]) <= set(authority["names"])
    assert server["sha256"] == _fingerprint(directory / "server.pem")
    assert authority["sha256"] == _fingerprint(directory / "authority.pem")
    assert server["issuer"] == authority["issuer"] == "imapgate local authority"
    assert (server["key_mode"], authority["key_mode"]) == ("0600", "0600")
    assert authority["key_file"] == str(directory / "authority-key.pem")
    printed = served.ok("cert", "show")
    for word in ("Made by      imapgate", server["sha256"], authority["sha256"], "(mode 0600)"):
        assert word in printed
    assert server["until"][:10] in printed
    assert "PRIVATE" not in printed


def test_before_the_first_start_there_is_nothing_and_nothing_is_made(acme: Command) -> None:
    for words in (("show",), ("export-ca", "-"), ("renew", "--yes")):
        assert "the server makes it at its first start" in acme.refused("cert", *words)
    assert not (acme.data / "certs").exists()


def test_the_authority_is_handed_out_as_pem_and_der_and_without_its_key(
    served: Command, tmp_path: Path
) -> None:
    """To a file or the standard output."""
    authority = read_certificates(served.data / "certs" / "authority.pem")[0]
    told = served.ok("cert", "export-ca", str(tmp_path / "ca.pem"))
    assert authority.fingerprint(hashes.SHA256()).hex(":").upper() in told
    assert read_certificates(tmp_path / "ca.pem") == (authority,)
    assert b"PRIVATE" not in (tmp_path / "ca.pem").read_bytes()
    served.ok("cert", "export-ca", "--der", str(tmp_path / "ca.cer"))
    assert x509.load_der_x509_certificate((tmp_path / "ca.cer").read_bytes()) == authority
    assert served.ok("cert", "export-ca", "-").encode() == certificate_pem(authority)
    assert "Can't write" in served.refused("cert", "export-ca", str(tmp_path / "no" / "ca.pem"))
    key = served.data / "certs" / "authority-key.pem"
    before = key.read_bytes()
    assert "is there already" in served.refused("cert", "export-ca", str(key))
    assert key.read_bytes() == before


def test_renew_makes_a_new_key_and_certificate_by_the_same_authority(served: Command) -> None:
    """Clients that trust the authority notice nothing."""
    before = served.json("cert", "show")
    made = json.loads(served.ok("cert", "renew", "--yes", "--json"))
    after = served.json("cert", "show")
    assert after["authority"] == before["authority"]
    assert made["sha256"] == after["server"]["sha256"] != before["server"]["sha256"]
    assert made["new_authority"] is False
    assert "within 15 seconds" in served.ok("cert", "renew", "--yes")


def test_renew_asks_first(served: Command) -> None:
    """Whoever says no, or nothing, has renewed nothing."""
    before = served.json("cert", "show")
    for answer in ("n\n", ""):
        result = served.run("cert", "renew", input=answer)
        assert result.exit_code == 1
        assert "Nothing was renewed" in result.stderr
    assert served.json("cert", "show") == before
    assert served.run("cert", "renew", input="y\n").exit_code == 0
    assert served.json("cert", "show") != before


def test_renew_says_when_the_authority_is_new_too(served: Command) -> None:
    """A name that the old one may not sign for."""
    (served.data / "imapgate.toml").write_text('names = ["mail.example.org"]\n')
    assert "trust it anew" in served.ok("cert", "renew", "--yes")
    assert "mail.example.org" in served.json("cert", "show")["authority"]["names"]


def test_one_s_own_certificate_is_shown_and_left_alone(served: Command, tmp_path: Path) -> None:
    """It is theirs to renew, and its authority theirs to hand out."""
    certificate = _own(served, tmp_path)
    before = certificate.read_bytes()
    shown = served.json("cert", "show")
    assert (shown["own"], shown["authority"]) == (True, None)
    assert (shown["server"]["file"], shown["server"]["key_mode"]) == (str(certificate), "0640")
    assert "Made by      yourself" in served.ok("cert", "show")
    assert "yours to renew" in served.refused("cert", "renew", "--yes")
    assert "imapgate has no authority" in served.refused("cert", "export-ca", "-")
    assert certificate.read_bytes() == before


def test_a_broken_file_is_one_sentence(served: Command) -> None:
    """Which file, and what is wrong with it."""
    (served.data / "certs" / "authority.pem").write_text("cut sh")
    assert "authority.pem holds no certificate in PEM form." in served.refused("cert", "show")
