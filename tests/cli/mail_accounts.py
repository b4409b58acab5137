"""Accounts in a data directory, for the tests of commands that go to a server with them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from command import Command
from token_server import CLIENT, SECRET, TokenServer

from imapgate.incoming import accounts
from imapgate.incoming.account import Account
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage import Database, settings_history

OAUTH = {"authentication": "oauth", "user": "crm@example.org", "scope": "mail offline_access"}


def add_account(command: Command, secrets: Secrets, **wanted: Any) -> Account:
    """Account `support` of segment Acme."""
    key = SecretKey(command.data / "secrets.key")
    with closing(Database.open(command.data / "imapgate.db")) as db:
        return db.write(
            lambda tx: accounts.add_account(
                tx, 1, "support", "mailbox", wanted, secrets, key, "tests"
            )
        )


def add_oauth(command: Command, server: TokenServer, **wanted: Any) -> Account:
    """One that signs in by a refresh token, which it doesn't have yet."""
    said = {
        **OAUTH,
        "host": "mail.example",
        "ca": server.authority,
        "authority": server.issuer,
        "client_id": CLIENT,
        "grant": "refresh_token",
    }
    return add_account(command, Secrets(client_secret=SECRET), **{**said, **wanted})


def edit(command: Command, account: Account, **wanted: Any) -> None:
    """As another command does meanwhile."""
    key = SecretKey(command.data / "secrets.key")
    with closing(Database.open(command.data / "imapgate.db")) as db:
        db.write(lambda tx: accounts.edit_account(tx, account, wanted, key, "tests"))


def secrets_of(command: Command, account: Account) -> Secrets:
    key = SecretKey(command.data / "secrets.key")
    with closing(Database.open(command.data / "imapgate.db")) as db:
        return db.read(lambda tx: accounts.secrets_of(tx, account, key))


def pins(command: Command, account: Account) -> str | None:
    """Which certificate the account has pinned."""
    with closing(Database.open(command.data / "imapgate.db")) as db:
        now = db.read(lambda tx: accounts.account_by_id(tx, account.id))
    assert now is not None
    return now.place.tls.pinned


def history(command: Command) -> list[settings_history.SettingsRecord]:
    """The newest first."""
    with closing(Database.open(command.data / "imapgate.db")) as db:
        return db.read(lambda tx: settings_history.records(tx, 1))
