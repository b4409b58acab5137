"""What must hold in any database file, whatever happened to it, and what changed between two
moments: read with the driver alone, so that no code of imapgate's is trusted."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

Rows = dict[str, Counter[tuple[Any, ...]]]

PASSING = ("change", "sqlite_sequence")
"""Tables of news and of SQLite's own, which say nothing of anybody's mail."""

NOTHING_FROM = {
    "an e-mail activity without a message": """
        SELECT activity_id FROM email_activity AS e
        WHERE NOT EXISTS (SELECT 1 FROM message WHERE id = e.stored_message_id)""",
    "an activity of class E-Mail without its mail": """
        SELECT a.number FROM activity AS a JOIN activity_type AS t ON t.id = a.type_id
        WHERE t.activity_class = 'E-Mail'
        AND NOT EXISTS (SELECT 1 FROM email_activity WHERE activity_id = a.id)""",
    "an e-mail activity without its note of headers": """
        SELECT activity_id FROM email_activity AS e
        WHERE NOT EXISTS (SELECT 1 FROM note WHERE activity_id = e.activity_id)""",
    "an entry in a group without an activity": """
        SELECT e.folder_id, e.uid FROM entry AS e JOIN folder AS f ON f.id = e.folder_id
        WHERE f.kind = 'group' AND (e.activity_id IS NULL OR e.identity IS NULL)""",
    "an entry whose activity isn't in the group": """
        SELECT e.folder_id, e.uid FROM entry AS e JOIN folder AS f ON f.id = e.folder_id
        WHERE f.kind = 'group' AND NOT EXISTS (
            SELECT 1 FROM activity_in_group AS g
            WHERE g.activity_id = e.activity_id AND g.group_id = f.group_id)""",
    "an e-mail activity in a group without an entry": """
        SELECT g.activity_id, g.group_id FROM activity_in_group AS g
        JOIN email_activity AS m ON m.activity_id = g.activity_id
        JOIN folder AS f ON f.group_id = g.group_id
        WHERE NOT EXISTS (
            SELECT 1 FROM entry WHERE folder_id = f.id AND activity_id = g.activity_id)""",
    "an entry in a group that was nobody's drop": """
        SELECT e.folder_id, e.uid FROM entry AS e JOIN folder AS f ON f.id = e.folder_id
        WHERE f.kind = 'group' AND NOT EXISTS (
            SELECT 1 FROM entry_dropper AS d WHERE d.folder_id = e.folder_id AND d.uid = e.uid)""",
    "a dropper of nothing": """
        SELECT d.folder_id, d.uid FROM entry_dropper AS d
        WHERE NOT EXISTS (SELECT 1 FROM entry WHERE folder_id = d.folder_id AND uid = d.uid)""",
    "a link without its follow-up": """
        SELECT l.from_id, l.to_id FROM link AS l WHERE NOT EXISTS (
            SELECT 1 FROM follow_up
            WHERE activity_id = l.to_id AND from_activity_id = l.from_id)""",
    "a follow-up without its link": """
        SELECT u.id FROM follow_up AS u WHERE u.from_activity_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM link WHERE from_id = u.from_activity_id AND to_id = u.activity_id)""",
    "a UID beyond its folder's counter": """
        SELECT e.folder_id, e.uid FROM entry AS e JOIN folder AS f ON f.id = e.folder_id
        WHERE e.uid >= f.uidnext OR e.modseq > f.modseq""",
    "an expunged UID beyond its folder's counter": """
        SELECT e.folder_id, e.first_uid FROM expunged_run AS e
        JOIN folder AS f ON f.id = e.folder_id
        WHERE e.last_uid >= f.uidnext OR e.modseq > f.modseq""",
    "an entry under an expunged UID": """
        SELECT e.folder_id, e.uid FROM entry AS e JOIN expunged_run AS x
        ON x.folder_id = e.folder_id AND e.uid BETWEEN x.first_uid AND x.last_uid""",
    "a UID between the counter and what was given out": """
        SELECT f.id, f.uidnext FROM folder AS f
        WHERE f.uidnext - 1 > (
            SELECT count(*) FROM entry WHERE folder_id = f.id) + (
            SELECT coalesce(sum(last_uid - first_uid + 1), 0) FROM expunged_run
            WHERE folder_id = f.id)""",
    "a folder that counts other messages than stand in it": """
        SELECT f.id, f.messages, f.octets FROM folder AS f
        WHERE f.messages <> (SELECT count(*) FROM entry WHERE folder_id = f.id)
        OR f.octets <> (SELECT coalesce(sum(size), 0) FROM entry WHERE folder_id = f.id)""",
    "a number beyond its segment's counter": """
        SELECT a.number FROM activity AS a JOIN segment AS s ON s.id = a.segment_id
        WHERE a.number >= s.next_number""",
    "a number that was given out for nothing": """
        SELECT s.next_number FROM segment AS s WHERE s.next_number - 10000001 > (
            SELECT count(*) FROM activity WHERE segment_id = s.id)""",
    "a UIDVALIDITY beyond the counter": """
        SELECT id FROM folder WHERE uidvalidity > (
            SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'uidvalidity')""",
    "a message that nothing refers to": """
        SELECT id FROM message AS m WHERE
            NOT EXISTS (SELECT 1 FROM entry WHERE stored_message_id = m.id)
        AND NOT EXISTS (SELECT 1 FROM expunged_entry WHERE stored_message_id = m.id)
        AND NOT EXISTS (SELECT 1 FROM drop_record WHERE stored_message_id = m.id)
        AND NOT EXISTS (SELECT 1 FROM email_activity WHERE stored_message_id = m.id)
        AND NOT EXISTS (SELECT 1 FROM media WHERE stored_message_id = m.id)""",
    "a message that isn't ready to be served, filed or searched": """
        SELECT id FROM message AS m WHERE
            NOT EXISTS (SELECT 1 FROM message_ready WHERE stored_message_id = m.id)
        OR  NOT EXISTS (SELECT 1 FROM message_digest WHERE stored_message_id = m.id)
        OR  NOT EXISTS (SELECT 1 FROM message_text WHERE stored_message_id = m.id)
        OR  NOT EXISTS (SELECT 1 FROM message_order WHERE stored_message_id = m.id)
        OR  email_id IS NULL OR thread_id IS NULL""",
    "a size that isn't the message's": """
        SELECT e.folder_id, e.uid FROM entry AS e JOIN message AS m ON m.id = e.stored_message_id
        WHERE e.size <> m.size""",
    "a filed drop whose UID isn't there": """
        SELECT d.id FROM drop_record AS d WHERE d.verdict = 'filed' AND NOT EXISTS (
            SELECT 1 FROM entry WHERE folder_id = d.folder_id AND uid = d.uid)
        AND NOT EXISTS (SELECT 1 FROM expunged_run
            WHERE folder_id = d.folder_id AND d.uid BETWEEN first_uid AND last_uid)""",
    "a personal message that stands twice in Recovered Messages": """
        SELECT e.stored_message_id FROM entry AS e JOIN folder AS f ON f.id = e.folder_id
        WHERE f.name = 'Recovered Messages' GROUP BY f.id, e.stored_message_id
        HAVING count(*) > 1""",
}
"""What must not be found, and the query that would find it."""


def snapshot(path: Path) -> Rows:
    """Every row of every table but the PASSING ones."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN")
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in PASSING
        ]
        return {
            name: Counter(connection.execute(f'SELECT * FROM "{name}"').fetchall())
            for name in names
        }


def changed(before: Rows, after: Rows) -> dict[str, tuple[int, int]]:
    """Table -> (rows that went, rows that came), of the tables that aren't as they were."""
    found = {name: (before[name] - after[name], after[name] - before[name]) for name in before}
    return {
        name: (gone.total(), come.total()) for name, (gone, come) in found.items() if gone or come
    }


def problems(path: Path, whole: bool = False) -> list[str]:
    """What is wrong; empty for a sound database. whole: SQLite's own integrity check too, which
    takes as long as all the rest."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN")
        found = [
            f"{what}: {rows[:5]}"
            for what, query in NOTHING_FROM.items()
            if (rows := connection.execute(query).fetchall())
        ]
        if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
            found.append(f"rows that refer to nothing: {broken[:5]}")
        if whole and (said := connection.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            found.append(f"integrity: {said[:5]}")
        for message_id, sha256, size in connection.execute("SELECT id, sha256, size FROM message"):
            content = b"".join(
                row[0]
                for row in connection.execute(
                    "SELECT bytes FROM message_chunk WHERE stored_message_id = ? ORDER BY n",
                    (message_id,),
                )
            )
            if len(content) != size or hashlib.sha256(content).digest() != sha256:
                found.append(f"message {message_id} isn't the bytes that came")
    return found


def standing(path: Path, content: bytes) -> list[tuple[str, str | None, int]]:
    """(folder, owner, UID) of all entries of these bytes, in every folder of the database."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            """
            SELECT f.name, p.name, e.uid FROM entry AS e
            JOIN message AS m ON m.id = e.stored_message_id
            JOIN folder AS f ON f.id = e.folder_id
            LEFT JOIN principal AS p ON p.id = f.owner_id
            WHERE m.sha256 = ? ORDER BY f.name, p.name, e.uid
            """,
            (hashlib.sha256(content).digest(),),
        ).fetchall()
