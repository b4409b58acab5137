"""The account whose mailbox is read by who is killed."""

from __future__ import annotations

from pathlib import Path

from world import World

from imapgate.incoming.accounts import add_account
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage import Database


def add_account_of(
    data: Path, world: World, protocol: str, afterwards: str, password: str = "x", **more: object
) -> None:
    """Few messages a round, so that a full mailbox takes several; nobody is held. more:
    settings."""
    wanted = {
        "protocol": protocol,
        "host": "mail.example.org",
        "user": "support",
        "after_reading": afterwards,
        "per_round": 3,
        "hourly": 0,
        **({"move_to": "Done"} if afterwards == "move" else {}),
        **more,
    }
    key = SecretKey(data / "secrets.key")
    db = Database.open(data / "imapgate.db")
    try:
        db.write(
            lambda tx: add_account(
                tx,
                world.segment_id,
                "support",
                "mailbox",
                wanted,
                Secrets(password=password),
                key,
                "tests",
            )
        )
    finally:
        db.close()
