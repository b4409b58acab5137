"""A mailer's settings by their names: as the command line, the settings history and the database
have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imapgate.outgoing.mailer import CONNECTING, SENDING, Mailer, Relay, usual_port
from imapgate.servers.server import Login, Tls
from imapgate.servers.settings.flat import BLANK as BLANK_SERVER
from imapgate.servers.settings.flat import Settings, login_of, login_settings, tls_of, tls_settings

COLUMNS = ("account",)
"""Stand in the mailer's row by themselves."""

BLANK: dict[str, Any] = {
    "active": True,
    "host": "",
    "port": None,
    "security": "starttls",
    "sendmail": None,
    "connecting": CONNECTING,
    "sending": SENDING,
    **tls_settings(Tls()),
    **login_settings(Login()),
    "authentication": None,
    "account": None,
    "from": "",
    "reply_to": None,
    "intercept": None,
    "debug": False,
}
"""What counts where nothing was said, in the order in which people read them. port None: the usual
one. sendmail: the path of this machine's program, instead of a host. authentication None: password
where there is a user, else none. from empty: nobody can answer."""


def effective(settings: Settings, application: Settings | None = None) -> dict[str, Any]:
    """All of them, as they count. application: the settings of the account whose OAuth application
    it uses."""
    now = {**BLANK, **settings}
    if now["account"] is not None:
        now["authentication"] = "oauth"
        of = {**BLANK_SERVER, **(application or {})}
        now |= {name: of[name] for name in ("authority", "client_id", "scope", "grant")}
        now["user"] = now["user"] or of["user"]
    if now["authentication"] is None:
        now["authentication"] = "password" if now["user"] else "none"
    if now["port"] is None:
        now["port"] = usual_port(now["security"], now["authentication"] != "none")
    return now


def built(
    mailer_id: int,
    segment_id: int | None,
    name: str,
    is_default: bool,
    settings: Settings,
    account_id: int | None = None,
    application: Settings | None = None,
) -> Mailer:
    """The mailer that has these; what they lack is as in BLANK. An application that signs in
    otherwise than by OAuth gives a login that nobody can use."""
    now = effective(settings, application)
    login = login_of(now)
    if account_id is not None and (application or {}).get("authentication") != "oauth":
        login = replace(login, oauth=None)
    relay = None
    if now["sendmail"] is None:
        relay = Relay(
            now["host"],
            now["port"],
            now["security"],
            tls_of(now),
            login,
            now["connecting"],
            now["sending"],
        )
    mailer = Mailer(
        mailer_id,
        segment_id,
        name,
        is_default,
        relay,
        now["from"],
        now["reply_to"],
        account_id=account_id,
        intercept=now["intercept"],
        debug=now["debug"],
        active=now["active"],
    )
    return mailer if relay is not None else replace(mailer, sendmail=now["sendmail"])
