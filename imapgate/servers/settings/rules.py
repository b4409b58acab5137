"""Which settings of a server go together."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.names import Mistake
from imapgate.servers.server import OAUTH_MECHANISMS, Secrets
from imapgate.servers.settings.flat import BLANK, CERTIFICATE, OAUTH, Settings

UNCHECKED = (
    "The server's certificate is not checked: whoever is on the way can read the password and "
    "every mail."
)
IN_CLEAR = "Nothing is encrypted: whoever is on the way can read the password and every mail."


def check_certificate(now: Settings, encrypted: bool, instead: str) -> None:
    """instead: what to use so that there is a certificate. Raises Mistake."""
    if not encrypted:
        for name, what in zip(
            CERTIFICATE,
            ("certificate validation", "an authority", "a pinned certificate"),
            strict=True,
        ):
            if now[name] != BLANK[name]:
                raise Mistake(
                    f"Without TLS there is no certificate, so {what} can't be set: use {instead}."
                )
    if not now["verify"] and (now["ca"] or now["pin"]):
        raise Mistake(
            "An authority or a pinned certificate is of no use while certificates aren't validated."
        )


def check_login(
    now: Settings, encrypted: bool, mechanisms: Sequence[str], server: str, instead: str
) -> None:
    """mechanisms: of the server's protocol, which take a password. server: what it is called;
    instead: what to use so that it is encrypted. Raises Mistake."""
    how, user, mechanism = now["authentication"], now["user"], now["mechanism"]
    known = mechanisms
    if how == "none" and (user or mechanism):
        raise Mistake("Without authentication there is neither user nor mechanism.")
    if how != "none" and not user:
        raise Mistake("Say who logs in: the user is missing.")
    if how != "oauth":
        if any(now[name] != BLANK[name] for name in OAUTH):
            raise Mistake("Authority, client id, scope and grant go with authentication oauth.")
    else:
        if not encrypted:
            raise Mistake(f"OAuth goes with TLS only: use {instead}.")
        if not now["authority"] or not now["client_id"]:
            raise Mistake("OAuth needs an authority and a client id.")
        known = OAUTH_MECHANISMS
    if mechanism and mechanism not in known:
        raise Mistake(
            f"The mechanism {mechanism} doesn't go with {server} and authentication {how}: "
            f"{', '.join(known)}."
        )


def check_secrets(now: Settings, secrets: Secrets, whose: str) -> None:
    """whose: `account`. Raises Mistake where one is missing without which nobody can log in."""
    if not suffice(now, secrets):
        if now["authentication"] == "password":
            raise Mistake(f"The {whose} needs a password.")
        raise Mistake("The grant client_credentials needs a client secret.")


def suffice(now: Settings, secrets: Secrets) -> bool:
    """Whether they are all that has to be given; a refresh token comes by itself."""
    if now["authentication"] == "password":
        return secrets.password is not None
    if now["authentication"] == "oauth" and now["grant"] == "client_credentials":
        return secrets.client_secret is not None
    return True


def belonging(now: Settings, secrets: Secrets) -> Secrets:
    """Those that this way of authentication uses."""
    if now["authentication"] == "password":
        return Secrets(password=secrets.password)
    if now["authentication"] != "oauth":
        return Secrets()
    refresh = secrets.refresh_token if now["grant"] == "refresh_token" else None
    return Secrets(client_secret=secrets.client_secret, refresh_token=refresh)
