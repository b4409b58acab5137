"""The TLS of a service, from the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

import certs
from imapgate.activities.names import Mistake
from imapgate.settings import Settings
from imapgate.tls import server_tls


def _names(tls: certs.ServerTls) -> set[str]:
    extension = tls.material.chain[0].extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return {str(name.value) for name in extension.value}


def test_a_certificate_is_made_once_for_this_machine_and_the_names_set(tmp_path: Path) -> None:
    """At first start; the next start takes the same."""
    settings = Settings(tmp_path, host="192.0.2.7", names=("mail.example.org",))
    tls = server_tls(settings)
    assert {"localhost", "127.0.0.1", "::1", "192.0.2.7", "mail.example.org"} <= _names(tls)
    assert server_tls(settings).material.chain == tls.material.chain
    assert tls.renew() is False


def test_listening_on_all_addresses_names_none_of_them(tmp_path: Path) -> None:
    """`0.0.0.0` is no address that a client connects to."""
    assert "0.0.0.0" not in _names(server_tls(Settings(tmp_path, host="0.0.0.0")))


def test_one_s_own_certificate_is_used_and_taken_anew_when_it_changes(tmp_path: Path) -> None:
    """PEM files from elsewhere; nothing is made beside them."""
    made = certs.local(tmp_path / "made", ("first.example",))
    pem = tmp_path / "made" / "server.pem"
    settings = Settings(tmp_path / "data", certificate=pem, key=pem)
    tls = server_tls(settings)
    assert tls.material.chain == made.chain
    assert not settings.certs.exists()
    certs.local(tmp_path / "made", ("first.example", "second.example"))
    assert tls.renew() is True
    assert "second.example" in _names(tls)


def test_a_certificate_that_can_t_be_used_is_one_sentence(tmp_path: Path) -> None:
    """Missing and broken files."""
    missing = Settings(tmp_path, certificate=tmp_path / "c.pem", key=tmp_path / "k.pem")
    with pytest.raises(Mistake, match=r"TLS can't be set up: .*\.pem"):
        server_tls(missing)
    (tmp_path / "c.pem").write_text("nonsense")
    (tmp_path / "k.pem").write_text("nonsense")
    with pytest.raises(Mistake, match="TLS can't be set up"):
        server_tls(missing)
