"""The settings of an account as options and as a file of properties, and its secrets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from imapgate.activities.names import Mistake
from imapgate.cli import server_options
from imapgate.cli.options import F
from imapgate.cli.server_options import CERTIFICATE, LOGIN, SWITCH, choice
from imapgate.incoming.account import AFTERWARDS, PORTS, PROTOCOLS, STRANGERS, UNKNOWN_SENDERS
from imapgate.incoming.settings import javamail, properties
from imapgate.incoming.settings.texts import LISTS, value_of
from imapgate.incoming.settings.values import SECURITIES
from imapgate.servers.server import AUTHENTICATIONS, Secrets

_PORTS = ", ".join(f"{name} {port}" for name, port in PORTS.items())

SETTINGS = {
    "label": ("TEXT", "What people call it."),
    "active": (SWITCH, "Whether it is read; default: on."),
    "protocol": (choice(*PROTOCOLS), "Default: imaps."),
    "host": ("HOST", "The mail server's name or address."),
    "port": ("PORT", f"Else the protocol's: {_PORTS}."),
    "security": (choice(*SECURITIES), "How imap and pop3 are encrypted; default: none."),
    "folder": ("FOLDER", "The folder that is read, with IMAP; default: INBOX."),
    "timeout": ("TIME", "How long the server may take for a step; default: 30s."),
    **CERTIFICATE,
    "authentication": (choice(*AUTHENTICATIONS), "How it logs in; default: password."),
    **LOGIN,
    "after_reading": (
        choice(*AFTERWARDS, "default"),
        "What becomes of a mail in the mailbox: marked as seen, moved, deleted; else POP3 deletes, "
        "IMAP keeps.",
    ),
    "move_to": ("FOLDER", "Where read mails are moved to."),
    "interval": ("TIME", "How often it is read: 90s, 5m, 1h; else 5m."),
    "retries": ("NUMBER", "How often a mail that can't be filed is tried again; else 3."),
    "debug": (choice("on", "off", "default"), "Whether the dialogue is logged; else off."),
    "per_round": ("NUMBER", "Mails that are taken at a time; default: 30."),
    "creator": ("NAME", "What its mails become; empty: the segment's default."),
    "logging_user": ("USER", "Who logs what it brings; empty: the segment's administrator."),
    "use_linked_user": (
        SWITCH,
        "Whether a sender who is staff and a user logs it instead; default: off.",
    ),
    "unknown_sender": (
        choice(*UNKNOWN_SENDERS),
        "Whose contact an unknown sender is: a new one, or the administrator's; default: create.",
    ),
    "stranger": (
        choice(*STRANGERS),
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
    return server_options.settings_options({name: SETTINGS[name] for name in names}, LISTS)


def properties_option(command: F) -> F:
    return click.option(
        "--properties",
        "file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Settings from FILE, by these names or JavaMail's (mail.imap.host=...); ${NAME} is "
        "the environment's NAME. Options win.",
    )(command)


def said_settings(said: Mapping[str, Any]) -> dict[str, Any]:
    """Those options that were given, by what they mean. Raises Mistake."""
    return server_options.said_settings(said, value_of, LISTS)


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
