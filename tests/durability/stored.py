"""What only the rows of the database show: activities, links, follow-ups, records, whole bytes."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ledger import GROUPS, NEW, PLACES, Account, Found, Place

PATIENCE = 60.0
_HEADS = """
    SELECT coalesce(p.name, ''), f.name, f.uidvalidity, f.uidnext, f.modseq,
        (SELECT max(modseq) FROM entry WHERE folder_id = f.id),
        (SELECT max(modseq) FROM expunged_run WHERE folder_id = f.id),
        (SELECT max(modseq) FROM user_run WHERE folder_id = f.id),
        (SELECT max(last_uid) FROM expunged_run WHERE folder_id = f.id)
    FROM folder f LEFT JOIN principal p ON p.id = f.owner_id"""
_ACTIVITIES = """
    SELECT hex(m.sha256), a.id, a.number, a.name FROM email_activity e
    JOIN message m ON m.id = e.stored_message_id JOIN activity a ON a.id = e.activity_id"""
_LINKS = """
    SELECT l.from_id, t.number, l.kind,
        (SELECT count(*) FROM follow_up f
            WHERE f.activity_id = l.to_id AND f.from_activity_id = l.from_id)
    FROM link l JOIN activity t ON t.id = l.to_id"""
_NOTHING = {
    "an entry of a group without its activity": """
        SELECT e.folder_id, e.uid FROM entry e JOIN folder f ON f.id = e.folder_id
        LEFT JOIN email_activity a ON a.activity_id = e.activity_id
            AND a.stored_message_id = e.stored_message_id
        LEFT JOIN activity_in_group g ON g.activity_id = e.activity_id AND g.group_id = f.group_id
        WHERE f.group_id IS NOT NULL AND NOT e.rendered
            AND (a.activity_id IS NULL OR g.group_id IS NULL)""",
    "an activity's message that is old, or not in its place": """
        SELECT e.folder_id, e.uid FROM entry e JOIN folder f ON f.id = e.folder_id
        LEFT JOIN rendering r ON r.stored_message_id = e.stored_message_id
            AND r.activity_id = e.activity_id
        LEFT JOIN activity_in_group g ON g.activity_id = e.activity_id AND g.group_id = f.group_id
        WHERE e.rendered AND (r.id IS NULL OR g.group_id IS NULL OR r.number <
            (SELECT max(number) FROM rendering WHERE activity_id = e.activity_id))""",
    "two messages of an activity in a group": """
        SELECT folder_id, activity_id FROM entry WHERE rendered
        GROUP BY folder_id, activity_id HAVING count(*) > 1""",
    "an activity in a group without its message": """
        SELECT a.activity_id, a.group_id FROM activity_in_group a
        JOIN folder f ON f.group_id = a.group_id
        LEFT JOIN entry e ON e.folder_id = f.id AND e.activity_id = a.activity_id
        LEFT JOIN activity_due d ON d.activity_id = a.activity_id
        WHERE e.uid IS NULL AND d.activity_id IS NULL""",
    "an e-mail activity in a group without its entry": """
        SELECT a.activity_id, g.group_id FROM email_activity a
        JOIN activity_in_group g ON g.activity_id = a.activity_id
        JOIN folder f ON f.group_id = g.group_id
        LEFT JOIN entry e ON e.folder_id = f.id AND e.activity_id = a.activity_id
        WHERE e.uid IS NULL""",
    "an entry at an expunged UID": """
        SELECT e.folder_id, e.uid FROM entry e JOIN expunged_run r
        ON r.folder_id = e.folder_id AND e.uid BETWEEN r.first_uid AND r.last_uid""",
    "a follow-up of a mail that isn't linked": """
        SELECT f.id FROM follow_up f LEFT JOIN link l
        ON l.from_id = f.from_activity_id AND l.to_id = f.activity_id
        WHERE f.from_activity_id IS NOT NULL AND l.from_id IS NULL""",
    "a message without what is made of it": """
        SELECT m.id FROM message m WHERE NOT EXISTS
            (SELECT 1 FROM message_ready r WHERE r.stored_message_id = m.id)
        OR NOT EXISTS (SELECT 1 FROM message_digest d WHERE d.stored_message_id = m.id)
        OR NOT EXISTS (SELECT 1 FROM message_text t WHERE t.stored_message_id = m.id)
        OR NOT EXISTS (SELECT 1 FROM message_order o WHERE o.stored_message_id = m.id)""",
    "a message that isn't whole": """
        SELECT m.id FROM message m LEFT JOIN message_chunk c ON c.stored_message_id = m.id
        GROUP BY m.id HAVING coalesce(sum(length(c.bytes)), 0) <> m.size
        OR count(c.n) <> (m.size + 262143) / 262144""",
    "a number that the segment has not given out": """
        SELECT a.id FROM activity a JOIN segment s ON s.id = a.segment_id
        WHERE a.number >= s.next_number""",
}
_BYTES = """
    SELECT m.id, m.sha256, c.bytes FROM message m
    JOIN message_chunk c ON c.stored_message_id = m.id WHERE m.id > ? ORDER BY m.id, c.n"""


@dataclass(slots=True)
class Rows:
    """Looks at one database again and again; what was once seen may not go back."""

    numbers: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    hashed: int = 0
    heads: dict[Place, dict[str, int]] = field(default_factory=dict)

    def copy(self) -> Rows:
        return Rows(dict(self.numbers), dict(self.counters), self.hashed, dict(self.heads))

    def look(self, file: Path, whole: bool = True) -> None:
        """What has to hold whatever was acknowledged. whole: with SQLite's own check of the file
        and the hash of every message, else of those that are new."""
        with closing(connected(file)) as db:
            if whole:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            for what, statement in _NOTHING.items():
                assert db.execute(statement).fetchall() == [], what
            self._look_at_bytes(db, 0 if whole else self.hashed)
            self._look_at_heads(db)
            self._look_at_counters(db)
            for key, _, number, _ in db.execute(_ACTIVITIES):
                known = self.numbers.setdefault(key.lower(), number)
                assert known == number, f"activity {known} has become {number}"

    def compare(self, file: Path, accounts: Sequence[Account], found: Found) -> None:
        """What has to hold of what was acknowledged; call it after `ledger.settle`."""
        with closing(connected(file)) as db:
            put = "SELECT count(*) FROM entry WHERE NOT rendered"
            entries = db.execute(put).fetchone()[0]
            assert entries == found.count, "a message stands where nobody put one"
            activities: dict[str, tuple[int, int, str]] = {}
            for key, identity, number, name in db.execute(_ACTIVITIES):
                assert key.lower() not in activities, "two activities of one mail"
                activities[key.lower()] = identity, number, name
            linked: dict[int, Counter[int]] = {}
            for from_id, number, kind, follow_ups in db.execute(_LINKS):
                assert (kind, follow_ups) == ("RELATES_TO", 1), "a link without one follow-up"
                linked.setdefault(from_id, Counter())[number] += 1
            for account in accounts:
                _compare_activities(account, activities)
            _compare_links(accounts, activities, linked)
            _compare_drops(db, accounts)
            _compare_wrappers(db, accounts)

    def _look_at_bytes(self, db: sqlite3.Connection, after: int) -> None:
        digests: dict[int, tuple[bytes, hashlib._Hash]] = {}
        for row, sha256, chunk in db.execute(_BYTES, (after,)):
            digests.setdefault(row, (sha256, hashlib.sha256()))[1].update(chunk)
        for row, (sha256, digest) in digests.items():
            assert digest.digest() == sha256, f"message {row} has changed"
        self.hashed = max([self.hashed, *digests])

    def _look_at_heads(self, db: sqlite3.Connection) -> None:
        found: dict[Place, dict[str, int]] = {}
        for owner, name, validity, uidnext, modseq, *below in db.execute(_HEADS):
            changed, expunged, own, last = (one or 0 for one in below)
            assert modseq >= max(changed, expunged, own), f"{name}: MODSEQ is behind"
            assert last < uidnext, f"{name}: UIDNEXT is behind"
            found[owner, name] = {"UIDVALIDITY": validity, "UIDNEXT": uidnext, "MODSEQ": modseq}
        values = [one["UIDVALIDITY"] for one in found.values()]
        assert len(set(values)) == len(values), "two folders with one UIDVALIDITY"
        (given,) = db.execute("SELECT value FROM meta WHERE key = 'uidvalidity'").fetchone()
        assert int(given) >= max(values)
        self.heads = {place: found[place] for place in PLACES}

    def _look_at_counters(self, db: sqlite3.Connection) -> None:
        counters = {
            "uidvalidity": "SELECT value FROM meta WHERE key = 'uidvalidity'",
            "next_number": "SELECT next_number FROM segment",
            "changes": "SELECT coalesce(max(id), 0) FROM change",
        }
        for name, statement in counters.items():
            value = int(db.execute(statement).fetchone()[0])
            assert value >= self.counters.get(name, 0), f"{name} went back"
            self.counters[name] = value


def calm(file: Path) -> None:
    """Waits until the server that runs has brought all activities' messages up to date."""
    until = time.monotonic() + PATIENCE
    with closing(connected(file)) as db:
        while db.execute("SELECT count(*) FROM activity_due").fetchone() != (0,):
            assert time.monotonic() < until, "activities' messages aren't brought up to date"
            time.sleep(0.01)


def connected(file: Path) -> sqlite3.Connection:
    """For looking only."""
    db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=30)
    db.execute("PRAGMA query_only=ON")
    return db


def _compare_activities(account: Account, activities: dict[str, tuple[int, int, str]]) -> None:
    for place in GROUPS:
        for key in account.at(place):
            assert key in activities, f"{place}: a mail without its activity"
    for key, number in account.numbers.items():
        assert activities[key][1] == number, f"filed as {number}, found {activities[key][1]}"


def _compare_links(
    accounts: Sequence[Account],
    activities: dict[str, tuple[int, int, str]],
    linked: dict[int, Counter[int]],
) -> None:
    """Each link and its mark in the name once, and none that nobody asked for."""
    wanted = {key: numbers for account in accounts for key, numbers in account.links.items()}
    for key, (row, _, name) in activities.items():
        numbers = wanted.get(key, frozenset())
        found = linked.get(row, Counter())
        if numbers == {NEW}:
            assert found.total() == 1, f"links of {name}"
            continue
        assert found == Counter(numbers), f"links of {name}"
        assert all(name.count(f"[#{number}]") == 1 for number in numbers), name


def _compare_drops(db: sqlite3.Connection, accounts: Sequence[Account]) -> None:
    """Every acknowledged drop has left its record, and nothing has left two."""
    rows = db.execute(
        "SELECT hex(sha256), sum(times) FROM drop_record WHERE command = 'APPEND' GROUP BY sha256"
    )
    found = {key.lower(): number for key, number in rows}
    drops = sum((account.drops for account in accounts), Counter())
    perhaps = sum((account.perhaps for account in accounts), Counter())
    for key in {*found, *drops}:
        low, high = drops[key], drops[key] + perhaps[key]
        number = found.get(key, 0)
        assert low <= number <= high, f"{number} records of {key}, not {low} to {high}"


def _compare_wrappers(db: sqlite3.Connection, accounts: Sequence[Account]) -> None:
    made = Counter(dict(db.execute("SELECT name, count(*) FROM activity GROUP BY name").fetchall()))
    told = Counter(
        dict(
            db.execute(
                "SELECT title, count(*) FROM follow_up WHERE from_activity_id IS NULL"
                " GROUP BY title"
            ).fetchall()
        )
    )
    for account in accounts:
        assert all(made[name] == 1 for name in account.made), "a wrapper's activity"
        assert all(told[title] == 1 for title in account.told), "a wrapper's follow-up"
