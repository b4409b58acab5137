"""The settings of a mailer as options, and which mailers are meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from imapgate.activities.names import Mistake
from imapgate.cli import server_options
from imapgate.cli.options import F
from imapgate.cli.place import segment_of
from imapgate.cli.server_options import CERTIFICATE, LOGIN, SWITCH, choice
from imapgate.outgoing.mailer import SECURITIES, SENDMAIL, TO_FILE
from imapgate.outgoing.mailer_settings.texts import value_of
from imapgate.servers.server import AUTHENTICATIONS
from storage import Tx

SETTINGS = {
    "active": (SWITCH, "Whether mail goes out by it, else it waits; default: on."),
    "host": ("HOST", "The mail server's name or address."),
    "port": ("PORT", "Else 465 with tls, 587 where a user logs in, 25."),
    "security": (choice(*SECURITIES), "How the connection is encrypted; default: starttls."),
    "connecting": ("TIME", "How long connecting may take; default: 30s."),
    "sending": ("TIME", "How long the server may take for a step of sending; default: 5m."),
    **CERTIFICATE,
    "authentication": (
        choice(*AUTHENTICATIONS, "default"),
        "How it logs in; default: password where there is a user, else none.",
    ),
    **LOGIN,
    "account": ("NAME", "OAuth: the account whose application and authorization it uses."),
    "from": ("ADDRESS", "From of what the system sends by it."),
    "reply_to": ("ADDRESS", "Reply-To of what the system sends by it; empty: none."),
    "intercept": (
        f"[ADDRESS|{TO_FILE}]",
        "For test systems: everything goes to ADDRESS, or into files; empty: to whom it is for.",
    ),
    "debug": (SWITCH, "Whether the dialogue is logged; default: off."),
}
"""Each setting's metavar and help, but for sendmail, whose value may be left out."""


def settings_options(command: F) -> F:
    """All settings, as texts."""
    command = click.option(
        "--sendmail",
        metavar="[PATH]",
        is_flag=False,
        flag_value=SENDMAIL,
        help=f"This machine's sendmail instead of a host; else {SENDMAIL}.",
    )(command)
    return server_options.settings_options(SETTINGS)(command)


def scope_options(command: F) -> F:
    command = click.option("--global", "everywhere", is_flag=True, help="Those for all segments.")(
        command
    )
    return click.option(
        "--segment", metavar="NAME", help="The segment; needed only where there are several."
    )(command)


def scope_of(tx: Tx, segment: str | None, everywhere: bool) -> int | None:
    """The segment's id; None: all segments. Raises Mistake."""
    if everywhere:
        if segment is not None:
            raise Mistake("--segment and --global exclude each other.")
        return None
    return segment_of(tx, segment).id


def said_settings(said: Mapping[str, Any]) -> dict[str, Any]:
    """Those options that were given, by what they mean. Raises Mistake."""
    return server_options.said_settings(said, value_of)
