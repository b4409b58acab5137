"""What the other tests here look for they would see: each of these faults, made by hand."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from ledger import Account, Memory, settle
from load import Worker
from looking import read
from servers import Zygote, copied
from stored import Rows, calm
from world import World

from storage import Database

STEPS = 70
_IN_SUPPORT = "folder_id = (SELECT id FROM folder WHERE name = 'Trackers/Support')"
_FIRST = (
    f"uid = (SELECT min(uid) FROM entry WHERE {_IN_SUPPORT} AND NOT rendered) AND {_IN_SUPPORT}"
)
_LAST = "id = (SELECT max(id) FROM drop_record WHERE command = 'APPEND')"
FAULTS = {
    "a message is gone": f"DELETE FROM entry WHERE {_FIRST}",
    "a recovered message is gone": "DELETE FROM entry WHERE folder_id IN"
    " (SELECT id FROM folder WHERE name = 'Recovered Messages')",
    "a message is there twice": "INSERT INTO entry (folder_id, uid, stored_message_id, rendered,"
    " size, flags, keywords, internal_at, internal_zone, saved_at, modseq)"
    " SELECT e.folder_id, f.uidnext, e.stored_message_id, 0, e.size, 0, '', e.internal_at, 0,"
    " e.saved_at, 1 FROM entry e JOIN folder f ON f.id = e.folder_id"
    " WHERE f.name = 'INBOX' LIMIT 1",
    "a message is where nobody put it": "INSERT INTO entry (folder_id, uid, stored_message_id,"
    " rendered, size, flags, keywords, internal_at, internal_zone, saved_at, modseq)"
    " SELECT d.id, 1, e.stored_message_id, 0, e.size, 0, '', e.internal_at, 0, e.saved_at, 1"
    " FROM entry e, folder d WHERE d.name = 'Drafts' LIMIT 1",
    "a message has another UID": f"UPDATE entry SET uid = uid + 100000 WHERE {_FIRST}",
    "octets have changed": "UPDATE message_chunk SET bytes = zeroblob(length(bytes))"
    " WHERE stored_message_id = (SELECT max(id) FROM message)",
    "a piece is gone": "DELETE FROM message_chunk"
    " WHERE stored_message_id = (SELECT max(id) FROM message)",
    "what FETCH serves is gone": "DELETE FROM message_ready"
    " WHERE stored_message_id = (SELECT max(id) FROM message)",
    "a flag has changed": "UPDATE entry SET flags = 7 - flags,"
    " keywords = CASE keywords WHEN '' THEN '$Later' ELSE '' END",
    "a date has changed": "UPDATE entry SET internal_at = internal_at + 1",
    "UIDVALIDITY has changed": "UPDATE folder SET uidvalidity = uidvalidity + 1000"
    " WHERE name = 'INBOX'",
    "UIDNEXT has gone back": "UPDATE folder SET uidnext = 1 WHERE name = 'Trackers/Support'",
    "MODSEQ has gone back": "UPDATE folder SET modseq = 1 WHERE name = 'Trackers/Support'",
    "the activity has left its group": "DELETE FROM activity_in_group"
    " WHERE activity_id IN (SELECT max(activity_id) FROM email_activity)",
    "the entry has lost its activity": f"UPDATE entry SET activity_id = NULL WHERE {_FIRST}",
    "an activity has another number": "UPDATE activity SET number = number + 100000"
    " WHERE id IN (SELECT max(activity_id) FROM email_activity)",
    "numbers are given out again": "UPDATE segment SET next_number = 10000004",
    "a link is gone": "DELETE FROM link",
    "a follow-up is gone": "DELETE FROM follow_up WHERE from_activity_id IS NOT NULL",
    "the wrappers' follow-ups are gone": "DELETE FROM follow_up WHERE from_activity_id IS NULL",
    "names have lost their marks": "UPDATE activity SET name = replace(name, ' [#', ' (#')",
    "a wrapper's activity is there twice": "UPDATE activity SET name ="
    " (SELECT name FROM activity WHERE name LIKE 'Wrapped %' LIMIT 1) WHERE number = 10000002",
    "a record is gone": f"DELETE FROM drop_record WHERE {_LAST}",
    "a record is there twice": "UPDATE drop_record SET sha256 ="
    f" (SELECT sha256 FROM drop_record WHERE {_LAST})"
    " WHERE id = (SELECT min(id) FROM drop_record WHERE command = 'APPEND')",
    "an activity's message is gone": "DELETE FROM entry WHERE rendered",
    "an activity's message is there twice": "INSERT INTO entry SELECT folder_id, uid + 100000,"
    " stored_message_id, activity_id, rendered, randomblob(8), size, flags, keywords, internal_at,"
    " internal_zone, saved_at, modseq FROM entry WHERE rendered LIMIT 1",
    "an activity's message is an old one": "INSERT INTO rendering (segment_id, activity_id,"
    " number, message_id, identity, made_at) SELECT segment_id, activity_id, number + 1,"
    " message_id, identity, made_at FROM rendering",
    "an activity's message stands elsewhere": "UPDATE entry SET folder_id ="
    " (SELECT id FROM folder WHERE name = 'Trackers/Archive') WHERE rendered",
    "a spent UID is used": "UPDATE entry SET uid = (SELECT first_uid FROM expunged_run r"
    f" WHERE r.folder_id = entry.folder_id LIMIT 1) WHERE {_FIRST}",
}


@dataclass(frozen=True)
class Past:
    """A directory, and what was acknowledged of it."""

    data: Path
    account: Account
    memory: Memory
    rows: Rows
    world: World


@pytest.fixture(scope="module")
def past(
    zygote: Zygote, template: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory
) -> Past:
    data = copied(template[0], tmp_path_factory.mktemp("past") / "data")
    server = zygote.start(data)
    assert server.port is not None
    worker = Worker("alice", "alice0", 5)
    worker.begin(server.port, STEPS)
    worker.join()
    calm(data / "imapgate.db")
    server.kill()
    assert worker.account.flags
    memory, rows = Memory(), Rows()
    _look(data, template[1], worker.account, memory, rows)
    return Past(data, worker.account, memory, rows, template[1])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen(fault: str, past: Past, tmp_path: Path, figures: Counter[str]) -> None:
    """Without it everything is in order; with it the look fails."""
    data = copied(past.data, tmp_path / "data")
    with closing(sqlite3.connect(data / "imapgate.db")) as db:
        changed = db.execute(FAULTS[fault]).rowcount
        db.commit()
    assert changed > 0
    with pytest.raises(AssertionError):
        _look(data, past.world, past.account.copy(), past.memory.copy(), past.rows.copy())
    figures["faults made by hand and seen"] += 1


def _look(data: Path, world: World, account: Account, memory: Memory, rows: Rows) -> None:
    file = data / "imapgate.db"
    database = Database.open(file)
    try:
        rows.look(file)
        found = read(replace(world, db=database), rows)
        settle(found, [account], [None], memory)
        rows.compare(file, [account], found)
    finally:
        database.close()
