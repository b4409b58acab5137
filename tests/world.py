"""A small segment, as in the demo, for tests: people, groups, creators and their folders."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from imapgate.activities import creators, groups, passwords, segments, users
from imapgate.activities.people import Person
from imapgate.folders import groups as folder_groups
from storage import Database, Tx

PASSWORD = "demo"

TRACKERS = ("E-Mails", "Support", "Sales", "Archive", "Meetings", "Büro & Ablage")
CREATORS = (
    # name, type, group
    ("E-Mails", "E-Mail", "E-Mails"),
    ("Support E-Mails", "E-Mail", "Support"),
    ("GadgetASupport", "Bug", "Support"),
    ("Sales E-Mails", "E-Mail", "Sales"),
    ("Meetings", "Meeting", "Meetings"),
    ("Büro E-Mails", "E-Mail", "Büro & Ablage"),
    ("VIP E-Mails", "E-Mail", "VIP customers"),
)
GROUPS = (
    *(("tracker", name) for name in TRACKERS),
    ("category", "VIP customers"),
    ("milestone", "Release 1.0"),
)


@dataclass(frozen=True, slots=True)
class World:
    """admin: the administrator. alice: contributor everywhere. bob: manager everywhere. carol:
    viewer of Support only. dave: member of nothing. groups: name -> id (of activity groups)."""

    db: Database
    segment_id: int
    people: dict[str, Person]
    groups: dict[str, int]

    def copied(self, db: Database) -> World:
        """The same in a copy of its database, for a test that may add to it."""
        return replace(self, db=db, people=dict(self.people), groups=dict(self.groups))

    @property
    def admin(self) -> Person:
        return self.people["admin"]

    @property
    def alice(self) -> Person:
        return self.people["alice"]

    @property
    def bob(self) -> Person:
        return self.people["bob"]

    @property
    def carol(self) -> Person:
        return self.people["carol"]

    @property
    def dave(self) -> Person:
        return self.people["dave"]


def build(db: Database) -> World:
    """In an empty database; every password is PASSWORD, every e-mail `name@example.org`. Made once
    in a process and copied: making it anew costs more than most tests."""
    content, made = _template()
    with (
        closing(sqlite3.connect(":memory:")) as source,
        closing(sqlite3.connect(db.path)) as target,
    ):
        source.deserialize(content)
        source.backup(target)
    return made.copied(db)


@cache
def _template() -> tuple[bytes, World]:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "imapgate.db"
        db = Database.create(path, "tests")
        made = db.write(lambda tx: _build(db, tx, passwords.hashed(PASSWORD)))
        db.close()
        with closing(sqlite3.connect(path)) as source:
            source.execute("PRAGMA journal_mode=DELETE")
            return source.serialize(), made


def _build(db: Database, tx: Tx, password_hash: str) -> World:
    segment, admin = segments.add_segment(
        tx, "Standard", "admin", "admin@example.org", password_hash
    )
    assert admin is not None
    people = {"admin": admin}
    for name in ("alice", "bob", "carol", "dave"):
        email = f"{name}@example.org"
        people[name] = users.add_user(tx, segment.id, name, email, password_hash)
    for person in people.values():
        folder_groups.make_home(tx, person)
    made = {}
    for kind, name in GROUPS:
        made[name] = groups.add_group(tx, segment.id, name, kind)
        folder_groups.group_added(tx, made[name].id)
    for name, type_name, served in CREATORS:
        creators.add_creator(tx, segment.id, name, type_name, [made[served]])
    segments.set_default_creator(tx, segment.id, "E-Mails")
    for name, group in made.items():
        members = {"alice": "contributor", "bob": "manager"}
        if name == "Support":
            members["carol"] = "viewer"
        for login, role in members.items():
            principal_id, new = groups.set_member(tx, group, f"{login}@Standard", role)
            folder_groups.members_changed(tx, group.id, principal_id if new else None)
    return World(db, segment.id, people, {name: group.id for name, group in made.items()})
