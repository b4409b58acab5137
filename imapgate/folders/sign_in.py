"""Who may come in, and who may stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from imapgate.activities import names, passwords
from imapgate.activities.people import Person, credentials
from storage import Database, Tx, folders
from storage import people as rows
from storage.engine import Unavailable

__all__ = ["Admission", "Person", "Standing", "is_one_of", "key", "sign_in", "standing"]


@dataclass(frozen=True, slots=True)
class Admission:
    """Who came in, and the password hash that let them in."""

    person: Person
    password_hash: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds now of somebody who came in. seen: those of the folders asked about that they
    see."""

    password_hash: str
    seen: frozenset[int]


def sign_in(db: Database, login: str, password: str) -> Admission | None:
    """login: `principal@Segment` or the person's e-mail address, case ignored.

    None: unknown, disabled or wrong, for the same work. A hash of other parameters than today's is
    made anew. Runs Argon2id: call it off the reactor. Raises storage.engine.Unavailable.
    """
    known = db.read(lambda tx: credentials(tx, login))
    # Who is unknown costs as much as who is known: the hash is computed either way.
    right = passwords.matches(known[1] if known else None, password)
    if known is None or not right:
        return None
    person, password_hash, disabled = known
    if disabled:
        return None
    if not passwords.is_outdated(password_hash):
        return Admission(person, password_hash)
    try:
        renewed = _renewed(db, person, password_hash, password)
    except Unavailable:
        return Admission(person, password_hash)  # Who only reads needs no write; the next one may.
    # None: somebody has just changed it, and that one counts.
    return sign_in(db, login, password) if renewed is None else Admission(person, renewed)


def is_one_of(tx: Tx, person: Person, login: str) -> bool:
    """Whether this is one of the person's own logins (RFC 4616: an authorization identity)."""
    known = credentials(tx, login)
    return known is not None and known[0].id == person.id


def key(login: str) -> str:
    """What makes two spellings the same login."""
    return names.key(login)


def standing(tx: Tx, people: Mapping[int, tuple[int, Collection[int]]]) -> dict[int, Standing]:
    """people: principal id -> segment id and the folders that their sessions have selected.

    Who isn't in the answer has no account any more, or a disabled one.
    """
    return {
        principal_id: Standing(
            password_hash,
            folders.still_seen(tx, principal_id, people[principal_id][0], [*selected])
            if (selected := people[principal_id][1])
            else frozenset(),
        )
        for principal_id, password_hash in rows.enabled(tx, [*people]).items()
    }


def _renewed(db: Database, person: Person, outdated: str, password: str) -> str | None:
    """The new hash once it is stored; None if the old one isn't there any more."""
    new = passwords.rehashed(password)

    def work(tx: Tx) -> bool:
        if rows.enabled(tx, [person.id]).get(person.id) != outdated:
            return False
        rows.set_password_hash(tx, person.id, new)
        return True

    return new if db.write(work) else None
