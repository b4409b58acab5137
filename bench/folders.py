"""How long LIST takes with thousands of open activities, each of which is a folder.

    python bench/folders.py [--open 5000] [--closed 200000] [--rounds 5]

Five groups share the activities, all of which one person sees; a hundred are assigned to that
person. Processor time of the whole command, of which the hop is nearly all; LIST-STATUS makes all
folders the first time. The best round counts; nothing is asserted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert, select

from imapgate.limits import Limits
from storage import Database, Tx
from storage.schema import activity, activity_in_group, activity_type, process_state

# Behind the packages, since the tests of `storage` stand in a directory of that name.
sys.path.append(str(Path(__file__).parent.parent / "tests"))

import world as worlds
from transcript import Stage

GROUPS = ("Support", "Sales", "Archive", "Meetings", "E-Mails")
ASSIGNED = 100
AT_ONCE = 10_000
COMMANDS = (
    ('LIST "" *', None),
    ('LIST "" %', None),
    ('LIST (SUBSCRIBED) "" *', None),
    ('LSUB "" *', None),
    ('STATUS "Activities/Support" (MESSAGES)', 1),
    ('LIST "" * RETURN (STATUS (MESSAGES UNSEEN))', 1),
    ('LIST "" * RETURN (STATUS (MESSAGES))', None),
    ('LIST "" *', None),
)
"""With how many rounds; None: as many as are asked for."""


def fill(world: worlds.World, number: int, closed: bool) -> None:
    """So many activities of type Bug, over the groups in turn; every third in two of them."""

    def work(tx: Tx, first: int, last: int) -> None:
        type_id, process_id = tx.connection.execute(
            select(activity_type.c.id, activity_type.c.process_id).where(
                activity_type.c.name == "Bug"
            )
        ).one()
        state_id = (
            tx.connection.execute(
                select(process_state.c.id).where(
                    process_state.c.process_id == process_id, process_state.c.is_closed.is_(closed)
                )
            )
            .scalars()
            .first()
        )
        ids = [10_000_000 + closed * 1_000_000 + n for n in range(first, last)]
        tx.connection.execute(
            insert(activity),
            [
                {
                    "id": one,
                    "segment_id": world.segment_id,
                    "number": one,
                    "type_id": type_id,
                    "name": f"Gadget {one} does not boot since the last update",
                    "description": "",
                    "detailed_description": "",
                    "state_id": state_id,
                    "percent_complete": 0,
                    "priority": 2,
                    "assigned_to_id": world.alice.id if n < ASSIGNED else None,
                    "created_at": 1,
                    "modified_at": one,
                }
                for n, one in enumerate(ids, first)
            ],
        )
        rows = []
        for n, one in enumerate(ids, first):
            for way in range(2 if n % 3 == 0 else 1):
                group_id = world.groups[GROUPS[(n + way) % len(GROUPS)]]
                rows.append({"activity_id": one, "group_id": group_id})
        tx.connection.execute(insert(activity_in_group), rows)

    for first in range(0, number, AT_ONCE):
        last = min(first + AT_ONCE, number)
        world.db.write(lambda tx, first=first, last=last: work(tx, first, last))  # type: ignore[misc]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--open", type=int, default=5000)
    options.add_argument("--closed", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        database = Database.create(Path(directory) / "bench.db", "bench")
        world = worlds.build(database)
        fill(world, chosen.open, closed=False)
        fill(world, chosen.closed, closed=True)
        stage = Stage(world, Limits(login_delay=0.0, activity_folders=chosen.open))
        stage.client("alice")
        try:
            for command, rounds in COMMANDS:
                count = chosen.rounds if rounds is None else rounds
                lines, took = min(_measure(stage, command) for _ in range(count))
                print(f"{command:<50} {lines:>6,} lines {took * 1000:>8.1f} ms")
        finally:
            stage.close()
            database.close()


def _measure(stage: Stage, command: str) -> tuple[int, float]:
    """(lines of the answer, seconds of processor time)."""
    client = stage.client("alice")
    begun = time.process_time()
    client.send(f"z {command}\r\n".encode())
    took = time.process_time() - begun
    answer = bytearray()
    while b"\r\nz OK" not in answer:
        answer += client.wire.take()
    return answer.count(b"\r\n"), took


if __name__ == "__main__":
    main()
