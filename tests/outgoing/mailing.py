"""Mailers in a small segment, for the tests of their settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from world import World

from imapgate.outgoing import mailers
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.standing import Standing, standing
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage.settings_history import SettingsRecord, records

NONE = Secrets()
PASSWORD = Secrets(password="open sesame")
OAUTH = {
    "authentication": "oauth",
    "user": "crm@example.org",
    "authority": "https://login.example.net/acme",
    "client_id": "imapgate",
}


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Who looks after the mailers of a world's segment, and of all segments."""

    world: World
    key: SecretKey

    def add(
        self,
        name: str = "relay",
        secrets: Secrets = NONE,
        everywhere: bool = False,
        **wanted: Any,
    ) -> Mailer:
        said = {"host": "mail.example.net", "from": "crm@example.org", **wanted}
        of = None if everywhere else self.world.segment_id
        return self.world.db.write(
            lambda tx: mailers.add_mailer(tx, of, name, said, secrets, self.key, "anna@desk", "new")
        )

    def edit(
        self,
        mailer: Mailer,
        secrets: Secrets | None = None,
        new_name: str | None = None,
        reason: str = "",
        **wanted: Any,
    ) -> Mailer:
        return self.world.db.write(
            lambda tx: mailers.edit_mailer(
                *(tx, mailer, wanted, self.key, "bert@desk", reason),
                new_name=new_name,
                secrets=secrets,
            )
        )

    def default(self, mailer: Mailer, is_default: bool = True) -> Mailer:
        return self.world.db.write(
            lambda tx: mailers.set_default(tx, mailer, "dora@desk", is_default=is_default)
        )

    def remove(self, mailer: Mailer) -> int:
        return self.world.db.write(
            lambda tx: mailers.remove_mailer(tx, mailer, "carl@desk", "over")
        )

    def found(self, name: str) -> Mailer:
        return self.world.db.read(lambda tx: mailers.find_mailer(tx, self.world.segment_id, name))

    def secrets(self, mailer: Mailer) -> Secrets:
        return self.world.db.read(lambda tx: mailers.secrets_of(tx, mailer, self.key))

    def standing(self, mailer: Mailer) -> Standing:
        return self.world.db.read(lambda tx: standing(tx, mailer, self.key))

    def records(self) -> list[SettingsRecord]:
        """The newest first."""
        return self.world.db.read(lambda tx: records(tx, self.world.segment_id))


def office_of(world: World, directory: Path) -> PostOffice:
    return PostOffice(world, SecretKey(directory / "secrets.key"))
