"""Who may come in."""

from __future__ import annotations

from imapgate.activities import passwords
from imapgate.activities.people import Person, credentials, person_by_id
from storage import Database, Tx

__all__ = ["Person", "sign_in", "still_welcome"]


def sign_in(db: Database, login: str, password: str) -> Person | None:
    """login: `principal@Segment` or the person's e-mail address, case ignored.

    None: unknown, disabled or wrong, in the same time. Runs Argon2id: call it off the reactor.
    Raises storage.engine.Unavailable.
    """
    known = db.read(lambda tx: credentials(tx, login))
    # Who is unknown costs as much as who is known: the hash is computed either way.
    right = passwords.matches(known[1] if known else None, password)
    if known is None or not right:
        return None
    person, _, disabled = known
    return None if disabled else person


def still_welcome(tx: Tx, person: Person) -> bool:
    """The account exists and isn't disabled."""
    known = person_by_id(tx, person.id)
    return known is not None and not known[1]
