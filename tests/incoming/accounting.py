"""Accounts in a small segment, for the tests of their settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from world import World

from imapgate.incoming import accounts
from imapgate.incoming.account import Account
from imapgate.incoming.settings.defaults import set_defaults
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage.settings_history import SettingsRecord, records

PASSWORD = Secrets(password="open sesame")
OAUTH = {
    "authentication": "oauth",
    "authority": "https://login.example.net/acme",
    "client_id": "imapgate",
}


@dataclass(frozen=True, slots=True)
class Office:
    """Who looks after the accounts of a world's segment."""

    world: World
    key: SecretKey

    def add(
        self,
        name: str = "support",
        kind: str = "mailbox",
        secrets: Secrets = PASSWORD,
        **wanted: Any,
    ) -> Account:
        said = {"host": "mail.example.net", "user": "support", **wanted}
        return self.world.db.write(
            lambda tx: accounts.add_account(
                tx, self.world.segment_id, name, kind, said, secrets, self.key, "anna@desk", "new"
            )
        )

    def edit(
        self,
        account: Account,
        secrets: Secrets | None = None,
        new_name: str | None = None,
        reason: str = "",
        **wanted: Any,
    ) -> Account:
        return self.world.db.write(
            lambda tx: accounts.edit_account(
                *(tx, account, wanted, self.key, "bert@desk", reason),
                new_name=new_name,
                secrets=secrets,
            )
        )

    def default(self, **wanted: Any) -> dict[str, Any]:
        return self.world.db.write(
            lambda tx: set_defaults(tx, self.world.segment_id, wanted, "dora@desk", "usual")
        )

    def remove(self, account: Account) -> None:
        self.world.db.write(lambda tx: accounts.remove_account(tx, account, "carl@desk", "over"))

    def secrets(self, account: Account) -> Secrets:
        return self.world.db.read(lambda tx: accounts.secrets_of(tx, account, self.key))

    def found(self, name: str) -> Account:
        return self.world.db.read(lambda tx: accounts.find_account(tx, self.world.segment_id, name))

    def records(self) -> list[SettingsRecord]:
        """The newest first."""
        return self.world.db.read(lambda tx: records(tx, self.world.segment_id))


def office_of(world: World, directory: Path) -> Office:
    return Office(world, SecretKey(directory / "secrets.key"))
