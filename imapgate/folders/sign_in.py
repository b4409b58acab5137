"""Who may come in."""

from __future__ import annotations

from imapgate.activities.people import Person
from storage import Database, Tx


def sign_in(db: Database, login: str, password: str) -> Person | None:
    """login: `principal@Segment` or the person's e-mail address, case ignored. None: unknown, disabled or wrong, in the
    same time. Runs Argon2id: call it off the reactor. Raises storage.engine.Unavailable."""
    raise NotImplementedError


def still_welcome(tx: Tx, person: Person) -> bool:
    """The account exists and isn't disabled."""
    raise NotImplementedError
