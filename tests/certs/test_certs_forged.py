"""What somebody who stole the authority's key can't sign, as OpenSSL sees it."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from trusting import DAY

import certs
from certs import authority, files, leaf, names
from certs.material import AUTHORITY


@pytest.mark.parametrize(
    "name", ["alice@example.org", "https://bank.example/", "192.0.2.77", "bank.example"]
)
def test_openssl_refuses_every_kind_of_name_that_the_authority_may_not_sign(
    tmp_path: Path, name: str
) -> None:
    """Mail addresses and URIs too: a kind of name without a constraint would be free."""
    certs.local(tmp_path, now=datetime.datetime.now(datetime.UTC))
    thief = authority.load(tmp_path / "authority-key.pem")
    good, _ = leaf.make(thief, names.served(()), datetime.datetime.now(datetime.UTC))
    assert _openssl_verify(tmp_path, good) == ""
    stolen = _signed_for(thief, name)
    assert "permitted subtree violation" in _openssl_verify(tmp_path, stolen)


def test_openssl_refuses_an_authority_below_the_authority(tmp_path: Path) -> None:
    """Path length 0: what it signs can sign nothing."""
    certs.local(tmp_path, now=datetime.datetime.now(datetime.UTC))
    thief = authority.load(tmp_path / "authority-key.pem")
    below = authority.make(names.required(()), datetime.datetime.now(datetime.UTC))
    below_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "below")])
    builder = _builder(thief, below.key).subject_name(below_name)
    middle = builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    ).sign(thief.key, hashes.SHA256())
    end, _ = leaf.make(
        authority.Authority(middle, below.key),
        names.required(()),
        datetime.datetime.now(datetime.UTC),
    )
    assert "path length constraint exceeded" in _openssl_verify(tmp_path, end, middle)


def _builder(
    signer: authority.Authority, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )


def _signed_for(signer: authority.Authority, name: str) -> x509.Certificate:
    general: x509.GeneralName
    if "@" in name:
        general = x509.RFC822Name(name)
    elif "/" in name:
        general = x509.UniformResourceIdentifier(name)
    else:
        general = names.parse(name)
    builder = _builder(signer, ec.generate_private_key(ec.SECP256R1()))
    builder = builder.subject_name(x509.Name([])).add_extension(
        x509.SubjectAlternativeName([general]), critical=True
    )
    return builder.sign(signer.key, hashes.SHA256())


def _openssl_verify(directory: Path, leaf: x509.Certificate, *between: x509.Certificate) -> str:
    """What `openssl verify` has against the certificate, "" if nothing, trusting the authority."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    (directory / "leaf.pem").write_bytes(files.certificate_pem(leaf))
    (directory / "between.pem").write_bytes(files.certificate_pem(*between))
    words = [program, "verify", "-x509_strict", "-CAfile", str(directory / AUTHORITY)]
    if between:
        words += ["-untrusted", str(directory / "between.pem")]
    done = subprocess.run(
        [*words, str(directory / "leaf.pem")], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr
