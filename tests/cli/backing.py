"""A database with mail in it and a look into others, for the tests of `backup` and `restore`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from command import Command
from desk import mail

from imapgate.activities.people import person
from imapgate.folders.drops import Arrival, append
from imapgate.folders.verdict import Outcome
from imapgate.limits import Limits
from storage import Database

FOLDER = "Trackers/Support"


def supported(acme: Command) -> Command:
    """Anna may drop into Support; one mail is there already: #10000001."""
    acme.ok("group", "add", "tracker", "Support")
    acme.ok("creator", "add", "Support E-Mails", "--type", "E-Mail", "--group", "Support")
    acme.ok("member", "set", "Support", "anna", "manager")
    drop(acme, 1)
    return acme


def drop(command: Command, n: int) -> None:
    with closing(Database.open(command.data / "imapgate.db")) as db:
        anna = db.read(lambda tx: person(tx, "anna@Acme"))
        arrival = Arrival(mail(f"mail {n}", n), (), None, 0)
        verdict = append(db, anna, FOLDER, [arrival], "tests", Limits())
        assert verdict.outcome is Outcome.DONE, verdict


def rows(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()
