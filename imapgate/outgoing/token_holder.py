"""A mailer as whoever logs in with tokens: by an application of its own, or by an account's, so
that there is one refresh token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from imapgate.outgoing.mailer import Mailer, Relay
from imapgate.servers.oauth.tokens import Holder
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets, ServerError
from imapgate.servers.settings.flat import BLANK, login_of, tls_of
from storage import Tx, accounts
from storage import mailers as rows


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose secrets they are (servers.secrets), and how they are read and kept, encrypted."""

    owner: str
    read: Callable[[Tx], bytes | None]
    keep: Callable[[Tx, bytes | None], None]


def owned(mailer: Mailer) -> Owned:
    """The mailer's own, or those of the account whose application it uses."""
    if mailer.account_id is None:
        read, keep = partial(rows.secrets, mailer_id=mailer.id), rows.set_secrets
        return Owned(owner(mailer.id), read, lambda tx, octets: keep(tx, mailer.id, octets))
    of = mailer.account_id
    return Owned(
        f"account {of}",
        partial(accounts.secrets, account_id=of),
        lambda tx, octets: accounts.set_secrets(tx, of, octets),
    )


def owner(mailer_id: int) -> str:
    """Whose a mailer's secrets are."""
    return f"mailer {mailer_id}"


def secrets_of(tx: Tx, mailer: Mailer, key: SecretKey) -> Secrets:
    """In clear text; with an account's application that account's. Raises SecretsError."""
    of = owned(mailer)
    encrypted = of.read(tx)
    return Secrets() if encrypted is None else key.decrypt(encrypted, of.owner)


def holder(tx: Tx, mailer: Mailer, key: SecretKey) -> Holder:
    """For servers.oauth.tokens.Tokens. Raises LookupError for a mailer without a server."""
    if mailer.relay is None:
        raise LookupError(f"mailer {mailer.id} has no server")
    of = owned(mailer)

    def renew(tx: Tx, came: str) -> None:
        kept = replace(secrets_of(tx, mailer, key), refresh_token=came)
        of.keep(tx, key.encrypt(kept, of.owner))

    read = partial(secrets_of, mailer=mailer, key=key)
    if mailer.account_id is None:
        return Holder(of.owner, called(mailer), authorize(mailer), mailer.relay, read, renew)
    row = accounts.by_id(tx, mailer.account_id)
    if row is None:
        raise LookupError(f"account {mailer.account_id}")
    settings = {**BLANK, **row.settings}
    # Its authority is reached as the account says.
    server = Relay(
        settings["host"],
        settings["port"],
        settings["security"],
        tls_of(settings),
        login_of(settings),
        timeout=settings["timeout"],
    )
    name = row.name.replace('"', "")
    return Holder(
        of.owner,
        f'account "{row.name}"',
        f'imapgate account authorize "{name}"',
        server,
        read,
        renew,
    )


def check_application(mailer: Mailer) -> None:
    """Raises ServerError if it is to log in by the application of an account that has none any
    more."""
    login = None if mailer.relay is None else mailer.relay.login
    if login is not None and login.authentication == "oauth" and login.oauth is None:
        raise ServerError(
            "token",
            f'Mailer "{mailer.name}" uses the application of an account that doesn\'t sign in by '
            "OAuth any more.",
            hint=f'`imapgate mailer edit "{mailer.name}"` changes that.',
            permanent=True,
        )


def called(mailer: Mailer) -> str:
    return f'mailer "{mailer.name}"'


def authorize(mailer: Mailer) -> str:
    """The command that lets a mailer send by OAuth."""
    scope = " --global" if mailer.segment_id is None else ""
    return f'imapgate mailer authorize "{mailer.name}"{scope}'
