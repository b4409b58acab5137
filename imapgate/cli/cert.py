"""The certificate that clients see: show it, hand out its authority, renew it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from cryptography.hazmat.primitives import serialization

import certs
from certs.described import describe
from certs.files import read_certificates
from imapgate import tls
from imapgate.activities.names import Mistake
from imapgate.cli.options import json_option
from imapgate.cli.output import clean, print_json, tell
from imapgate.cli.place import Place, command_line
from imapgate.settings import Settings

SEEN_WITHIN = 15
"""Seconds after which a running server has taken up new files for certain."""


@click.group()
def cert() -> None:
    """The TLS certificate and the authority that signs it.

    \b
    Example:
      imapgate cert show
    """


@cert.command("show")
@json_option
@click.pass_obj
def cert_show(place: Place, as_json: bool) -> None:
    """Show names, fingerprints, dates and files.

    The fingerprints are to be compared with what a client shows.

    \b
    Example:
      imapgate cert show
    """
    settings = place.settings()
    with told_plainly():
        shown = _shown(place, settings)
    if as_json:
        print_json(shown)
        return
    server, authority = shown["server"], shown["authority"]
    click.echo(f"Made by      {'yourself' if shown['own'] else 'imapgate'}")
    click.echo("\nCertificate of the server")
    click.echo(clean(f"  names      {', '.join(server['names'])}\n  signed by  {server['issuer']}"))
    _show_common(server)
    if authority is not None:
        click.echo("\nAuthority, which clients trust; it can sign for these names alone")
        click.echo(clean(f"  names      {', '.join(authority['names'])}"))
        _show_common(authority)


@cert.command("export-ca")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--der", is_flag=True, help="As DER, for phones and Windows; PEM if not given.")
@json_option
@click.pass_obj
def cert_export_ca(place: Place, file: Path, der: bool, as_json: bool) -> None:
    """Write the certificate that clients are to trust to FILE.

    It is the authority's; FILE - is the standard output. It holds no secret: the key stays
    where it is.

    \b
    Example:
      imapgate cert export-ca imapgate-ca.crt
    """
    settings = place.settings()
    if settings.certificate is not None:
        raise Mistake(
            "The certificate is your own: imapgate has no authority; ask whoever signed it."
        )
    with told_plainly():
        found = authority_of(place, settings)
    encoding = serialization.Encoding.DER if der else serialization.Encoding.PEM
    content = found.public_bytes(encoding)
    if str(file) == "-":
        click.echo(content, nl=False)
        return
    try:
        with file.open("xb") as out:
            out.write(content)
    except FileExistsError:
        raise Mistake(f"{file} is there already: name another file.") from None
    except OSError as error:
        raise Mistake(f"Can't write {file}: {error.strerror}.") from error
    sha256 = describe(found).sha256
    tell(
        f"Wrote {file}. A client that asks shows this SHA-256 fingerprint:\n{sha256}",
        {"file": str(file), "sha256": sha256},
        as_json,
    )


@cert.command("renew")
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
@click.pass_obj
def cert_renew(place: Place, yes: bool, as_json: bool) -> None:
    """Make a new server certificate and key now.

    The same authority signs it. The server does so by itself in time; this is for a key that
    somebody else may have seen. A running server takes it up within seconds, and no session ends.
    Clients that trust the authority notice nothing; who accepted the old certificate itself is
    asked once more.

    \b
    Example:
      imapgate cert renew --yes
    """
    settings = place.settings()
    if settings.certificate is not None:
        raise Mistake(
            "The certificate is your own, and yours to renew: replace "
            f"{settings.certificate} and {settings.key}; the server takes them up by itself."
        )
    with told_plainly():
        before = describe(authority_of(place, settings))
    if not yes:
        _confirm()
    with told_plainly():
        made = describe(tls.load(settings, anew=True).chain[0])
        after = describe(authority_of(place, settings))
    sentence = (
        f"Made a new certificate, good until {made.ends:%Y-%m-%d}; a running server takes it up "
        f"within {SEEN_WITHIN} seconds."
    )
    if after.sha256 != before.sha256:
        sentence += " The authority is new too: clients have to trust it anew."
    tell(
        sentence,
        {
            "sha256": made.sha256,
            "until": made.ends.isoformat(),
            "new_authority": after.sha256 != before.sha256,
        },
        as_json,
    )


def _confirm() -> None:
    try:
        agreed = click.confirm("Make a new certificate and key?", err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        raise Mistake("Nothing was renewed: answer y, or say --yes.")


def _shown(place: Place, settings: Settings) -> dict[str, Any]:
    own = settings.certificate is not None
    if settings.certificate is not None and settings.key is not None:
        file, key_file = settings.certificate, settings.key
    else:
        authority_of(place, settings)
        file = key_file = certs.local_files(settings.certs)[2]
    server = {**_described(read_certificates(file)[0]), **_where(file, key_file)}
    if own:
        return {"own": True, "server": server, "authority": None}
    authority_key, public, _ = certs.local_files(settings.certs)
    authority = {**_described(read_certificates(public)[0]), **_where(public, authority_key)}
    return {"own": False, "server": server, "authority": authority}


def _described(certificate: x509.Certificate) -> dict[str, Any]:
    found = describe(certificate)
    return {
        "names": list(found.names),
        "issuer": found.issuer,
        "sha256": found.sha256,
        "from": found.begins.isoformat(),
        "until": found.ends.isoformat(),
    }


def _where(file: Path, key_file: Path) -> dict[str, Any]:
    try:
        mode = f"{stat.S_IMODE(key_file.stat().st_mode):04o}"
    except OSError as error:
        raise Mistake(f"{key_file} can't be read: {error.strerror}.") from error
    return {"file": str(file), "key_file": str(key_file), "key_mode": mode}


def _show_common(shown: dict[str, Any]) -> None:
    click.echo(f"  SHA-256    {shown['sha256']}")
    click.echo(f"  good       {shown['from'][:10]} to {shown['until'][:10]}")
    click.echo(clean(f"  file       {shown['file']}"))
    click.echo(clean(f"  key        {shown['key_file']} (mode {shown['key_mode']})"))


def authority_of(place: Place, settings: Settings) -> x509.Certificate:
    """The certificate that clients are to trust, where imapgate makes its own. Raises Mistake if
    there is none yet."""
    public = certs.local_files(settings.certs)[1]
    if not public.exists():
        raise Mistake(
            f"There is no certificate in {settings.certs} yet: the server makes it at its first "
            f"start (`{command_line(place)} serve`)."
        )
    return read_certificates(public)[0]


@contextmanager
def told_plainly() -> Iterator[None]:
    """What is wrong with a certificate or its file, as a Mistake."""
    try:
        yield
    except certs.CertificateError as error:
        raise Mistake(f"{error}.") from error
    except OSError as error:
        raise Mistake(f"{error.filename}: {error.strerror}.") from error


COMMANDS = (cert,)
