"""Options of everything that reaches a server: accounts and mailers; their secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from imapgate.activities.names import Mistake
from imapgate.cli.options import PASSWORD_VARIABLE, F, secret
from imapgate.servers.server import GRANTS, TLS_VERSIONS, Secrets
from imapgate.servers.settings import values
from imapgate.servers.settings.flat import Settings

CLIENT_SECRET_VARIABLE = "IMAPGATE_CLIENT_SECRET"  # noqa: S105  # a name, no secret

Texts = Mapping[str, tuple[str, str]]
"""Each setting's metavar and help."""


def choice(*choices: str) -> str:
    """As a metavar."""
    return f"[{'|'.join(choices)}]"


SWITCH = choice("on", "off")

CERTIFICATE = {
    "lowest_tls": (choice(*TLS_VERSIONS), "The lowest TLS version; default: 1.2."),
    "verify": (SWITCH, "Whether the server's certificate is checked; default: on."),
    "ca": ("FILE", "PEM of an authority that is trusted beside the system's; empty: none."),
    "pin": ("SHA256", "The certificate that is trusted as it is; empty: none."),
}
LOGIN = {
    "user": ("NAME", "Who logs in."),
    "mechanism": ("NAME", "The SASL mechanism; empty: the best that is offered."),
    "authority": ("URL", "OAuth: the issuer, or its token endpoint."),
    "client_id": ("ID", "OAuth: the client."),
    "scope": ("TEXT", "OAuth: the scope."),
    "grant": (choice(*GRANTS), "OAuth: how tokens are got; default: client_credentials."),
}


def settings_options(settings: Texts, lists: Sequence[str] = ()) -> Callable[[F], F]:
    """Options for these settings, as texts. lists: those that may be repeated."""

    def decorated(command: F) -> F:
        for name, (metavar, text) in reversed(list(settings.items())):
            command = click.option(
                f"--{name.replace('_', '-')}",
                name,
                metavar=metavar,
                help=text,
                multiple=name in lists,
            )(command)
        return command

    return decorated


def secrets_options(command: F) -> F:
    path = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
    command = click.option(
        "--client-secret-file",
        type=path,
        metavar="FILE",
        help=f"OAuth: the client's secret from the first line of FILE; else "
        f"{CLIENT_SECRET_VARIABLE} counts, else it is asked for.",
    )(command)
    return click.option(
        "--password-file",
        type=path,
        metavar="FILE",
        help=f"The password from the first line of FILE (- is the standard input); else "
        f"{PASSWORD_VARIABLE} counts, else it is asked for.",
    )(command)


def said_settings(
    said: Mapping[str, Any], value_of: Callable[[str, str], Any], lists: Sequence[str] = ()
) -> dict[str, Any]:
    """Those options that were given, by what they mean. Raises Mistake."""
    found: dict[str, Any] = {}
    for name, text in said.items():
        if text is None or text == ():
            continue
        if name in lists:
            found[name] = [one for part in text for one in value_of(name, part)]
        elif name == "ca":
            found[name] = authority_in(Path(text)) if text else None
        else:
            found[name] = value_of(name, text)
    return found


@dataclass(frozen=True, slots=True)
class Files:
    """Of secrets that the command line names."""

    password: Path | None
    client_secret: Path | None


def needed_secrets(now: Settings) -> dict[str, bool]:
    """Which secrets nobody can log in without."""
    how = now["authentication"]
    credentials = how == "oauth" and now["grant"] == "client_credentials"
    return {"password": how == "password", "client_secret": credentials}


def given_secrets(
    from_properties: Secrets, now: Settings, files: Files, *, needed: dict[str, bool]
) -> Secrets:
    """Those of the files, else of the properties, else of the environment or the prompt where they
    are needed. Raises Mistake."""
    how = now["authentication"]
    password, client_secret = from_properties.password, from_properties.client_secret
    for given, what, goes_with in (
        (files.password or password, "A password", "password"),
        (files.client_secret or client_secret, "A client secret", "oauth"),
    ):
        if given is not None and how != goes_with:
            raise Mistake(f"{what} goes with authentication {goes_with}, and this is {how}.")
    if files.password or (needed["password"] and password is None):
        password = new_password(files.password, now["user"])
    if files.client_secret or (needed["client_secret"] and client_secret is None):
        client_secret = new_client_secret(files.client_secret, now["client_id"])
    return Secrets(password=password, client_secret=client_secret)


def new_password(file: Path | None, user: str) -> str:
    """From the file, the environment or the prompt. Raises Mistake."""
    return secret(file, PASSWORD_VARIABLE, "password", f"Password of {user} at the mail server")


def new_client_secret(file: Path | None, client_id: str) -> str:
    """The same of an OAuth client's secret."""
    prompt = f"Client secret of {client_id}"
    return secret(file, CLIENT_SECRET_VARIABLE, "client secret", prompt)


def authority_in(path: Path) -> str:
    """PEM of a file. Raises Mistake."""
    try:
        with path.open(encoding="ascii") as lines:
            return lines.read(values.AUTHORITY + 1)
    except UnicodeDecodeError:
        raise Mistake(f"{path} holds no certificate in PEM form.") from None
    except OSError as error:
        raise Mistake(f"Can't read {path}: {error.strerror}.") from error


def ask(question: str) -> None:
    try:
        if click.confirm(question, err=True):
            return
    except click.Abort:
        click.echo(err=True)
    raise Mistake("Nothing was changed.")
