"""What tests of drops do and look at: mails, drops, and the rows that they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from world import World

from imapgate.activities.people import Person
from imapgate.folders import drops, tree
from imapgate.folders.folder import Folder
from imapgate.folders.verdict import Verdict
from imapgate.limits import Limits
from storage import entries as entry_rows
from storage import messages, runs
from storage.schema import (
    DELETED,
    SEEN,
    activity,
    activity_in_group,
    drop_record,
    entry,
    entry_dropper,
    link,
    message,
)

LIMITS = Limits()


def mail(
    subject: str = "Hello", n: int | str = 1, body: str = "Good morning.", extra: str = ""
) -> bytes:
    """A small mail; n makes it another one."""
    return (
        f"From: Erika <erika@example.com>\r\nTo: support@example.org\r\nSubject: {subject}\r\n"
        f"Date: Mon, 06 Jan 2025 10:00:00 +0000\r\nMessage-ID: <m{n}@example.com>\r\n{extra}\r\n"
        f"{body}\r\n"
    ).encode()


def wrapper(subject: str, *attached: bytes, text: str = "Please look.") -> bytes:
    """A mail with other mails attached."""
    parts = [b"Content-Type: text/plain\r\n\r\n" + text.encode() + b"\r\n"]
    parts += [b"Content-Type: message/rfc822\r\n\r\n" + one for one in attached]
    boundary = b"--=_b\r\n"
    head = (
        f"From: alice@example.org\r\nTo: crm@example.org\r\nSubject: {subject}\r\n"
        "Message-ID: <w@example.com>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n'
    ).encode()
    return head + b"".join(boundary + part + b"\r\n" for part in parts) + b"--=_b--\r\n"


@dataclass(frozen=True, slots=True)
class Row:
    """An entry, with the person's own flags."""

    uid: int
    content: bytes
    flags: int
    keywords: tuple[str, ...]
    activity_id: int | None
    internal_at: int
    seen: bool
    deleted: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """One person at work."""

    world: World
    person: Person
    limits: Limits = LIMITS

    def append(
        self,
        name: str,
        *contents: bytes,
        flags: Sequence[bytes] = (),
        at: int | None = None,
    ) -> Verdict:
        arrivals = [drops.Arrival(one, tuple(flags), at, 0) for one in contents]
        return drops.append(self.world.db, self.person, name, arrivals, "Test 1.0", self.limits)

    def copy(self, source: str, uids: Sequence[int], name: str) -> Verdict:
        found = self.folder(source)
        return drops.copy(self.world.db, self.person, found, uids, name, "Test 1.0", self.limits)

    def move(self, source: str, uids: Sequence[int], name: str) -> Verdict:
        found = self.folder(source)
        return drops.move(self.world.db, self.person, found, uids, name, "Test 1.0", self.limits)

    def find(self, name: str) -> Folder | None:
        return self.world.db.read(lambda tx: tree.find(tx, self.person, name))

    def folder(self, name: str) -> Folder:
        found = self.find(name)
        assert found is not None, name
        return found

    def names(self) -> list[str]:
        found = self.world.db.read(lambda tx: tree.list_folders(tx, self.person, self.limits))
        return [one.name for one in found]

    def rows(self, name: str) -> list[Row]:
        folder_id = self.folder(name).id

        def work(tx: Any) -> list[Row]:
            own = runs.load(tx, self.person.id, folder_id)
            found = tx.connection.execute(
                select(entry).where(entry.c.folder_id == folder_id).order_by(entry.c.uid)
            ).all()
            return [
                Row(
                    one.uid,
                    content_of(tx, one.stored_message_id),
                    one.flags,
                    tuple(one.keywords.split()),
                    one.activity_id,
                    one.internal_at,
                    bool(runs.flags_at(own, one.uid) & SEEN),
                    bool(runs.flags_at(own, one.uid) & DELETED),
                )
                for one in found
            ]

        return self.world.db.read(work)

    def contents(self, name: str) -> list[bytes]:
        return [one.content for one in self.rows(name)]

    def recovered(self) -> list[tuple[bytes, tuple[str, ...]]]:
        return [(one.content, one.keywords) for one in self.rows("Recovered Messages")]

    def set_own(self, name: str, uids: Sequence[int], bits: int) -> None:
        folder_id = self.folder(name).id

        def work(tx: Any) -> None:
            modseq = entry_rows.next_modseq(tx, folder_id)
            runs.write(tx, self.person.id, folder_id, runs.stretches(uids), bits, 0, modseq)

        self.world.db.write(work)

    def droppers(self, name: str) -> dict[int, list[int]]:
        folder_id = self.folder(name).id
        found: dict[int, list[int]] = {}
        rows = self.world.db.read(
            lambda tx: tx.connection.execute(
                select(entry_dropper.c.uid, entry_dropper.c.principal_id)
                .where(entry_dropper.c.folder_id == folder_id)
                .order_by(entry_dropper.c.uid, entry_dropper.c.principal_id)
            ).all()
        )
        for uid, principal_id in rows:
            found.setdefault(uid, []).append(principal_id)
        return found


def content_of(tx: Any, stored_message_id: int) -> bytes:

    size = messages.size(tx, stored_message_id)
    return messages.read_range(tx, stored_message_id, 0, size)


def records(world: World) -> list[Any]:
    """All drop records, oldest first."""
    return list(
        world.db.read(
            lambda tx: tx.connection.execute(select(drop_record).order_by(drop_record.c.id)).all()
        )
    )


def activities(world: World) -> list[Any]:
    return list(
        world.db.read(
            lambda tx: tx.connection.execute(select(activity).order_by(activity.c.id)).all()
        )
    )


def groups_of(world: World, activity_id: int) -> set[int]:
    return set(
        world.db.read(
            lambda tx: (
                tx.connection.execute(
                    select(activity_in_group.c.group_id).where(
                        activity_in_group.c.activity_id == activity_id
                    )
                )
                .scalars()
                .all()
            )
        )
    )


def links(world: World) -> list[tuple[int, int]]:
    rows = world.db.read(
        lambda tx: tx.connection.execute(select(link.c.from_id, link.c.to_id)).all()
    )
    return [(row[0], row[1]) for row in rows]


def message_count(world: World) -> int:
    return len(
        world.db.read(lambda tx: tx.connection.execute(select(message.c.id)).scalars().all())
    )
