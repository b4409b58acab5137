"""How a server is reached and logged in to, by the settings' names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imapgate.servers.server import Login, OAuth, Tls

Settings = Mapping[str, Any]
"""Name (as on the command line, with `_`) -> value, as JSON takes it."""

CERTIFICATE = ("verify", "ca", "pin")
"""Go with TLS."""
OAUTH = ("authority", "client_id", "scope", "grant")
"""Go with authentication oauth."""


def tls_settings(tls: Tls) -> dict[str, Any]:
    """All but whether there is any."""
    return {
        "lowest_tls": tls.lowest,
        "verify": tls.verify,
        "ca": tls.ca,
        "pin": tls.pinned,
    }


def login_settings(login: Login) -> dict[str, Any]:
    """Those of OAuth too, blank where it isn't used."""
    oauth = login.oauth or OAuth("", "", "")
    return {
        "authentication": login.authentication,
        "user": login.user,
        "mechanism": login.mechanism,
        "authority": oauth.authority,
        "client_id": oauth.client_id,
        "scope": oauth.scope,
        "grant": oauth.grant,
    }


def tls_of(of: Settings) -> Tls:
    """security starttls: on a port that begins in clear text."""
    return Tls(of["security"] == "starttls", of["lowest_tls"], of["verify"], of["ca"], of["pin"])


def login_of(of: Settings) -> Login:
    """What these say; OAuth where they say so."""
    oauth = None
    if of["authentication"] == "oauth":
        oauth = OAuth(of["authority"], of["client_id"], of["scope"], of["grant"])
    return Login(of["authentication"], of["user"], of["mechanism"], oauth)


BLANK = {"security": "none", **tls_settings(Tls()), **login_settings(Login())}
"""What counts where nothing was said."""
