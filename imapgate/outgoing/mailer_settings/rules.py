"""Which settings of a mailer go together, and which need a warning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imapgate.activities.names import Mistake
from imapgate.outgoing.mailer import FALLBACK, MECHANISMS, TO_FILE, Mailer
from imapgate.outgoing.mailer_settings.flat import BLANK, effective
from imapgate.servers.server import Secrets
from imapgate.servers.settings import rules
from imapgate.servers.settings.flat import CERTIFICATE, OAUTH, Settings
from imapgate.servers.settings.values import is_loopback

_OF_SERVER = (
    *("host", "port", "security", "connecting", "sending", "lowest_tls", *CERTIFICATE),
    *("authentication", "user", "mechanism", "account", *OAUTH),
)
"""What a mailer has none of that uses sendmail."""
_OWN = ("authentication", *OAUTH)
"""What it has none of that uses an account's application."""


def changed(before: Settings, wanted: Settings) -> dict[str, Any]:
    """What the settings are once those in wanted are changed: what hangs on them and isn't named
    follows (the log-in goes with the user, say)."""
    now = {**before, **wanted}

    def follow(*names: str) -> None:
        now.update({name: BLANK[name] for name in names if name not in wanted})

    if wanted.get("host"):
        follow("sendmail")
    if now["sendmail"] is not None:
        follow(*_OF_SERVER)
    if now["security"] == "none":
        follow(*CERTIFICATE)
    if wanted.get("account") is not None:
        follow(*_OWN)
    elif wanted.get("authentication") is not None:
        follow("account")
    if now["authentication"] != "oauth":
        follow(*OAUTH)
    if now["authentication"] == "none":
        follow("user")
    if _way(now) != _way(before):
        follow("mechanism")
    return now


def check(now: Settings, application: Settings | None) -> None:
    """application: settings of the account whose OAuth application it uses. Raises Mistake for what
    doesn't fit together. Each value by itself: values.checked."""
    if now["sendmail"] is not None:
        if any(now[name] != BLANK[name] for name in _OF_SERVER):
            raise Mistake(
                "sendmail knows by itself where mail goes: without host, port, security, "
                "certificate, time-outs and log-in."
            )
        return
    if not now["host"]:
        raise Mistake("Say where mail is handed over: the host is missing, or --sendmail.")
    if now["account"] is not None:
        if any(now[name] != BLANK[name] for name in _OWN):
            raise Mistake(
                "The account's application is used: without authentication, authority, client id, "
                "scope and grant of its own."
            )
        if (application or {}).get("authentication") != "oauth":
            raise Mistake(
                f'Account "{now["account"]}" doesn\'t sign in by OAuth, so it has no application '
                "that could be used."
            )
    of = effective(now, application)
    encrypted = now["security"] != "none"
    rules.check_certificate(of, encrypted, "security starttls or tls")
    rules.check_login(of, encrypted, MECHANISMS, "SMTP", "security starttls or tls")


def needed(now: Settings) -> Settings:
    """As it counts for the secrets that it has of its own: with an account's application none."""
    return effective(now) if now["account"] is None else {"authentication": "none"}


def login(now: Settings) -> tuple[Any, Any]:
    """With what the secrets that it needs change."""
    of = needed(now)
    return of["authentication"], of.get("grant")


def check_secrets(now: Settings, secrets: Secrets) -> None:
    """Raises Mistake where one is missing without which nobody can log in."""
    rules.check_secrets(needed(now), secrets, "mailer")


def warnings(mailer: Mailer) -> Iterator[str]:
    """A sentence for each danger."""
    if not mailer.active:
        yield "It is switched off: what is to go out by it waits."
    if mailer.intercept is not None:
        where = "into files" if mailer.intercept == TO_FILE else f"to {mailer.intercept}"
        yield f"It is for tests: whoever a mail is for, it goes {where}, and nothing else leaves."
    if not mailer.sender:
        yield (
            f"It has no From address: what the system sends is From {FALLBACK}, which nobody can "
            "answer and many servers refuse."
        )
    elif mailer.sender == FALLBACK:
        yield f"Nobody can answer a mail From {FALLBACK}, and many servers refuse it."
    relay = mailer.relay
    if relay is None:
        return
    if relay.security != "none" and not relay.tls.verify:
        yield rules.UNCHECKED
    if relay.security == "none" and not is_loopback(relay.host):
        yield rules.IN_CLEAR


def _way(now: Settings) -> str:
    """How it logs in: with it the mechanism goes."""
    return str(effective(now)["authentication"])
