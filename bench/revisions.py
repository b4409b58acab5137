"""What a change of one activity costs in a big group, and how long drops wait while thousands of
activities get their first messages.

    python bench/revisions.py [--messages 100000] [--members 50] [--quiet 2000]

Rows: what the writer inserts, updates and deletes for one new revision, in a group with few entries
and in one with many; milliseconds of the whole pass, and of its transaction. Drops: one after the
other into another group, without and with the worker beside them. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from imapgate.activities import groups, users
from imapgate.folders import groups as folder_groups
from imapgate.folders import ready
from imapgate.folders.revisions import making
from imapgate.folders.revisions.work import Work
from imapgate.limits import Limits
from storage import Database, Tx, runs, seen
from storage import revisions as rows
from storage.entries import NewEntry, add, next_modseq
from storage.schema import SEEN, activity_due

# Behind the packages, since the tests of `storage` stand in a directory of that name.
sys.path.append(str(Path(__file__).parent.parent / "tests"))

import world as worlds
from desk import Desk, mail
from revising import AT_ONCE, SALES, SUPPORT, Case, case

AT_A_TIME = 1000
ROUNDS = 5
DROPS = 200


def add_members(world: worlds.World, members: int) -> None:
    def work(tx: Tx) -> None:
        group = groups.find_group(tx, world.segment_id, "Support")
        for number in range(members - len(seen.members(tx, group.id))):
            name = f"user{number}"
            users.add_user(tx, world.segment_id, name, f"{name}@example.org", "x")
            principal_id, _ = groups.set_member(tx, group, f"{name}@Standard", "contributor")
            folder_groups.members_changed(tx, group.id, principal_id)

    world.db.write(work)


def fill(world: worlds.World, messages: int) -> None:
    """Support's folder; half of the members have read all, the others here and there."""
    folder = Desk(world, world.alice).folder(SUPPORT)
    prepared = ready.prepare(mail())

    def entries(tx: Tx) -> list[int]:
        new = NewEntry(ready.store(tx, world.segment_id, prepared), len(prepared.content), 1)
        return add(tx, folder.id, [new] * AT_A_TIME)

    for _ in range(0, messages, AT_A_TIME):
        world.db.write(entries)

    def read(tx: Tx) -> None:
        modseq = next_modseq(tx, folder.id)
        for number, one in enumerate(sorted(seen.members(tx, world.groups["Support"]))):
            some = [(1, messages)] if number % 2 else [(uid, uid) for uid in range(1, 2000, 3)]
            runs.write(tx, one, folder.id, some, SEEN, 0, modseq)

    world.db.write(read)


@contextmanager
def counted(db: Database) -> Iterator[Counter[str]]:
    """Rows that the writer changes, by verb and table."""
    found: Counter[str] = Counter()

    def after(_: Any, cursor: Any, statement: str, *__: Any) -> None:
        words = statement.split()
        if words[0] in ("INSERT", "UPDATE", "DELETE"):
            found[f"{words[0]} {words[1 if words[0] == 'UPDATE' else 2]}"] += max(
                cursor.rowcount, 0
            )

    event.listen(db._writing, "after_cursor_execute", after)
    try:
        yield found
    finally:
        event.remove(db._writing, "after_cursor_execute", after)


def one_change(world: worlds.World, one: Case, what: str) -> None:
    times = []
    transactions = []
    carry_out = making._carry_out

    def timed(*given: Any) -> bool:
        began = time.perf_counter()
        try:
            return carry_out(*given)
        finally:
            transactions.append(time.perf_counter() - began)

    making._carry_out = timed
    for number in range(ROUNDS):
        (_, uid) = one.stands()[0]
        for person in world.people.values():
            if Desk(world, person).find(SUPPORT) is not None:
                Desk(world, person).set_own(SUPPORT, [uid], SEEN)
        one.write(world.bob, f"Change {number}")
        began = time.perf_counter()
        with counted(world.db) as found:
            assert making.make_due(world.db, AT_ONCE) == 1
        times.append(time.perf_counter() - began)
    making._carry_out = carry_out
    print(
        f"{what}: {found.total()} rows; {min(times) * 1000:.1f} ms, of that"
        f" {min(transactions) * 1000:.1f} ms in the writer"
    )
    print("   ", ", ".join(f"{name} {count}" for name, count in sorted(found.items())))


def dropped(world: worlds.World, what: str) -> None:
    """Milliseconds that drops take."""
    alice, times = Desk(world, world.alice), []
    for number in range(DROPS):
        began = time.perf_counter()
        alice.append(SALES, mail(n=f"{what}{number}"))
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    print(
        f"drops {what}: median {statistics.median(times):.1f} ms,"
        f" 95 % {times[len(times) * 95 // 100]:.1f} ms, longest {times[-1]:.1f} ms"
    )


def quiet(world: worlds.World, count: int) -> None:
    for number in range(count):
        case(world, f"Case {number}")
    world.db.write(
        lambda tx: tx.connection.execute(activity_due.update().values(quiet=True, due_at=0))
    )
    dropped(world, "alone")
    work = Work(world.db, Limits())
    began = time.perf_counter()
    work.start()
    dropped(world, "beside the worker")
    while world.db.read(rows.next_due) is not None:
        time.sleep(0.05)
    took = time.perf_counter() - began
    work.stop()
    print(f"{count} quiet ones: {took:.1f} s, {count / took:.0f} a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--quiet", type=int, default=2_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "imapgate.db"
        Database.create(path, "bench").close()
        db = Database.open(path)
        world = worlds.build(db)
        add_members(world, given.members)
        one = case(world)
        making.make_due(db, AT_ONCE)
        one_change(world, one, f"{given.members} members, 1 entry")
        fill(world, given.messages)
        one_change(world, one, f"{given.members} members, {given.messages:,} entries")
        quiet(world, given.quiet)
        db.close()


if __name__ == "__main__":
    main()
