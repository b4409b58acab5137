"""The settings of an account as options and as a file of properties, and its secrets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from imapgate.activities.names import Mistake
from imapgate.cli.options import PASSWORD_VARIABLE, F, secret
from imapgate.incoming.account import AFTERWARDS, PORTS, PROTOCOLS, STRANGERS, UNKNOWN_SENDERS
from imapgate.incoming.settings import javamail, properties, values
from imapgate.incoming.settings.texts import LISTS, value_of
from imapgate.incoming.settings.values import SECURITIES
from imapgate.servers.server import AUTHENTICATIONS, GRANTS, TLS_VERSIONS, Secrets

CLIENT_SECRET_VARIABLE = "IMAPGATE_CLIENT_SECRET"  # noqa: S105  # a name, no secret


def _choice(*choices: str) -> str:
    return f"[{'|'.join(choices)}]"


_SWITCH = _choice("on", "off")
_PORTS = ", ".join(f"{name} {port}" for name, port in PORTS.items())

SETTINGS = {
    "label": ("TEXT", "What people call it."),
    "active": (_SWITCH, "Whether it is read; default: on."),
    "protocol": (_choice(*PROTOCOLS), "Default: imaps."),
    "host": ("HOST", "The mail server's name or address."),
    "port": ("PORT", f"Else the protocol's: {_PORTS}."),
    "security": (_choice(*SECURITIES), "How imap and pop3 are encrypted; default: none."),
    "folder": ("FOLDER", "The folder that is read, with IMAP; default: INBOX."),
    "timeout": ("TIME", "How long the server may take for a step; default: 30s."),
    "lowest_tls": (_choice(*TLS_VERSIONS), "The lowest TLS version; default: 1.2."),
    "verify": (_SWITCH, "Whether the server's certificate is checked; default: on."),
    "ca": ("FILE", "PEM of an authority that is trusted beside the system's; empty: none."),
    "pin": ("SHA256", "The certificate that is trusted as it is; empty: none."),
    "authentication": (_choice(*AUTHENTICATIONS), "How it logs in; default: password."),
    "user": ("NAME", "Who logs in."),
    "mechanism": ("NAME", "The SASL mechanism; empty: the best that is offered."),
    "authority": ("URL", "OAuth: the issuer, or its token endpoint."),
    "client_id": ("ID", "OAuth: the client."),
    "scope": ("TEXT", "OAuth: the scope."),
    "grant": (_choice(*GRANTS), "OAuth: how tokens are got; default: client_credentials."),
    "after_reading": (
        _choice(*AFTERWARDS, "default"),
        "What becomes of a mail in the mailbox: marked as seen, moved, deleted; else POP3 deletes, "
        "IMAP keeps.",
    ),
    "move_to": ("FOLDER", "Where read mails are moved to."),
    "interval": ("TIME", "How often it is read: 90s, 5m, 1h; else 5m."),
    "retries": ("NUMBER", "How often a mail that can't be filed is tried again; else 3."),
    "debug": (_choice("on", "off", "default"), "Whether the dialogue is logged; else off."),
    "per_round": ("NUMBER", "Mails that are taken at a time; default: 30."),
    "creator": ("NAME", "What its mails become; empty: the segment's default."),
    "logging_user": ("USER", "Who logs what it brings; empty: the segment's administrator."),
    "use_linked_user": (
        _SWITCH,
        "Whether a sender who is staff and a user logs it instead; default: off.",
    ),
    "unknown_sender": (
        _choice(*UNKNOWN_SENDERS),
        "Whose contact an unknown sender is: a new one, or the administrator's; default: create.",
    ),
    "stranger": (
        _choice(*STRANGERS),
        "Whether a number links a mail: always, if its sender or a recipient is known there, "
        "never; default: known.",
    ),
    "hourly": (
        "NUMBER",
        "Mails of one sender in an hour, more are held; 0: any number; default: 100.",
    ),
    "plus": ("ADDRESS", "An address of the mailbox whose +number counts; may be repeated."),
    "reply_to": ("ADDRESS", "Approvals: where replies go; else where requests come from."),
    "approve": ("WORD", "Approvals: a word that approves; may be repeated."),
    "reject": ("WORD", "Approvals: a word that rejects; may be repeated."),
}
"""Each setting's metavar and help."""


def settings_options(*names: str) -> Callable[[F], F]:
    """Options for these settings, as texts."""

    def decorated(command: F) -> F:
        for name in reversed(names):
            metavar, text = SETTINGS[name]
            command = click.option(
                f"--{name.replace('_', '-')}",
                name,
                metavar=metavar,
                help=text,
                multiple=name in LISTS,
            )(command)
        return command

    return decorated


def properties_option(command: F) -> F:
    return click.option(
        "--properties",
        "file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Settings from FILE, by these names or JavaMail's (mail.imap.host=...); ${NAME} is "
        "the environment's NAME. Options win.",
    )(command)


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


def said_settings(said: Mapping[str, Any]) -> dict[str, Any]:
    """Those options that were given, by what they mean. Raises Mistake."""
    found: dict[str, Any] = {}
    for name, text in said.items():
        if text is None or text == ():
            continue
        if name in LISTS:
            found[name] = [one for part in text for one in value_of(name, part)]
        elif name == "ca":
            found[name] = authority_in(Path(text)) if text else None
        else:
            found[name] = value_of(name, text)
    return found


def from_file(
    file: Path | None, named: Mapping[str, Any], account: Mapping[str, Any]
) -> javamail.Understood:
    """What a file of properties says. named: settings of the command line; account: those that it
    has. Raises Mistake with every fault by its line."""
    if file is None:
        return javamail.Understood({}, Secrets())
    try:
        with file.open("rb") as octets:
            content = octets.read(properties.LONGEST + 1)
    except OSError as error:
        raise Mistake(f"Can't read {file}: {error.strerror}.") from error
    found, faults = properties.read(content, os.environ)
    understood = javamail.understood(found, named, account, faults)
    if faults:
        raise properties.refusal(str(file), faults)
    return understood


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
