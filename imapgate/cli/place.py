"""Where a command works: its settings, its database and its segment."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapgate.activities.names import Mistake
from imapgate.activities.people import Person, person
from imapgate.activities.segments import Segment, find_segment, list_segments
from imapgate.servers.secrets import SecretKey
from imapgate.settings import Settings, load
from storage import Database, Tx
from storage.occupancy import at_work, is_served


@dataclass(frozen=True, slots=True)
class Place:
    """What stands before the command: `--data DIR` or `--config FILE`, at most one of them."""

    data: Path | None
    config: Path | None

    def settings(self, application: str = "imapgate") -> Settings:
        """application: names the default data directory. Raises SettingsError."""
        return load(data=self.data, config=self.config, environ=os.environ, application=application)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The database, for one command; a running server hears of what is changed. Raises Mistake
        if there is none yet, Occupied while it is being exchanged, and what `Database.open`
        raises."""
        file = self.existing()
        with at_work(file.parent):
            try:
                opened = Database.open(file)
            except FileNotFoundError:
                raise no_database(file) from None
            try:
                yield opened
            finally:
                opened.close()

    def secret_key(self) -> SecretKey:
        """What accounts' passwords are encrypted with; made when first needed. Raises
        SettingsError."""
        return SecretKey(self.settings().secrets_key_file)

    def existing(self) -> Path:
        """The database's file. Raises Mistake if there is none yet."""
        file = self.settings().database
        if not file.exists():
            raise no_database(file)
        return file


def no_database(file: Path) -> Mistake:
    """What to do where there is none."""
    return Mistake(
        f"There is no database {file}: "
        "make one with `imapgate init`, or say where it is with --data."
    )


def command_line(place: Place) -> str:
    """How this command was called, with `--data` or `--config`: to be pasted into a shell."""
    program = sys.argv[0]
    words = [sys.executable, "-m", "imapgate"] if program.endswith("__main__.py") else [program]
    if place.data is not None:
        words += ["--data", str(place.data)]
    if place.config is not None:
        words += ["--config", str(place.config)]
    return shlex.join(words)


def segment_of(tx: Tx, name: str | None) -> Segment:
    """The segment of that name; without a name the only one. Raises Mistake."""
    if name is None and len(list_segments(tx)) > 1:
        raise Mistake("There are several segments: say which one with --segment.")
    return find_segment(tx, name)


def login(tx: Tx, user: str, segment: str | None) -> str:
    """`alice@Standard` or an e-mail address as it is, `alice` in the segment. Raises Mistake."""
    return user if "@" in user else f"{user}@{segment_of(tx, segment).name}"


def acting(tx: Tx, user: str | None, segment: Segment) -> Person:
    """The user a command is done as; None: the segment's administrator. Raises Mistake."""
    if user is None:
        if segment.administrator is None:
            raise Mistake(f'Segment "{segment.name}" has no administrator: say who with --as.')
        user = segment.administrator
    found = person(tx, login(tx, user, segment.name))
    if found.segment_id != segment.id:
        raise Mistake(f'"{user}" is a user of another segment.')
    return found


def who_sends(place: Place) -> str:
    """What is told of a mail that was put into the outbox. Raises SettingsError."""
    if is_served(place.settings().data):
        return "The server sends it: `imapgate outbox list` tells how it goes."
    return "No server runs here: it waits until one does, or until `imapgate outbox send`."
