"""Whole commands against a server in memory with a database: whatever a client says, there is an
answer, and it is never that something of ours went wrong."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import world as worlds
from corpus import MESSAGES
from desk import Desk
from transcript import Stage

from imapgate.folders.sign_in import Admission
from storage import Database
from storage import people as rows

FOLDERS = (b"INBOX", b"Trackers/Support", b"Trackers", b'"Recovered Messages"')
OURS = (b"SERVERBUG", b"an error of ours")
MAILS = 20


def session(octets: bytes) -> None:
    """The first octet says who is there, which folder is selected and what is enabled; then what
    the client sends."""
    stage, admissions = _stage()
    if not octets:
        return
    client = stage.connect("fuzzed")
    told = client.wire.take()
    if octets[0] & 8:
        client.protocol._session.sign_in(admissions[octets[0] & 1])
        for bit, names in ((16, b"IMAP4rev2"), (32, b"UTF8=ACCEPT"), (64, b"QRESYNC")):
            if octets[0] & bit:
                client.send(b"e ENABLE %b\r\n" % names)
        client.send(b"s SELECT %b\r\n" % FOLDERS[octets[0] >> 1 & 3])
    client.send(octets[1:] + b"\r\n")
    stage.tell_news()
    told += client.wire.take()
    client.lose()
    stage.tell_news()
    assert not any(one in told for one in OURS), told[-300:]
    assert stage.server.budget.left == stage.server.limits.process_literals


@cache
def _stage() -> tuple[Stage, list[Admission]]:
    """alice and bob, with mails of every kind in INBOX and a group."""
    directory = TemporaryDirectory()
    atexit.register(directory.cleanup)
    db = Database.create(Path(directory.name) / "imapgate.db", "tests")
    atexit.register(db.close)
    world = worlds.build(db)
    for person in (world.alice, world.bob):
        for folder in ("INBOX", "Trackers/Support"):
            Desk(world, person).append(folder, *list(MESSAGES.values())[:MAILS])
    people = [world.alice, world.bob]
    hashes = db.read(lambda tx: rows.enabled(tx, [one.id for one in people]))
    return Stage(world), [Admission(one, hashes[one.id]) for one in people]
